// Deleting from the dialog: at once, with an undo, and on to the next picture.
import { $, on } from "../core/dom.js";
import { api } from "../core/http.js";
import { say } from "../core/texts.js";
import { complain, toast } from "../core/toast.js";
import { close, isOpen, open } from "./dialog.js";
import { takeOut } from "./tiles.js";

on("click", "#viewer [data-delete]", async (event, button) => {
  event.preventDefault();
  const { delete: id } = button.dataset;
  const article = button.closest(".viewer");
  const here = location.href;
  const onward = ($("[data-part=after]", article) ?? $("[data-part=before]", article))?.href;
  button.disabled = true;
  try {
    await api("DELETE", `/images/${id}`);
  } catch (error) {
    button.disabled = false;
    complain(error);
    return;
  }
  const putBack = takeOut(id);
  toast(say("viewer.deleted"), { undo: () => undo(id, here, putBack) });
  if (onward) await open(onward);
  else close();
});

on("click", "#viewer [data-restore]", async (event, button) => {
  event.preventDefault();
  const { restore: id } = button.dataset;
  const isTrash = new URLSearchParams(location.search).get("deleted") === "only";
  try {
    await restore(id, location.href);
    if (isTrash) takeOut(id);
  } catch (error) {
    complain(error);
  }
});

async function undo(id, here, putBack) {
  await restore(id, here);
  putBack();
}

async function restore(id, here) {
  await api("POST", `/images/${id}/restore`);
  toast(say("viewer.restored"));
  if (isOpen()) await open(here);
}
