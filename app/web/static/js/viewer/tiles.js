// The gallery below the dialog: its tiles, those that were taken out of the page since too.
import { $ } from "../core/dom.js";
import { more } from "../gallery/endless.js";
import { bringIn, everyTile } from "../gallery/far.js";

const grid = $("#grid");

/** Return the tile of a picture, or undefined where the gallery has not come that far. */
export const tileOf = (id) => everyTile(grid).find((tile) => tile.dataset.id === String(id));

/** Let the gallery come as far as the viewer has gone. */
export function keepUp(id) {
  if (!tileOf(id)) more();
}

/** Show where a picture lies and focus its tile; tell whether there is one. */
export function returnTo(id) {
  const tile = tileOf(id);
  if (!tile) return false;
  bringIn(tile);
  tile.scrollIntoView({ block: "nearest" });
  $("a", tile).focus({ preventScroll: true });
  return true;
}

/** Take a picture's tile out of the gallery; return what puts it back. */
export function takeOut(id) {
  const tile = tileOf(id);
  if (!tile) return () => {};
  bringIn(tile);
  const { parentElement: list, nextElementSibling: next } = tile;
  const day = tile.closest(".day");
  const tell = () => { day.hidden = !list.childElementCount; };
  tile.remove();
  tell();
  return () => {
    list.insertBefore(tile, next?.parentElement === list ? next : null);
    tell();
  };
}
