// The larger view: a dialog with arrow keys, and a pick that is the same as the one on the sheet.
import { $, $$, on } from "../core/dom.js";
import { say } from "../core/texts.js";

const dialog = $("#large");
const image = $("img", dialog);
const box = $("#large-pick");
const frames = $$(".frame");
let at = 0;

on("click", ".look", (event, link) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  dialog.showModal();
  show(frames.indexOf(link.closest(".frame")));
});
on("click", "#large [data-step]", (_, button) => show(at + Number(button.dataset.step)));
on("click", "#large .close", () => dialog.close());
dialog.addEventListener("close", () => $(".look", frames[at]).focus());
document.addEventListener("keydown", (event) => {
  if (!dialog.open) return;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step) show(at + step);
  else if (event.key === "p") toggle();
  else return;
  event.preventDefault();
});
box.addEventListener("change", toggle);
on("putback", "#sheet [name=pick]", () => { box.checked = pick(frames[at]).checked; });

function show(wanted) {
  at = Math.min(Math.max(wanted, 0), frames.length - 1);
  const frame = frames[at];
  const small = $("img", frame);
  dialog.style.setProperty("--c", frame.dataset.c);
  image.src = $(".look", frame).href;
  image.alt = small.alt;
  image.width = small.width;
  $("#large-number").textContent = say("sheet.place", { number: frame.dataset.number });
  box.checked = pick(frame).checked;
  for (const next of [frames[at + 1], frames[at - 1]]) if (next) new Image().src = $(".look", next).href;
  for (const button of $$("[data-step]", dialog)) button.disabled = !frames[at + Number(button.dataset.step)];
}

const pick = (frame) => $("[name=pick]", frame);

function toggle() {
  const own = pick(frames[at]);
  own.click();
  box.checked = own.checked;
}
