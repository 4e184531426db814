// What was entered survives a reload, in this tab.
import { $, $$, debounce } from "../core/dom.js";
import { fitModel, fitTemplate } from "./choices.js";

// What an address fills in: it must not do so again.
const FILLS_IN = ["reuse", "remix", "again", "template"];

export function keepDraft(form) {
  // Whoever logs in next in this tab has a draft of their own.
  const key = `draft-${form.dataset.who}`;
  const address = new URL(location.href);
  const isFilledIn = FILLS_IN.some((name) => address.searchParams.has(name));
  if (isFilledIn) {
    for (const name of FILLS_IN) address.searchParams.delete(name);
    history.replaceState(history.state, "", address);
    form.elements.prompt.focus({ preventScroll: true });
  } else if (!form.dataset.failed) {
    restore(form, JSON.parse(sessionStorage.getItem(key) ?? "null"));
  }
  const keep = () => sessionStorage.setItem(key, JSON.stringify(entered(form)));
  for (const type of ["input", "change", "changed"]) form.addEventListener(type, debounce(keep, 300));
  addEventListener("pagehide", keep);
  if (isFilledIn) keep();
}

function entered(form) {
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "once");
  const references = $$("#references > li", form).map((tile) => ({
    id: tile.dataset.id,
    prompt: $("img", tile).alt,
    color: tile.style.getPropertyValue("--c"),
    links: { thumbnail: $("img", tile).getAttribute("src") },
  }));
  return { fields: fields.filter(([name]) => name !== "input_images"), references };
}

function restore(form, draft) {
  if (!draft) return;
  const values = new Map(draft.fields);
  set(form, "template", values);
  if (form.elements.template) fitTemplate(form);
  set(form, "model", values);
  if (form.elements.model) fitModel(form);
  for (const name of values.keys()) set(form, name, values);
  form.elements.many.checked = values.has("many");
  form.dispatchEvent(new CustomEvent("restore", { detail: draft.references }));
}

function set(form, name, values) {
  const control = form.elements[name];
  if (!(control instanceof Element) || control.type === "checkbox" || !values.has(name)) return;
  const isOffered = control.tagName !== "SELECT" || [...control.options].some((each) => each.value === values.get(name));
  if (isOffered) control.value = values.get(name);
}
