// What can be chosen changes with the model and the template.
import { $, $$ } from "../core/dom.js";

export function watchChoices(form) {
  const { model, template } = form.elements;
  model?.addEventListener("change", () => fitModel(form));
  template?.addEventListener("change", () => fitTemplate(form));
}

/** Return how many pictures the chosen model works from. */
export const mostReferences = (form) => Number(chosen(form.elements.model)?.dataset.most ?? 0);

/** Offer the ratios and sizes of the chosen model; what was chosen stays, if the model has it. */
export function fitModel(form) {
  const { model, aspect_ratio: ratio, size } = form.elements;
  const { ratios, sizes, ratio: usualRatio, size: usualSize } = chosen(model).dataset;
  offer(ratio, ratios.split(" "), usualRatio);
  offer(size, sizes.split(" "), usualSize);
}

/** Show a field for each variable of the chosen template; what was typed stays. */
export function fitTemplate(form) {
  const box = $("#variables", form);
  const typed = new Map($$("input", box).map((field) => [field.name, field.value]));
  const names = chosen(form.elements.template).dataset.variables.split(" ").filter(Boolean);
  box.replaceChildren(...names.map((name) => variable(name, typed.get(`variables.${name}`) ?? "")));
}

function variable(name, value) {
  const shown = $("#variable").content.firstElementChild.cloneNode(true);
  const field = $("input", shown);
  $("bdi", shown).textContent = name;
  field.name = `variables.${name}`;
  field.value = value;
  return shown;
}

function offer(select, values, usual) {
  const kept = values.includes(select.value) ? select.value : usual;
  select.replaceChildren(...values.map((value) => new Option(value, value, value === usual, value === kept)));
}

const chosen = (select) => select?.selectedOptions[0];
