// A picture's tags, note and project, kept as they change.
import { $, $$, on } from "../core/dom.js";
import { api, html } from "../core/http.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";

// By form: one change after the other, so that the last one stays.
const waiting = new WeakMap();

on("change", "form[data-marks] [name]", (_, field) => save(field));
on("submit", "form[data-marks]", (event, form) => {
  event.preventDefault();
  // Enter in a field changed it already, but not where a word that was refused is sent once more.
  if (document.activeElement === newTag(form)) save(newTag(form));
});

const newTag = (form) => $(".new-tag", form);

function save(field) {
  const { form, name, value } = field;
  if (name === "tag" && !value.trim()) return;
  const request = REQUESTS[name](form.dataset.marks, field);
  // Room for the next one, while this one is on its way.
  if (field === newTag(form)) field.value = "";
  const after = (waiting.get(form) ?? Promise.resolve()).then(() => send(field, value, request));
  waiting.set(form, after);
}

// One tag alone is put on or taken off: what others did to the picture meanwhile stays.
const REQUESTS = {
  tag: (id, { type, checked, value }) =>
    ["POST", "/images/bulk", { action: type === "checkbox" && !checked ? "untag" : "tag", ids: [Number(id)], tags: [value.trim()] }],
  note: (id, { value }) => ["PATCH", `/images/${id}`, { note: value || null }],
  project: (id, { value }) => ["PATCH", `/images/${id}`, { project: value.trim() || null }],
};

async function send(field, value, request) {
  const { form, name } = field;
  try {
    // Kept alive: it is kept although the reader has gone on meanwhile.
    await api(...request, { keepalive: true });
    tell(form, null);
    toast(say("viewer.saved"));
    if (name === "tag") await renew(form);
  } catch (error) {
    if (field === newTag(form) && !field.value) field.value = value;
    tell(form, error, name);
  }
}

function tell(form, error, name) {
  const wrong = $("[data-wrong]", form);
  wrong.hidden = !error;
  wrong.textContent = error ? (error.problem?.errors?.[0]?.message ?? error.message) : "";
  for (const each of $$(".new-tag, [name=note], [name=project]", form)) {
    each.toggleAttribute("aria-invalid", false);
    if (error && each.name === name) each.setAttribute("aria-invalid", "true");
  }
}

// The tags as the server keeps them, while somebody may be writing the next one already.
async function renew(form) {
  const shown = await html(form.dataset.here);
  const chips = "li:has([type=checkbox])";
  for (const each of $$(`.tags > ${chips}`, form)) each.remove();
  newTag(form).closest("li").before(...$$(`.marks .tags > ${chips}`, shown));
}
