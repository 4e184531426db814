// Pictures that were just made appear on top, for whoever is there; a reader further down is told.
import { $, $$ } from "../core/dom.js";
import { html } from "../core/http.js";
import { say } from "../core/texts.js";
import { complain } from "../core/toast.js";
import { watch } from "./endless.js";

const TOP = 300;
const grid = $("#grid");
const pill = $("#new-pictures");
let waiting = [];

document.addEventListener("pictures", ({ detail }) => {
  waiting.push(...detail.ids.map(String).filter((id) => !waiting.includes(id) && !$(`#image-${id}`)));
  if (!waiting.length) return;
  if (scrollY < TOP && grid.dataset.narrowed !== "true") show();
  else tell();
});

function tell() {
  pill.textContent = say("gallery.new", { n: waiting.length });
  pill.hidden = false;
}

async function show() {
  const ids = waiting;
  waiting = [];
  pill.hidden = true;
  try {
    const fresh = await html(`/tiles?ids=${ids.join(",")}`);
    $(".empty", grid)?.remove();
    for (const section of $$(".day", fresh).reverse()) prepend(section);
    watch();
  } catch (error) {
    waiting = ids;
    tell();
    complain(error);
  }
}

/** Put a day's pictures in front of those that are there already. */
function prepend(section) {
  const first = $(".day", grid);
  for (const tile of $$(".tile", section)) if ($(`#${tile.id}`)) tile.remove();
  if (first?.dataset.day !== section.dataset.day) grid.prepend(section);
  else $(".tiles", first)?.prepend(...$$(".tile", section));
}

pill.addEventListener("click", () => {
  if (grid.dataset.narrowed === "true") location.assign("/");
  else {
    scrollTo({ top: 0 });
    show();
  }
});
