// Zoom and pan of pictures beside each other, in step.
import { $, $$, on } from "../core/dom.js";
import { key } from "../core/keys.js";
import { follow } from "../viewer/gestures.js";
import { View } from "../viewer/view.js";

const FACTOR = 1.4;
const STEP = 0.1;
const view = new View($$("[data-zoomable]"));
const ACTIONS = {
  in: () => view.zoom(FACTOR),
  out: () => view.zoom(1 / FACTOR),
  fit: () => view.reset(),
};
const KEYS = { "+": "in", "=": "in", "-": "out", 0: "fit" };
const WAYS = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };

follow(view);
for (const each of $$("[data-script]")) each.hidden = false;
on("click", "[data-zoom]", (_, button) => ACTIONS[button.dataset.zoom]());
for (const [name, action] of Object.entries(KEYS)) key(name, () => { ACTIONS[action](); });
for (const [name, [x, y]] of Object.entries(WAYS)) {
  // At full view the arrows scroll the page.
  key(name, () => { view.pan(x, y); }, { when: () => !view.isFit });
}
document.addEventListener("view", () => {
  $("[data-scale]").textContent = `${Math.round(view.scale * 100)}%`;
});
