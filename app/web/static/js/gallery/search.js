// Results as one types: the address follows, and an answer that was overtaken is dropped.
import { $, debounce } from "../core/dom.js";
import { html } from "../core/http.js";
import { key } from "../core/keys.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";
import { abandon, watch } from "./endless.js";

const WAIT = 120;
const form = $("#find");
const grid = $("#grid");
const said = $("#said");
const filters = $("#filters");
let underWay = null;
let asked;

function address() {
  const given = new URLSearchParams([...new FormData(form)].filter(([, value]) => value.trim()));
  return form.action + (given.size ? `?${given}` : "");
}

async function search() {
  const url = address();
  // A day is written one number after the other.
  if (url === (underWay ? asked : location.href) || !form.checkValidity()) return;
  underWay?.abort();
  const mine = new AbortController();
  underWay = mine;
  asked = url;
  try {
    const found = await html(url, { signal: mine.signal });
    abandon();
    $("#around").replaceWith($("#around", found));
    grid.replaceChildren(found);
    grid.dataset.narrowed = String(url.includes("?"));
    $("summary", filters).classList.toggle("narrowed", url.includes("?"));
    history.replaceState(history.state, "", url);
    said.textContent = $("#state").textContent || (form.day.value ? $(".day h2", grid)?.textContent : say("gallery.all"));
    watch();
    scrollTo(0, 0);
  } catch (error) {
    if (error.name !== "AbortError") toast(say("gallery.search_failed", { reason: error.message }));
  } finally {
    if (underWay === mine) underWay = null;
  }
}

const searchSoon = debounce(search, WAIT);
form.q.addEventListener("input", () => {
  form.day.value = "";
  searchSoon();
});
// What a field of the filters says is whole only when it is left. A day to go to is one of what was found
// before.
filters.addEventListener("change", ({ target }) => {
  if (target !== form.day) form.day.value = "";
  search();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  filters.open = false;
  search();
});
document.addEventListener("click", (event) => {
  if (filters.open && !filters.contains(event.target)) filters.open = false;
});
filters.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  filters.open = false;
  $("summary", filters).focus();
});
// What opens has the place to write in ready. A toggle does not bubble.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.open && target.matches(".kept details")) target.querySelector("[name=search]").focus();
  },
  true,
);
key("/", () => form.q.focus());
