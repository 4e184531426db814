// Keeps each mark as it is made: one request a picture at a time, the last word wins. What is not kept
// yet waits, also while the server is busy or away; who leaves the page takes nothing back by it.
import { $, debounce, on } from "../core/dom.js";
import { say } from "../core/texts.js";

const PAUSE = 600;
const AGAIN = 4000;
const OVER = [404, 410];
// Refusals that pass: who asks again later, is heard.
const PASSING = [408, 425, 429];
const form = $("#sheet");
const waiting = new Map();
// Pictures whose words were refused: they stay in their fields, and nothing says that they are kept.
const unkept = new Set();
let refusal = null;
let underWay = false;

on("change", "#sheet [name=pick]", (_, box) => keep(box.value, { picked: String(box.checked) }));
on("input", "#sheet textarea", (_, field) => {
  said(field);
  note(numberOf(field), { word: field.value });
  soon();
});
on("change", "#sheet textarea", (_, field) => keep(numberOf(field), { word: field.value }));
on("change", "#sheet [name=guest]", (_, field) => keep("", { guest: field.value }));
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("pagehide", () => waiting.forEach((mark, number) => post(number, mark).catch(() => null)));
// A phone may end a page that is out of sight without a word.
document.addEventListener("visibilitychange", () => document.hidden && start());

const soon = debounce(start, PAUSE);
const numberOf = (field) => field.closest(".frame").dataset.number;

/** What is printed of a word: a field would be cut off. */
function said(field) {
  field.nextElementSibling.textContent = field.value;
}

function note(number, mark) {
  waiting.set(number, { ...waiting.get(number), ...mark });
  if (!underWay) tell("sheet.saving");
}

function keep(number, mark) {
  note(number, mark);
  start();
}

function start() {
  if (waiting.size && !underWay) work();
}

async function work() {
  underWay = true;
  tell("sheet.saving");
  while (waiting.size) {
    const [number, mark] = waiting.entries().next().value;
    waiting.delete(number);
    try {
      settle(number, mark, await sent(number, mark));
    } catch {
      waiting.set(number, { ...mark, ...waiting.get(number) });
      tell("sheet.unsaved");
      setTimeout(work, AGAIN);
      return;
    }
  }
  underWay = false;
  tell(refusal ?? "sheet.saved");
  if (!unkept.size) refusal = null;
}

/** Return what the server says: `picks`, or the `status` of a refusal. Throw where it is to be asked again. */
async function sent(number, mark) {
  const answer = await post(number, mark);
  if (answer.ok) return answer.json();
  if (answer.status >= 500 || PASSING.includes(answer.status)) throw new Error(`${answer.status}`);
  return { status: answer.status };
}

function settle(number, mark, { picks, status }) {
  const box = $(`[name=pick][value="${number}"]`, form);
  const isWord = !("picked" in mark) || "word" in mark;
  if (status) {
    refusal = OVER.includes(status) ? "sheet.gone" : "sheet.refused";
    if (isWord) unkept.add(number);
    if ("picked" in mark && !("picked" in (waiting.get(number) ?? {}))) putBack(box);
    return;
  }
  if (isWord && unkept.delete(number) && !unkept.size) refusal = null;
  if ("picked" in mark) box.defaultChecked = mark.picked === "true";
  $("#picks").textContent = say("sheet.picks", { n: picks });
}

/** Let a box say again what is kept. */
function putBack(box) {
  box.checked = box.defaultChecked;
  box.dispatchEvent(new Event("putback", { bubbles: true }));
}

/** Send a mark so that it arrives also where the page is left meanwhile. */
function post(number, mark) {
  const body = new URLSearchParams(number ? { number, ...mark } : mark);
  return fetch(`${form.getAttribute("action")}/marks`, { method: "POST", body, keepalive: true });
}

function tell(key) {
  const text = say(key);
  if ($("#kept").textContent !== text) $("#kept").textContent = text;
}
