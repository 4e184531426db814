// Short notices, with an Undo where there is one.
import { $ } from "./dom.js";
import { say } from "./texts.js";

const LONG = 8000;
const SHORT = 3000;
const box = $("#toasts");
const undoable = []; // the last one is taken back first

/** Show `text`; with `undo`, a button and Ctrl+Z call it, for eight seconds; where it fails, they are offered anew. */
export function toast(text, { undo } = {}) {
  const shown = $("#toast").content.firstElementChild.cloneNode(true);
  const button = $("button", shown);
  $("span", shown).textContent = text;
  const end = () => {
    if (undoable.includes(takeBack)) undoable.splice(undoable.indexOf(takeBack), 1);
    shown.remove();
    if (!box.childElementCount && box.matches(":popover-open")) box.hidePopover();
  };
  const takeBack = async () => {
    end();
    try {
      await undo();
    } catch (error) {
      toast(say("base.not_undone", { reason: error.message }), { undo });
    }
  };
  if (undo) {
    button.hidden = false;
    button.addEventListener("click", takeBack);
    undoable.push(takeBack);
  }
  box.append(shown);
  raise();
  setTimeout(end, undo ? LONG : SHORT);
}

/** Show what went wrong. */
export const complain = (error) => error.name === "AbortError" || toast(error.message);

/** Take back what the last notice is about, and then the one before it; tell whether there was any. */
export function undo() {
  const had = undoable.length > 0;
  undoable.at(-1)?.();
  return had;
}

/** Move the notices into `element`, such as a dialog, outside of which nothing can be used. */
export function moveInto(element) {
  const open = box.matches(":popover-open");
  element.append(box);
  if (open) raise();
}

function raise() {
  // Once more into the top layer, above a dialog that was opened since.
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover();
}

document.addEventListener("keydown", (event) => {
  const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
  if (isUndo && !event.target.closest("input:not([type=checkbox]),textarea") && undo()) event.preventDefault();
});
