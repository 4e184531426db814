// Keys of the viewer.
import { $ } from "../core/dom.js";
import { key } from "../core/keys.js";
import { current, currentView, press } from "./ready.js";

const STEP = 1.4;
const when = () => current() !== null;
const WAYS = new Set(["before", "after"]);
const PARTS = {
  ArrowLeft: "before",
  ArrowRight: "after",
  f: "favourite",
  c: "copy",
  r: "reuse",
  m: "remix",
  d: "download",
  Delete: "delete",
  Backspace: "delete",
};

for (const [name, part] of Object.entries(PARTS)) {
  // What is not there is left to the browser.
  both(name, () => !press(part), { once: !WAYS.has(part) });
}
both("z", () => currentView().toggle());
both("+", () => currentView().zoom(STEP));
both("-", () => currentView().zoom(1 / STEP));
both("0", () => currentView().reset());
for (const [name, part] of [["t", "tag"], ["n", "note"]]) both(name, () => focus(part));

function both(name, then, more) {
  const names = name.length === 1 ? new Set([name, name.toUpperCase()]) : [name];
  for (const each of names) key(each, then, { when, ...more });
}

function focus(part) {
  const field = $(`[data-part="${part}"]`, current());
  field?.focus();
  return !field;
}
