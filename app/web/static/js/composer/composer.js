// Asks for what the composer holds without leaving the page; what is wrong is told beside its field.
import { $, $$ } from "../core/dom.js";
import { fragment } from "../core/http.js";
import { watchChoices } from "./choices.js";
import { completePrompts } from "./completion.js";
import { watchCost } from "./cost.js";
import { keepDraft } from "./draft.js";
import { growing } from "./growing.js";
import { takeReferences } from "./references.js";

const ONE_PRESS = 1000;
const form = $("#compose");
let sending = false;
let allCame = null;

if (form) {
  const prompt = $("#prompt", form);
  watchChoices(form);
  allCame = takeReferences(form, tell);
  keepDraft(form);
  watchCost(form);
  completePrompts(prompt, $("#suggestions", form), $("#suggestions-told", form));
  growing(prompt);
  foldAway($(".more-options", form));
  form.addEventListener("submit", ask);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!event.repeat) form.requestSubmit($(".generate", form));
  });
}

/** Close what is unfolded when it is left, by a click elsewhere or by Escape. */
function foldAway(details) {
  document.addEventListener("pointerdown", (event) => {
    if (!details.contains(event.target) && getComputedStyle($(".pop", details)).position === "absolute") details.open = false;
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    event.stopPropagation();
    details.open = false;
    $("summary", details).focus();
  });
}

async function ask(event) {
  event.preventDefault();
  if (sending) return;
  sending = true;
  $(".generate", form).setAttribute("aria-disabled", "true");
  // What was entered when the button was pressed, with what was on its way then.
  const body = new FormData(form);
  try {
    if (!(await allCame())) return;
    body.delete("input_images");
    for (const id of new FormData(form).getAll("input_images")) body.append("input_images", id);
    await fragment(form.action, { method: "POST", body });
    tellNothing();
    // A second press within the second is the first one's echo: the server knows it by this.
    setTimeout(() => (form.elements.once.value = token()), ONE_PRESS);
    document.dispatchEvent(new Event("asked"));
  } catch (error) {
    const [{ field, message } = {}] = error.problem?.errors ?? [];
    tell(field ? placeOf(field) : "", message ?? error.message);
  } finally {
    sending = false;
    $(".generate", form).removeAttribute("aria-disabled");
  }
}

/** Return the field of the form that the server's name of a field means. */
function placeOf(field) {
  const [first, , third] = field.split(".");
  if (first === "file") return "input_images";
  const name = first === "prompts" ? third ?? "prompt" : first;
  return $(`[data-problem="${CSS.escape(name)}"]`, form) ? name : "";
}

/** Show what is wrong with a field; "": with all of it. */
function tell(field, message) {
  tellNothing();
  const place = $(`[data-problem="${field}"]`, form);
  place.textContent = message;
  place.hidden = false;
  const control = form.elements[field];
  if (!(control instanceof Element)) return;
  control.setAttribute("aria-invalid", "true");
  const folded = control.closest("details");
  if (folded) folded.open = true;
  control.focus();
}

function tellNothing() {
  for (const place of $$("[data-problem]", form)) place.hidden = true;
  for (const control of $$("[aria-invalid]", form)) control.removeAttribute("aria-invalid");
}

function token() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
