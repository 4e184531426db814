// What it may cost, as one types and chooses.
import { $, $$, debounce } from "../core/dom.js";
import { html } from "../core/http.js";

export function watchCost(form) {
  const place = $("#cost", form);
  let told = asked(form);
  let request = null;
  const tell = async () => {
    const now = asked(form);
    if (now === told) return;
    told = now;
    request?.abort();
    request = new AbortController();
    try {
      place.replaceChildren(await html(`${form.dataset.cost}?${now}`, { signal: request.signal }));
    } catch (error) {
      // An estimate that is missing is no reason to disturb; the next change asks again.
      if (error.name !== "AbortError") told = null;
    }
  };
  const soon = debounce(tell, 250);
  const anew = () => {
    told = null;
    soon();
  };
  for (const type of ["input", "change", "changed"]) form.addEventListener(type, soon);
  for (const type of ["asked", "pictures"]) document.addEventListener(type, anew);
  soon();
}

/** Return what the cost depends on, as parameters. */
function asked(form) {
  const { model, size, n, many, prompt } = form.elements;
  const lines = prompt.value.split("\n").filter((line) => line.trim());
  return new URLSearchParams({
    model: model?.value ?? "",
    size: size?.value ?? "",
    n: n.value,
    prompts: many.checked ? Math.max(1, lines.length) : 1,
    references: $$("#references > li", form).length,
  }).toString();
}
