// Puts new cards in the place of the old ones; what has not changed is not touched, and the focus stays.
import { $, $$ } from "../core/dom.js";
import { tick } from "./clock.js";

// The cards as the server sent them, by id: the clock changes those on the page.
const sent = new Map();

/** Show in `section` what `fresh` has; return the cards of what has failed since. */
export function patch(section, fresh) {
  const focused = placeOf(document.activeElement, section);
  const failedBefore = new Set($$(".job.failed", section).map((card) => card.id));
  const list = $(".jobs", section);
  const cards = $$(".job", fresh).map(current);
  const wanted = new Set(cards);
  for (const card of $$(".job", list)) if (!wanted.has(card)) card.remove();
  for (const [at, card] of cards.entries()) {
    if (list.children[at] !== card) list.insertBefore(card, list.children[at] ?? null);
  }
  const ids = new Set(cards.map((card) => card.id));
  for (const id of sent.keys()) if (!ids.has(id)) sent.delete(id);
  patchRest(section, fresh, list);
  tick();
  if (focused && !section.contains(document.activeElement)) bringBack(focused, section);
  return cards.filter((card) => card.matches(".failed") && !failedBefore.has(card.id));
}

/** Return the card on the page if it is as this one, else this one. */
function current(card) {
  const html = card.outerHTML;
  const isSame = sent.get(card.id) === html;
  sent.set(card.id, html);
  return (isSame && document.getElementById(card.id)) || card;
}

/** What is around the list: how many more there are. */
function patchRest(section, fresh, list) {
  const box = $(".all-jobs", section);
  const newBox = $(".all-jobs", fresh);
  if (box && newBox) box.setAttribute("aria-label", newBox.getAttribute("aria-label"));
  else if (newBox) list.before(newBox);
  else box?.remove();
  for (const selector of [".show-jobs", ".more-wait", ".nobody"]) {
    $(selector, section)?.remove();
    const shown = $(selector, fresh);
    if (shown) section.append(shown);
  }
}

function placeOf(element, section) {
  const card = element?.closest(".job");
  return card && section.contains(card) ? { id: card.id, act: element.dataset.act, next: card.nextElementSibling?.id } : null;
}

/** Give the focus to the same button, else to the next card's, else to the queue. */
function bringBack({ id, act, next }, section) {
  const buttons = $(`#${id}`, section) ? $(`#${id} [data-act="${act}"]`, section) ?? $(`#${id} [data-act]`, section) : null;
  const other = next && $(`#${next} [data-act]`, section);
  (buttons ?? other ?? section).focus({ preventScroll: true });
}
