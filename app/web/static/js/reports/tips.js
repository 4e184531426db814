// Tips of charts: under the pointer, and by the arrow keys on a chart that has the focus.
import { $$ } from "../core/dom.js";
import { say } from "../core/texts.js";

const APART = 12;
const tip = Object.assign(document.createElement("div"), { id: "tip", popover: "manual" });
tip.setAttribute("role", "status");

export function tips(root = document) {
  if (!tip.isConnected) document.body.append(tip);
  for (const charts of $$(".charts:has(.hit)", root)) listen(charts);
}

function listen(charts) {
  const name = charts.closest(".card")?.querySelector("h2")?.textContent ?? "";
  charts.tabIndex = 0;
  charts.setAttribute("role", "group");
  charts.setAttribute("aria-label", say("reports.tip", { chart: name }));
  charts.addEventListener("pointerover", (event) => {
    const hit = event.target.closest(".hit");
    if (hit) show(charts, hit);
    else hide(charts);
  });
  charts.addEventListener("pointerleave", () => hide(charts));
  charts.addEventListener("blur", () => hide(charts));
  charts.addEventListener("keydown", (event) => {
    const hits = shown(charts);
    const now = hits.findIndex((hit) => hit.classList.contains("on"));
    const next = { ArrowRight: now + 1, ArrowLeft: now < 0 ? hits.length - 1 : now - 1, Home: 0, End: hits.length - 1 }[event.key];
    if (event.key === "Escape") hide(charts);
    if (next === undefined || !hits.length) return;
    event.preventDefault();
    show(charts, hits[Math.min(Math.max(next, 0), hits.length - 1)]);
  });
}

// Of the drawings of one chart a single one is seen.
function shown(charts) {
  const chart = $$(".chart", charts).find((each) => getComputedStyle(each).display !== "none");
  return chart ? $$(".hit", chart) : [];
}

function show(charts, hit) {
  hide(charts);
  hit.classList.add("on");
  tip.textContent = text(hit);
  tip.showPopover();
  const [place, own] = [hit.getBoundingClientRect(), tip.getBoundingClientRect()];
  const left = place.left + place.width / 2 - own.width / 2;
  tip.style.left = `${Math.max(8, Math.min(left, innerWidth - own.width - 8))}px`;
  const above = place.top - own.height - APART;
  tip.style.top = `${above < 8 ? place.top + APART : above}px`;
}

function hide(charts) {
  for (const hit of $$(".hit.on", charts)) hit.classList.remove("on");
  if (tip.matches(":popover-open")) tip.hidePopover();
}

// The browser's own tip, which is there without this, would come as well: it is taken away.
function text(hit) {
  const title = hit.querySelector("title");
  if (title) {
    hit.dataset.tip = title.textContent;
    title.remove();
  }
  return hit.dataset.tip;
}
