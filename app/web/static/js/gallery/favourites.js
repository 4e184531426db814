// The star: shown at once, taken back if the server refuses.
import { $$, on } from "../core/dom.js";
import { api } from "../core/http.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";

on("click", "button[data-favourite]", async (event, button) => {
  event.preventDefault();
  const id = button.dataset.favourite;
  const wanted = button.getAttribute("aria-pressed") !== "true";
  press(id, wanted);
  try {
    await api("PATCH", `/images/${id}`, { favourite: wanted });
  } catch (error) {
    press(id, !wanted);
    toast(say("gallery.mark_failed", { reason: error.message }));
  }
});

function press(id, on) {
  for (const each of $$(`[data-favourite="${id}"]`)) each.setAttribute("aria-pressed", String(on));
}
