// Arrow keys walk from picture to picture, up and down by where they lie.
import { $, $$ } from "../core/dom.js";
import { key } from "../core/keys.js";
import { more } from "./endless.js";

// How many tiles before and behind are looked at for the next row.
const NEARBY = 60;
const inGrid = () => Boolean(document.activeElement?.closest("#grid .tile"));
const middle = (tile) => {
  const box = tile.getBoundingClientRect();
  return box.left + box.width / 2;
};

async function step(by) {
  const [tiles, at] = here();
  if (at + by >= tiles.length) await more();
  focus($$("#grid .tile")[at + by]);
}

async function climb(down) {
  const [tiles, at] = here();
  const now = tiles[at].getBoundingClientRect().top;
  const beyond = down ? tiles.slice(at + 1, at + NEARBY) : tiles.slice(Math.max(0, at - NEARBY), at).reverse();
  const others = beyond.filter((tile) => Math.abs(tile.getBoundingClientRect().top - now) > 20);
  if (!others.length) return down && more();
  const row = others[0].getBoundingClientRect().top;
  const target = middle(tiles[at]);
  const inRow = others.filter((tile) => Math.abs(tile.getBoundingClientRect().top - row) < 20);
  return focus(inRow.sort((a, b) => Math.abs(middle(a) - target) - Math.abs(middle(b) - target))[0]);
}

function here() {
  const tiles = $$("#grid .tile");
  return [tiles, tiles.indexOf(document.activeElement.closest(".tile"))];
}

const focus = (tile) => tile && $("a", tile).focus();

key("ArrowRight", () => { step(1); }, { when: inGrid });
key("ArrowLeft", () => { step(-1); }, { when: inGrid });
key("ArrowDown", () => { climb(true); }, { when: inGrid });
key("ArrowUp", () => { climb(false); }, { when: inGrid });
