// Keeps each mark as it is made: one request a picture at a time, the last word wins.
import { $, debounce, on } from "../core/dom.js";
import { say } from "../core/texts.js";

const PAUSE = 600;
const AGAIN = 4000;
const OVER = [404, 410];
const form = $("#sheet");
const waiting = new Map();
let underWay = false;

on("change", "#sheet [name=pick]", (_, box) => keep(box.value, { picked: String(box.checked) }));
on("input", "#sheet textarea", (_, field) => {
  said(field);
  keepLater(field);
});
on("change", "#sheet textarea", (_, field) => keepWord(field));
on("change", "#sheet [name=guest]", (_, field) => keep("", { guest: field.value }));
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("pagehide", () => waiting.forEach((mark, number) => post(number, mark, true)));

const timers = new Map();
function keepLater(field) {
  if (!timers.has(field)) timers.set(field, debounce(keepWord, PAUSE));
  timers.get(field)(field);
}

function keepWord(field) {
  keep(field.closest(".frame").dataset.number, { word: field.value });
}

/** What is printed of a word: a field would be cut off. */
function said(field) {
  field.nextElementSibling.textContent = field.value;
}

function keep(number, mark) {
  waiting.set(number, { ...waiting.get(number), ...mark });
  if (!underWay) work();
}

async function work() {
  underWay = true;
  tell("sheet.saving");
  while (waiting.size) {
    const [number, mark] = waiting.entries().next().value;
    waiting.delete(number);
    let answer;
    try {
      answer = await post(number, mark);
    } catch {
      waiting.set(number, { ...mark, ...waiting.get(number) });
      tell("sheet.unsaved");
      setTimeout(work, AGAIN);
      return;
    }
    if (!answer.ok) {
      underWay = false;
      tell(OVER.includes(answer.status) ? "sheet.gone" : "sheet.refused");
      return;
    }
    $("#picks").textContent = say("sheet.picks", { n: (await answer.json()).picks });
  }
  underWay = false;
  tell("sheet.saved");
}

function post(number, mark, leaving = false) {
  const body = new URLSearchParams(number ? { number, ...mark } : mark);
  return fetch(`${form.getAttribute("action")}/marks`, { method: "POST", body, keepalive: leaving });
}

function tell(key) {
  $("#kept").textContent = say(key);
}
