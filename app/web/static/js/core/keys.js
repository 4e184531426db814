// Keys without Ctrl, Alt or Meta, for whoever is not typing.
import { isTyping } from "./dom.js";

/** Call `then(event)` when `name` is pressed, unless `when()` says no; true keeps the browser's own. */
export function key(name, then, { when = () => true } = {}) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== name || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.defaultPrevented || isTyping(event.target) || !when()) return;
    if (then(event) !== true) event.preventDefault();
  });
}
