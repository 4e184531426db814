// Lets the cards tell how long things take, second by second, without asking the server.
import { $, $$ } from "../core/dom.js";
import { say } from "../core/texts.js";

let ahead = 0;
let timer = 0;

/** Begin; `now` is the server's time in milliseconds: the clock of this machine may be wrong. */
export function setClock(now) {
  ahead = now - Date.now();
  clearInterval(timer);
  timer = setInterval(tick, 1000);
  tick();
}

/** Show how long each card that runs has taken by now. */
export function tick() {
  if (document.hidden) return;
  for (const card of $$("#queue [data-since]")) {
    const seconds = (Date.now() + ahead - card.dataset.since) / 1000;
    const usual = Number(card.dataset.usual);
    const taken = about(seconds);
    $(".clock", card).textContent = usual ? say("queue.elapsed", { taken, usual: about(usual) }) : taken;
    const bar = $("progress", card);
    if (bar) bar.value = seconds;
  }
}

function about(seconds) {
  return seconds < 60
    ? say("queue.seconds", { count: Math.max(1, Math.round(seconds)) })
    : say("queue.minutes", { count: Math.round(seconds / 60) });
}
