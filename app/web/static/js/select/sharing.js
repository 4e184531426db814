// The dialog that makes a proof sheet of what is chosen, and shows its link.
import { $, on } from "../core/dom.js";
import { api } from "../core/http.js";
import { say } from "../core/texts.js";
import { moveInto, toast } from "../core/toast.js";
import "../shares/copying.js";

const MOST = 500;
// Not there for those who may only look.
const dialog = $("#share");
const form = $("#share-form");
let ids = [];

/** Ask how these pictures are to be shared. */
export function share(wanted) {
  if (wanted.length > MOST) {
    toast(say("select.too_many_to_share"));
    return;
  }
  ids = wanted;
  form.hidden = false;
  $("#share-made").hidden = true;
  $("#share-wrong").textContent = "";
  $("#share-count").textContent = say("select.chosen", { n: ids.length });
  dialog.showModal();
  moveInto(dialog);
  form.elements.title.focus();
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { title, greeting, days, prompts, downloads } = form.elements;
  try {
    const made = await api("POST", "/shares", {
      title: title.value,
      ids,
      days: days.valueAsNumber,
      greeting: greeting.value || null,
      prompts: prompts.checked,
      downloads: downloads.checked,
    });
    told(made);
  } catch (error) {
    $("#share-wrong").textContent = error.problem?.errors?.[0]?.message ?? error.message;
  }
});

function told(made) {
  form.reset();
  form.hidden = true;
  $("#share-link").value = made.link;
  $("#share-open").href = made.link;
  $("#share-made").hidden = false;
  $("#share-link").select();
  $("#share-link").focus();
}

on("click", "#share [data-close]", () => dialog.close());
dialog?.addEventListener("close", () => moveInto(document.body));
