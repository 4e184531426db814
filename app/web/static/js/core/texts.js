// What scripts say; the words themselves come from the server's texts.
import words from "./words.js";

const plural = new Intl.PluralRules(document.documentElement.lang);

/** Return the text of `room.name`, filled in; by the number `n` where it depends on one. */
export function say(key, values = {}) {
  let text = words[key];
  if (text === undefined) throw new Error(`There is no text ${key}.`);
  if (typeof text === "object") text = text[plural.select(values.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) =>
    name === "n" ? values[name].toLocaleString(document.documentElement.lang) : String(values[name] ?? whole));
}
