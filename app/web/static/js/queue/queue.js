// Keeps the queue up to date: it asks often while something goes on, seldom else, never when hidden.
// When to ask again is the server's to say: where many pages are open, each asks less often.
import { $, nodes, on } from "../core/dom.js";
import { fragment } from "../core/http.js";
import { say } from "../core/texts.js";
import { complain } from "../core/toast.js";
import { setClock } from "./clock.js";
import { patch } from "./patch.js";

const WHILE_ACTIVE = 700;
const WHILE_IDLE = 5000;
const LONGEST_PAUSE = 60000;

const section = $("#queue");
const known = new Set(section?.dataset.pictures.split(","));
let timer = 0;
let request = null;
let isWantedAnew = false;
let failures = 0;

if (section) {
  setClock(Number(section.dataset.now));
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : look()));
  document.addEventListener("asked", lookAnew);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && look());
  on("submit", "#queue form", act);
  later(section.dataset.active === "1" ? WHILE_ACTIVE : WHILE_IDLE);
}

/** Look, and show what has changed; one request at a time. */
async function look() {
  clearTimeout(timer);
  if (document.hidden) return;
  if (request) return;
  let pause = WHILE_IDLE;
  request = new AbortController();
  const { signal } = request;
  try {
    const version = isWantedAnew ? "" : `?v=${section.dataset.v}`;
    isWantedAnew = false;
    const response = await fragment(`/queue${version}`, { signal });
    const html = response.status === 204 ? null : await response.text();
    failures = 0;
    section.dataset.v = response.headers.get("X-Revision");
    if (html !== null) {
      const failed = patch(section, nodes(html));
      const arrived = announce(response.headers.get("X-Pictures") ?? "");
      tell(failed, arrived);
    }
    pause = Number(response.headers.get("X-Pause"));
  } catch (error) {
    if (error.name !== "AbortError") failures += 1;
    pause = Math.min(LONGEST_PAUSE, WHILE_IDLE * 2 ** failures);
  }
  if (signal.aborted) return;
  request = null;
  later(isWantedAnew ? 0 : pause);
}

/** Look at once, and have it told anew: something was just changed here. */
function lookAnew() {
  isWantedAnew = true;
  look();
}

function later(pause) {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(look, pause);
}

function stop() {
  clearTimeout(timer);
  request?.abort();
  request = null;
}

/** Say what has happened, to whoever does not see it. */
function tell(failed, arrived) {
  const told = failed.map((card) => say("queue.failed", { what: $(".what", card).textContent }));
  if (arrived) told.push(say("queue.arrived", { n: arrived }));
  if (told.length) $("#queue-said").textContent = told.join(". ");
}

/** Tell the page of pictures that it has not been told of; return how many. */
function announce(pictures) {
  const ids = pictures.split(",").filter((id) => id && !known.has(id));
  for (const id of ids) known.add(id);
  if (ids.length) document.dispatchEvent(new CustomEvent("pictures", { detail: { ids: ids.map(Number) } }));
  return ids.length;
}

/** Do what a card's button says, without leaving the page. */
async function act(event, form) {
  event.preventDefault();
  const button = $("button", form);
  if (button.getAttribute("aria-disabled")) return;
  button.setAttribute("aria-disabled", "true");
  try {
    await fragment(form.action, { method: "POST" });
  } catch (error) {
    complain(error);
    button.removeAttribute("aria-disabled");
  }
  lookAnew();
}
