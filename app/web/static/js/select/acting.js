// What the bar does, by the API: in parts of a thousand, and at once on the page.
import { $, $$, on } from "../core/dom.js";
import { api } from "../core/http.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";
import { everyTile } from "../gallery/far.js";
import { choose, chosen, clear, everything } from "./chosen.js";
import { share } from "./sharing.js";
import { takeOut } from "./taking.js";

const AT_ONCE = 1000;
const COMPARED = [2, 4];
const form = $("#selection");
const grid = $("#grid");

on("submit", "#selection", (event) => {
  event.preventDefault();
  const action = event.submitter?.value ?? "words";
  act(action).catch((error) => toast(say("select.failed", { reason: error.message })));
});

// Keys of the bar; Delete is that of the viewer while one is open.
addEventListener("keydown", (event) => {
  const free = event.target === document.body || event.target.closest("#grid");
  if (event.key !== "Delete" || !free || !chosen().length || $("dialog[open]")) return;
  const button = $("[value=delete], [value=restore]", form);
  if (!button) return;
  event.preventDefault();
  form.requestSubmit(button);
});

async function act(action) {
  const ids = chosen();
  if (!ids.length) return;
  if (everything() && ["share", "compare", "export"].includes(action)) {
    toast(say("select.too_many"));
    return;
  }
  switch (action) {
    case "favourite": await favourite(ids); break;
    case "tag":
    case "untag": await words(action, ids, "tags"); break;
    case "project": await words(action, ids, "project"); break;
    // By Enter; on the box of a tile, where neither is written, it is for nothing.
    case "words": if (typed()) await words(typed(), ids); break;
    case "delete":
    case "restore": await move(action, ids); break;
    case "share": share(ids); break;
    case "compare": compare(ids); break;
    case "export": save(ids); break;
  }
}

const typed = () => (form.tags?.value.trim() ? "tag" : form.project?.value.trim() && "project");

/** Change all of the pictures; return how many that were, and which of them on this page. */
async function bulk(action, ids, more = {}) {
  const all = everything();
  if (all) return { n: (await api("POST", "/images/bulk", { action, ...all, ...more })).matched, done: ids };
  const { done, error } = await inParts(action, ids, more);
  if (error && !done.length) throw error;
  if (error) halfDone("select.changed_some", done, ids, error);
  return { n: done.length, done, error };
}

/** Change pictures part by part; return the ids that were `done`, and the `error` that ended it, if any. */
async function inParts(action, ids, more = {}) {
  const done = [];
  while (done.length < ids.length) {
    const part = ids.slice(done.length, done.length + AT_ONCE);
    try {
      await api("POST", "/images/bulk", { action, ids: part, ...more });
    } catch (error) {
      return { done, error };
    }
    done.push(...part);
  }
  return { done };
}

/** Tell that only some of the pictures were changed, and leave the others chosen. */
function halfDone(key, done, ids, error, more) {
  const total = ids.length.toLocaleString(document.documentElement.lang);
  const changed = new Set(done.map(String));
  choose(everyTile(grid).filter((tile) => changed.has(tile.dataset.id)), false);
  toast(say(key, { n: done.length, total, reason: error.message }), more);
}

async function favourite(ids) {
  const starsOf = (some) => some.flatMap((id) => $$(`#image-${id} .fav`));
  const isOn = starsOf(ids).every((star) => star.getAttribute("aria-pressed") === "true");
  const action = isOn ? "unfavourite" : "favourite";
  const { n, done, error } = await bulk(action, ids);
  for (const star of starsOf(done)) star.setAttribute("aria-pressed", String(action === "favourite"));
  if (!error) toast(say(`select.${action}`, { n }));
}

async function words(action, ids) {
  const tags = form.tags.value.split(",").map((tag) => tag.trim()).filter(Boolean);
  if (action !== "project" && !tags.length) {
    form.tags.focus();
    return;
  }
  const project = form.project.value.trim() || null;
  const { n, error } = await bulk(action, ids, action === "project" ? { project } : { tags });
  if (error) return;
  for (const details of $$("details", form)) details.open = false;
  for (const field of [form.tags, form.project]) field.value = "";
  toast(action === "project" && !project ? say("select.moved_nowhere") : say(`select.${action}`, { n }));
}

/** Into the trash or out of it: gone from here at once, back by Undo. */
async function move(action, ids) {
  if (everything()) {
    await moveAll(action);
    return;
  }
  const putBack = takeOut(ids);
  clear();
  const { done, error } = await inParts(action, ids);
  if (error) choose(putBack(ids.slice(done.length)), true);
  if (error && !done.length) throw error;
  const [moved, back] = action === "delete" ? ["deleted", "restored"] : ["restored", "deleted"];
  const undo = async () => {
    const again = await inParts(action === "delete" ? "restore" : "delete", done);
    putBack(done.splice(0, again.done.length));
    if (again.error) throw again.error;
    toast(say(`select.${back}`, { n: again.done.length }));
  };
  if (error) halfDone(`select.${moved}_some`, done, ids, error, { undo });
  else toast(say(`select.${moved}`, { n: done.length }), { undo });
}

/** The same of all that match, which is no slip of a finger: asked first, and without an Undo. */
async function moveAll(action) {
  if (!confirm(say(`select.${action}_all`, { n: everything().expected }))) return;
  await bulk(action);
  location.reload();
}

function compare(ids) {
  if (ids.length < COMPARED[0] || ids.length > COMPARED[1]) toast(say("select.compare_few"));
  else location.assign(`/compare?ids=${ids.join(",")}`);
}

/** Save a zip: by a form of its own, since boxes of tiles far away are in none. */
function save(ids) {
  if (ids.length > AT_ONCE) {
    toast(say("select.too_many_to_export"));
    return;
  }
  const own = document.createElement("form");
  own.method = "post";
  own.action = form.getAttribute("action");
  for (const [name, value] of [["action", "export"], ["ids", ids.join(",")]]) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    own.append(field);
  }
  document.body.append(own);
  own.submit();
  own.remove();
}
