// A picture's tags, note and project, kept as they change.
import { $, $$, on } from "../core/dom.js";
import { api, html } from "../core/http.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";

// By form: one change after the other, so that the last one stays.
const waiting = new WeakMap();

on("change", "form[data-marks] [name]", (_, field) => save(field.form, field.name));
on("submit", "form[data-marks]", (event, form) => {
  event.preventDefault();
  const field = form.contains(document.activeElement) && document.activeElement.name;
  // Enter in a field changed it already; the button says so once more, for all.
  if (!field) save(form, "tag", "note", "project");
});

function save(form, ...names) {
  const after = (waiting.get(form) ?? Promise.resolve()).then(() => send(form, names));
  waiting.set(form, after);
}

async function send(form, names) {
  const values = { tag: { tags: tags(form) }, note: { note: form.elements.note.value || null }, project: { project: form.elements.project.value.trim() || null } };
  try {
    const changes = Object.assign({}, ...names.map((name) => values[name]));
    // Kept alive: it is kept although the reader has gone on meanwhile.
    await api("PATCH", `/images/${form.dataset.marks}`, changes, { keepalive: true });
    tell(form, null);
    toast(say("viewer.saved"));
    if (names.includes("tag")) await renew(form);
  } catch (error) {
    tell(form, error, names);
  }
}

const tags = (form) => new FormData(form).getAll("tag").filter((tag) => tag.trim());

function tell(form, error, names = []) {
  const wrong = $("[data-wrong]", form);
  wrong.hidden = !error;
  wrong.textContent = error ? (error.problem?.errors?.[0]?.message ?? error.message) : "";
  for (const each of $$(".new-tag, [name=note], [name=project]", form)) {
    each.toggleAttribute("aria-invalid", false);
    if (error && names.includes(each.name)) each.setAttribute("aria-invalid", "true");
  }
}

// The tags as the server keeps them, while somebody may be writing the note already.
async function renew(form) {
  const isNew = document.activeElement?.matches(".new-tag");
  const shown = await html(form.dataset.here);
  const list = $(".marks .tags", shown);
  $(".tags", form).replaceWith(list);
  if (isNew) $(".new-tag", form).focus();
}
