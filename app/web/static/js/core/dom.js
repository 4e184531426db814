// Finding elements, listening for events, and the one place that makes HTML of text.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const identity = { createHTML: (text) => text };
// Only our server's own fragments pass here; the page's policy lets nothing else make HTML.
const policy = globalThis.trustedTypes?.createPolicy("app", identity) ?? identity;

/** Return what the server sent as nodes, with their colours. */
export function nodes(html) {
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(html);
  colour(template.content);
  return template.content;
}

/** Give elements the colour that they name: inline style is not allowed, this is. */
export function colour(root) {
  for (const element of $$("[data-c]", root)) element.style.setProperty("--c", element.dataset.c);
}

/** Call `then(event, element)` for events at whatever matches `selector`, now or later. */
export function on(type, selector, then, options) {
  document.addEventListener(type, (event) => {
    const element = event.target.closest?.(selector);
    if (element) then(event, element);
  }, options);
}

/** Return a function that waits until it was not called for so many milliseconds. */
export function debounce(then, milliseconds) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(then, milliseconds, ...given);
  };
}

/** Tell whether somebody types into an element. */
export const isTyping = (element) => Boolean(element?.closest?.("input:not([type=checkbox],[type=radio]),textarea,select,[contenteditable]"));

colour(document);
