// Past prompts for what is being typed: a list below the field that never takes a key before it is asked.
import { $$, debounce } from "../core/dom.js";
import { api } from "../core/http.js";
import { say } from "../core/texts.js";

const MOST = 6;
const LONGEST = 200;

/** Complete what is typed into `field` from `list`; `told` says how many there are. */
export function completePrompts(field, list, told) {
  let request = null;
  let active = -1;
  let taken = null;

  const options = () => $$("[role=option]", list);
  const close = () => {
    request?.abort();
    list.hidden = true;
    told.textContent = "";
    choose(-1);
  };
  const choose = (index) => {
    active = index;
    for (const [at, option] of options().entries()) option.setAttribute("aria-selected", String(at === index));
    const chosen = options()[index];
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const take = (option) => {
    // As if typed, so that Ctrl+Z brings back what was there.
    field.focus();
    field.select();
    if (!document.execCommand("insertText", false, option.dataset.text)) field.value = option.dataset.text;
    taken = field.value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    close();
  };
  const suggest = debounce(async () => {
    const typed = field.value;
    const words = typed.trim();
    if (words.length < 2 || words.length > LONGEST || typed.includes("\n") || typed === taken) return close();
    request?.abort();
    request = new AbortController();
    try {
      const query = new URLSearchParams({ q: typed.trimStart(), limit: MOST });
      const { items } = await api("GET", `/prompts/suggest?${query}`, undefined, { signal: request.signal });
      if (document.activeElement === field && field.value === typed) show(items.filter((item) => item.text !== words));
    } catch {
      close();
    }
  }, 150);
  const show = (items) => {
    list.replaceChildren(...items.map(optionOf));
    list.hidden = !items.length;
    told.textContent = items.length ? say("composer.suggestions", { n: items.length }) : "";
    choose(-1);
  };

  // What was sent is not being typed any more, whatever answers late.
  field.form?.addEventListener("submit", () => {
    taken = field.value;
    close();
  });
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.addEventListener("input", suggest);
  field.addEventListener("blur", close);
  // Before the field loses the focus.
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    event.preventDefault();
    take(option);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) {
      if (event.key === "Enter") close();
      return;
    }
    const all = options();
    const isAtEnd = field.selectionStart === field.value.length;
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown" && (active >= 0 || isAtEnd)) choose((active + 1) % all.length);
    else if (event.key === "ArrowUp" && active >= 0) choose(active - 1);
    else if ((event.key === "Enter" || event.key === "Tab") && active >= 0 && !event.shiftKey) take(all[active]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

function optionOf(item, index) {
  const option = document.createElement("li");
  option.id = `suggestion-${index}`;
  option.role = "option";
  option.dir = "auto";
  option.textContent = item.text.slice(0, LONGEST);
  option.dataset.text = item.text;
  return option;
}
