// Keys without Ctrl, Alt or Meta, for whoever is not typing.
import { isTyping } from "./dom.js";

/**
 * Call `then(event)` when `name` is pressed, unless `when()` says no; true keeps the browser's own.
 * With `once` a key that is held down counts as one: for what changes something.
 */
export function key(name, then, { when = () => true, once = false } = {}) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== name || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.defaultPrevented || isTyping(event.target) || !when()) return;
    if (once && event.repeat) event.preventDefault();
    else if (then(event) !== true) event.preventDefault();
  });
}
