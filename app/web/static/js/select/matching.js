// Offers to choose all that match, also those that were not loaded: by the filter itself, and the
// number it was looked at with, which the server holds it to.
import { $ } from "../core/dom.js";
import { api } from "../core/http.js";
import { complain } from "../core/toast.js";
import { everyTile } from "../gallery/far.js";
import { changes, chooseAll, everything, filterShown } from "./chosen.js";

const grid = $("#grid");
// Not there for those who may only look.
const button = $("#choose-all");

/** Offer it where all that was loaded is chosen, and more would match. */
export function offer(n) {
  if (!button) return;
  const offered = n && !everything() && filterShown() && $(".more", grid) && n === everyTile(grid).length;
  button.hidden = !offered;
}

button?.addEventListener("click", async () => {
  const [before, filter] = [changes(), filterShown()];
  try {
    const body = { action: "favourite", filter: JSON.parse(filter), dry_run: true };
    const { expected } = await api("POST", "/images/bulk", body);
    // Whoever chose otherwise meanwhile, means that.
    if (before === changes() && filter === filterShown()) chooseAll(expected);
  } catch (error) {
    complain(error);
  }
});
