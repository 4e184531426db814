// Copies what a field or a text holds; where the browser does not let us, selects it.
import { $, $$, on } from "../core/dom.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";

on("click", "[data-copy]", async (event, button) => {
  const field = $(button.dataset.copy);
  if (field.select) field.select();
  else getSelection().selectAllChildren(field);
  try {
    await navigator.clipboard.writeText(field.value ?? field.textContent);
    toast(say("settings.copied"));
  } catch {
    toast(say("settings.not_copied"));
  }
});
for (const button of $$("[data-copy]")) button.hidden = false;
