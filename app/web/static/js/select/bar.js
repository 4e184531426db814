// The bar as a whole: how many are chosen, and a way out.
import { $, on } from "../core/dom.js";
import { say } from "../core/texts.js";
import "./acting.js";
import { clear, settle } from "./chosen.js";
import { offer } from "./matching.js";
import "./pointing.js";

const bar = $("#selection");
const count = $("#chosen");
$("#choose-none").hidden = false;

document.addEventListener("chosen", ({ detail }) => {
  document.body.classList.toggle("some-chosen", detail.n > 0);
  offer(detail.n);
  count.textContent = detail.n ? say("select.chosen", { n: detail.n }) : "";
});
on("click", "#choose-none", () => clear());
for (const details of bar.querySelectorAll("details")) {
  details.addEventListener("toggle", () => details.open && $("input", details).focus());
}
// One list of words at a time, and none once one looks elsewhere.
document.addEventListener("click", (event) => {
  for (const details of bar.querySelectorAll("details[open]")) if (!details.contains(event.target)) details.open = false;
});
settle();
