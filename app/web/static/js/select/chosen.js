// Which pictures are chosen. A set of ids, since tiles far from the reader are out of the page.
import { $, $$ } from "../core/dom.js";
import { everyTile } from "../gallery/far.js";

const grid = $("#grid");
const ids = new Set();
let anchor = null;
// All that match a filter, also those that were not loaded: `{filter, expected}`, and the filter's text.
let all = null;
let allOf = null;
let count = 0;

/** Return the ids, as numbers, in the order of the gallery. */
export const chosen = () => everyTile(grid).filter((tile) => ids.has(tile.dataset.id)).map((tile) => Number(tile.dataset.id));
export const size = () => ids.size;
/** Return `{filter, expected}` where all that match are meant, else null. */
export const everything = () => all;
/** Return a number that is another one after each change of the choice. */
export const changes = () => count;
/** Return the filter of what is shown, as text; undefined where nothing is filtered. */
export const filterShown = () => $("#around").dataset.filter;

/** Choose all that match what is shown, also what is loaded later: so many as the server counted. */
export function chooseAll(expected) {
  allOf = filterShown();
  all = { filter: JSON.parse(allOf), expected };
  settle();
}

/** Choose some tiles, or choose them no more. */
export function choose(tiles, wanted) {
  for (const tile of tiles) {
    if (wanted) ids.add(tile.dataset.id);
    else ids.delete(tile.dataset.id);
    show(tile);
  }
  changed();
}

/** Turn one tile round; `through` does as much with all between the last one and this. */
export function turn(tile, { through = false } = {}) {
  const tiles = everyTile(grid);
  const [at, from] = [tiles.indexOf(tile), tiles.findIndex((each) => each.dataset.id === anchor)];
  if (through && from >= 0) choose(tiles.slice(Math.min(at, from), Math.max(at, from) + 1), true);
  else choose([tile], !ids.has(tile.dataset.id));
  anchor = tile.dataset.id;
}

/** Choose all that were loaded. */
export const chooseLoaded = () => choose(everyTile(grid), true);

/** Choose none. */
export function clear() {
  const tiles = everyTile(grid).filter((tile) => ids.has(tile.dataset.id));
  ids.clear();
  tiles.forEach(show);
  changed();
}

/** Drop what left the gallery, and mark what came (back) into it. All that match stay chosen as more come. */
export function settle() {
  const tiles = everyTile(grid);
  const there = new Set(tiles.map((tile) => tile.dataset.id));
  const gone = [...ids].filter((id) => !there.has(id));
  for (const id of gone) ids.delete(id);
  const isOther = gone.length || (all && allOf !== filterShown());
  if (all && !isOther) for (const id of there) ids.add(id);
  tiles.forEach(show);
  if (isOther) changed();
  else tell();
}

function show(tile) {
  const box = $(".choose", tile);
  if (box) box.checked = ids.has(tile.dataset.id);
}

function changed() {
  all = null;
  count += 1;
  tell();
}

function tell() {
  document.dispatchEvent(new CustomEvent("chosen", { detail: { n: all?.expected ?? ids.size } }));
}

// What the browser kept of an earlier visit to the page.
for (const box of $$(".choose:checked", grid)) ids.add(box.value);
new MutationObserver(() => ids.size && settle()).observe(grid, { childList: true, subtree: true });
