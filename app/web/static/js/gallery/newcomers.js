// Pictures that were just made appear on top, for whoever is there; a reader further down is told.
import { $, $$ } from "../core/dom.js";
import { html } from "../core/http.js";
import { say } from "../core/texts.js";
import { complain } from "../core/toast.js";
import { watch } from "./endless.js";

const TOP = 300;
const AT_ONCE = 60; // as many as the server gives
const grid = $("#grid");
const pill = $("#new-pictures");
let waiting = [];

/** Tell whether the newest of all pictures stand on top. */
const isLive = () => grid.dataset.narrowed !== "true";

document.addEventListener("pictures", ({ detail }) => {
  waiting.push(...detail.ids.map(String).filter((id) => !waiting.includes(id) && !$(`#image-${id}`)));
  if (!waiting.length) return;
  if (scrollY < TOP && isLive()) show();
  else tell();
});

function tell() {
  pill.textContent = say("gallery.new", { n: waiting.length });
  pill.hidden = !waiting.length;
}

async function show() {
  const ids = waiting.sort((one, other) => one - other);
  waiting = [];
  pill.hidden = true;
  try {
    while (ids.length) {
      // The oldest first, each part on top of the one before.
      const part = ids.slice(0, AT_ONCE);
      const fresh = await html(`/tiles?ids=${part.join(",")}`);
      // A search may have begun meanwhile.
      if (!isLive()) break;
      ids.splice(0, part.length);
      $(".empty", grid)?.remove();
      for (const section of $$(".day", fresh).reverse()) prepend(section);
    }
    watch();
  } catch (error) {
    complain(error);
  }
  waiting.unshift(...ids);
  tell();
}

/** Put a day's pictures in front of those that are there already. */
function prepend(section) {
  const first = $(".day", grid);
  for (const tile of $$(".tile", section)) if ($(`#${tile.id}`)) tile.remove();
  if (first?.dataset.day !== section.dataset.day) grid.prepend(section);
  else $(".tiles", first)?.prepend(...$$(".tile", section));
}

pill.addEventListener("click", () => {
  if (!isLive()) return location.assign("/");
  scrollTo({ top: 0 });
  return show();
});
