// All that match, also those that were not loaded: by the filter itself, and the number it was looked
// at with, which the server holds it to.
import { $ } from "../core/dom.js";
import { api } from "../core/http.js";
import { say } from "../core/texts.js";
import { complain } from "../core/toast.js";
import { everyTile } from "../gallery/far.js";

const grid = $("#grid");
const button = $("#choose-all");
let all = null;

/** Return `{filter, expected}` where all that match are meant, else null. */
export const everything = () => all;

/** Offer it where all that was loaded is chosen, and more would match; what was meant is over. */
export function offer(n) {
  all = null;
  const offered = $("#around").dataset.filter && $(".more", grid) && n === everyTile(grid).length;
  button.hidden = !(n && offered);
}

button.addEventListener("click", async () => {
  const filter = JSON.parse($("#around").dataset.filter);
  try {
    const { expected } = await api("POST", "/images/bulk", { action: "favourite", filter, dry_run: true });
    all = { filter, expected };
    $("#chosen").textContent = say("select.chosen", { n: expected });
    button.hidden = true;
  } catch (error) {
    complain(error);
  }
});
