// The star: shown at once, taken back if the server refuses.
import { $$, on } from "../core/dom.js";
import { api } from "../core/http.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";

// What was last wished for a picture while one request for it is under way.
const wishes = new Map();

on("click", "button[data-favourite]", (event, button) => {
  event.preventDefault();
  const id = button.dataset.favourite;
  const wanted = button.getAttribute("aria-pressed") !== "true";
  press(id, wanted);
  const isUnderWay = wishes.has(id);
  wishes.set(id, wanted);
  if (!isUnderWay) send(id);
});

/** Send the last wish, one request after the other: answers may overtake each other. */
async function send(id) {
  const wanted = wishes.get(id);
  try {
    await api("PATCH", `/images/${id}`, { favourite: wanted });
    if (wishes.get(id) !== wanted) return await send(id);
  } catch (error) {
    press(id, !wanted);
    toast(say("gallery.mark_failed", { reason: error.message }));
  }
  return wishes.delete(id);
}

function press(id, on) {
  for (const each of $$(`[data-favourite="${id}"]`)) each.setAttribute("aria-pressed", String(on));
}
