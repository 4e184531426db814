// What a picture's part of a page needs once it is there: its controls, its zoom, its neighbours.
import { $, $$ } from "../core/dom.js";
import { follow } from "./gestures.js";
import { View } from "./view.js";

const views = new WeakMap();
const kept = { images: [] };

/** Return the picture that is seen, in the dialog or on its own page; null where there is none. */
export const current = () => $("article.viewer");

/** Return the view on the picture that is seen. */
export const currentView = () => views.get(current());

/** Press what goes by a name in the viewer; tell whether there was such a thing. */
export function press(name) {
  const part = $(`[data-part="${name}"]`, current() ?? document.createElement("i"));
  part?.click();
  return Boolean(part);
}

/** Bring a viewer that was put into the page to life. */
export function ready(article) {
  for (const each of $$("[data-script]", article)) each.hidden = false;
  for (const each of $$("[data-no-script]", article)) each.hidden = true;
  const picture = $(".picture", article);
  // The thumbnail is there since the gallery: it is seen until all of the picture has come.
  picture.style.backgroundImage = `url("${picture.dataset.under}")`;
  picture.addEventListener("load", () => { picture.style.backgroundImage = ""; }, { once: true });
  if (picture.complete) picture.style.backgroundImage = "";
  const view = new View([$(".stage", article)]);
  views.set(article, view);
  follow(view, (step) => press(step > 0 ? "after" : "before"));
  article.addEventListener("view", () => $("[data-zoom]", article)?.setAttribute("aria-pressed", !view.isFit));
  $("[data-zoom]", article).addEventListener("click", () => view.toggle());
  preload(article);
}

// Kept, so that they stay decoded until the reader goes on.
function preload(article) {
  kept.images = $$("[data-file]", article).map((way) => {
    const image = new Image();
    image.src = way.dataset.file;
    image.decode().catch(() => {});
    return image;
  });
}
