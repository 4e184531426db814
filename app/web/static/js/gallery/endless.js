// Older pictures come as one nears the end. The link to them is real; this only follows it early.
import { $, $$ } from "../core/dom.js";
import { html } from "../core/http.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";
import { tend } from "./far.js";

const grid = $("#grid");
const AHEAD = "1500px";
let loading = null;
const nearing = new IntersectionObserver(
  (entries) => entries.some((entry) => entry.isIntersecting) && more(),
  { rootMargin: AHEAD },
);

/** Load what is older; return when it is there. */
export function more() {
  loading ??= load().finally(() => { loading = null; });
  return loading;
}

/** Begin anew with what the grid holds now. */
export function watch() {
  nearing.disconnect();
  const link = $(".more", grid);
  if (link) nearing.observe(link);
  tend(grid);
}

/** Let what is still under way come to nothing: the grid shows something else now. */
export function abandon() {
  generation += 1;
  loading = null;
}

let generation = 0;

async function load() {
  const link = $(".more", grid);
  if (!link) return;
  const mine = generation;
  link.setAttribute("aria-busy", "true");
  try {
    const fresh = await html(link.href);
    if (mine !== generation) return;
    $(".newer", fresh)?.remove();
    for (const tile of $$(".tile", fresh)) if (document.getElementById(tile.id)) tile.remove();
    join($$(".day", grid).at(-1), $(".day", fresh));
    link.replaceWith(fresh);
    watch();
  } catch (error) {
    // It stays a link: who wants to try again, follows it.
    link.removeAttribute("aria-busy");
    if (mine === generation) toast(say("gallery.older_failed", { reason: error.message }));
  }
}

/** Let a day that goes on over the seam of two pages look like one. */
function join(last, first) {
  if (!last || !first || last.dataset.day !== first.dataset.day) return;
  $("h2", first).remove();
  const tiles = $$(".tile", last);
  const bottom = tiles.at(-1)?.offsetTop;
  // The last row is not full: it goes on in the next section.
  $(".tiles", first).prepend(...tiles.filter((tile) => tile.offsetTop === bottom));
  $(".tiles", last)?.classList.add("full");
}

watch();
