// The page of one picture: as without scripts, with zoom, keys, copying, and marks kept at once.
import "../core/once.js";
import { $ } from "../core/dom.js";
import { key } from "../core/keys.js";
import "../core/toast.js";
import "../gallery/favourites.js";
import "../viewer/copying.js";
import "../viewer/marks.js";
import { press, ready } from "../viewer/ready.js";
import "../viewer/shortcuts.js";

const article = $(".viewer");
ready(article);
const here = () => location.pathname + location.search;
const shown = here();
// After a reload the dialog's way back leads to the gallery, which is not in this page.
addEventListener("popstate", () => { if (here() !== shown) location.reload(); });
key("Escape", () => { press("close"); });

document.addEventListener("keydown", (event) => {
  const form = $("[data-undo]");
  const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
  if (!isUndo || !form || event.defaultPrevented || event.target.closest("input,textarea")) return;
  event.preventDefault();
  form.requestSubmit();
});
