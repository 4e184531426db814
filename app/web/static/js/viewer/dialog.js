// One picture over the gallery: opened from its tile, with an address of its own, closed to the tile.
import { $, on } from "../core/dom.js";
import { html } from "../core/http.js";
import { complain, moveInto } from "../core/toast.js";
import { say } from "../core/texts.js";
import { current, ready } from "./ready.js";
import { keepUp, returnTo } from "./tiles.js";

const PATH = /\/images\/\d+$/;
const PATIENCE = 250; // milliseconds for a picture to be decoded before it is shown anyway
const dialog = $("#viewer");
let turn = 0;
let opening = null; // the address that is being fetched
let before = null; // the title and the focus of the page below

/** Tell whether the dialog shows a picture. */
export const isOpen = () => Boolean(dialog?.open);

/** Show the picture of an address; of several that are asked for at once, the last one stays. */
export async function open(url, { keep = true } = {}) {
  // A key that is held down asks for the same again and again: the first one is on its way.
  if (opening === url) return;
  const mine = ++turn;
  opening = url;
  let shown;
  try {
    shown = $(".viewer", await html(url));
    await decoded($(".picture", shown));
  } catch (error) {
    if (mine === turn) complain(error);
    return;
  } finally {
    if (mine === turn) opening = null;
  }
  if (mine !== turn) return;
  if (keep) history[history.state?.viewer ? "replaceState" : "pushState"]({ viewer: true }, "", url);
  if (isOpen()) replace(shown);
  else begin(shown, () => mine === turn);
}

/** Go back to the gallery, by the browser's own way. */
export function close() {
  if (history.state?.viewer) history.back();
  else end();
}

const decoded = (picture) =>
  Promise.race([picture.decode().catch(() => {}), new Promise((then) => { setTimeout(then, PATIENCE); })]);

async function begin(shown, isWanted) {
  before = { title: document.title, focus: document.activeElement };
  const small = $(`#image-${shown.dataset.id} img`);
  const large = $(".picture", shown);
  const show = () => {
    if (small) small.style.viewTransitionName = "";
    // It begins with the next frame, and until then somebody may have gone back.
    if (!isWanted()) return;
    dialog.prepend(shown);
    dialog.showModal();
    moveInto(dialog);
    shown.focus();
    enliven(shown);
    large.style.viewTransitionName = "picture";
  };
  if (!document.startViewTransition || matchMedia("(prefers-reduced-motion: reduce)").matches) {
    show();
  } else {
    if (small) small.style.viewTransitionName = "picture";
    await document.startViewTransition(show).finished;
  }
  large.style.viewTransitionName = "";
}

function replace(shown) {
  const old = current();
  const part = old.contains(document.activeElement) && document.activeElement.closest("[data-part]")?.dataset.part;
  old.replaceWith(shown);
  enliven(shown);
  keepUp(shown.dataset.id);
  ($(`[data-part="${part}"]`, shown) ?? shown).focus({ preventScroll: true });
}

function enliven(shown) {
  ready(shown);
  document.title = say("viewer.title", { prompt: shown.dataset.title });
}

function end() {
  // What is still on its way is not wanted any more.
  turn++;
  opening = null;
  if (!isOpen()) return;
  const id = current()?.dataset.id;
  moveInto(document.body);
  dialog.close();
  current()?.remove();
  document.title = before.title;
  if (!returnTo(id)) before.focus?.focus({ preventScroll: true });
}

if (dialog) {
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    // What is being written is kept: a field says that it changed when it is left.
    document.activeElement.blur();
    close();
  });
  addEventListener("popstate", () => {
    if (PATH.test(location.pathname)) open(location.href, { keep: false });
    else end();
  });
  on("click", ".tile > a, #viewer .way, #viewer [data-open]", (event, link) => {
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(link.href);
  });
  on("click", "#viewer [data-close]", (event) => {
    event.preventDefault();
    close();
  });
}
