// Copies what a button names.
import { on } from "../core/dom.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";

on("click", "[data-copy]", async (_, button) => {
  const shown = document.getElementById(button.dataset.copy);
  toast(say((await copy(shown.textContent, shown)) ? "viewer.copied" : "viewer.not_copied"));
});

async function copy(text, shown) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text, shown);
  }
}

// Over plain HTTP from another machine a page has no clipboard, but may still copy what is selected.
function copySelected(text, shown) {
  const area = document.createElement("textarea");
  const active = document.activeElement;
  area.value = text;
  area.className = "vh";
  // In a dialog nothing outside it can be selected.
  (shown.closest("dialog") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  active?.focus();
  if (!done) getSelection().selectAllChildren(shown);
  return done;
}
