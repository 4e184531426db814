// Takes tiles out of the page, and puts them back where they were.
import { $ } from "../core/dom.js";
import { everyTile } from "../gallery/far.js";

const grid = $("#grid");

/** Take tiles out of the page; return what puts some of them back to where they were, and returns them. */
export function takeOut(ids) {
  const wanted = new Set(ids.map(String));
  const taken = everyTile(grid).filter((tile) => wanted.has(tile.dataset.id));
  const lists = new Map(taken.map((tile) => [tile.parentNode, tile.closest(".day")]));
  const orders = [...lists].map(([list, section]) => ({ list, section, tiles: [...list.children] }));
  for (const tile of taken) tile.remove();
  for (const [list, section] of lists) if (section) section.hidden = !$(".tile", list);
  return (some) => {
    const coming = new Set(some.map(String));
    const put = [];
    for (const { list, section, tiles } of orders) {
      let next = null;
      for (const tile of tiles.toReversed()) {
        if (tile.parentNode !== list) {
          if (tile.isConnected || !coming.has(tile.dataset.id)) continue;
          list.insertBefore(tile, next);
          put.push(tile);
        }
        next = tile;
      }
      if (section) section.hidden = !$(".tile", list);
    }
    return put;
  };
}
