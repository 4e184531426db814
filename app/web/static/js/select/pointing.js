// How pictures are chosen: the box, Ctrl or Cmd and click, Shift for all between; on phones a long
// press, then taps.
import { $, isTyping } from "../core/dom.js";
import { chooseLoaded, clear, size, turn } from "./chosen.js";

const LONG = 500;
const TREMBLE = 10;
const grid = $("#grid");
const tileOf = (event) => event.target.closest?.("#grid .tile");
let pressed = null;
let touching = false;
let swallow = false;

// Before all others that listen for a click on a tile.
addEventListener("click", (event) => {
  const tile = tileOf(event);
  if (!tile || event.button) return;
  if (swallow) {
    swallow = false;
    stop(event);
  } else if (event.target.matches(".choose")) {
    event.stopPropagation();
    // The box has turned itself already; a range is not for it alone.
    turn(tile, { through: event.shiftKey });
  } else if (event.target.closest("a")) {
    if (event.ctrlKey || event.metaKey) choose(event, tile);
    else if (size() && (event.shiftKey || touching)) choose(event, tile);
  }
}, true);

function choose(event, tile) {
  stop(event);
  turn(tile, { through: event.shiftKey });
}

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

addEventListener("pointerdown", (event) => {
  touching = event.pointerType === "touch";
  swallow = false;
  const tile = tileOf(event);
  if (!touching || !tile || !$(".choose", tile)) return;
  const timer = setTimeout(() => {
    pressed = null;
    swallow = true;
    turn(tile);
    navigator.vibrate?.(10);
  }, LONG);
  pressed = { timer, x: event.clientX, y: event.clientY };
}, true);
addEventListener("pointermove", (event) => {
  if (pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > TREMBLE) release();
}, true);
for (const type of ["pointerup", "pointercancel"]) addEventListener(type, release, true);

function release() {
  clearTimeout(pressed?.timer);
  pressed = null;
}

grid.addEventListener("contextmenu", (event) => touching && tileOf(event) && event.preventDefault());
grid.addEventListener("dragstart", (event) => touching && event.preventDefault());

addEventListener("keydown", (event) => {
  if (isTyping(event.target) || $("dialog[open]")) return;
  if (event.key === "Escape" && size()) clear();
  else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) chooseLoaded();
  else return;
  event.preventDefault();
});
// From now on a class tells style what it would have to look for among all tiles.
document.body.classList.add("choosing");
