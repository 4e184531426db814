// What the bar does, by the API: in parts of a thousand, and at once on the page.
import { $, $$, on } from "../core/dom.js";
import { api } from "../core/http.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";
import { everyTile } from "../gallery/far.js";
import { choose, chosen, clear } from "./chosen.js";
import { everything } from "./matching.js";
import { share } from "./sharing.js";

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
  event.preventDefault();
  form.requestSubmit($("[value=delete], [value=restore]", form));
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
    case "words": await words(form.tags.value.trim() ? "tag" : "project", ids); break;
    case "delete":
    case "restore": await move(action, ids); break;
    case "share": share(ids); break;
    case "compare": compare(ids); break;
    case "export": save(ids); break;
  }
}

/** Change all of the pictures; return how many that were. */
async function bulk(action, ids, more = {}) {
  const all = everything();
  if (all) return (await api("POST", "/images/bulk", { action, ...all, ...more })).matched;
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    await api("POST", "/images/bulk", { action, ids: ids.slice(at, at + AT_ONCE), ...more });
  }
  return ids.length;
}

async function favourite(ids) {
  const stars = ids.flatMap((id) => $$(`#image-${id} .fav`));
  const action = stars.every((star) => star.getAttribute("aria-pressed") === "true") ? "unfavourite" : "favourite";
  const n = await bulk(action, ids);
  for (const star of stars) star.setAttribute("aria-pressed", String(action === "favourite"));
  toast(say(`select.${action}`, { n }));
}

async function words(action, ids) {
  const tags = form.tags.value.split(",").map((tag) => tag.trim()).filter(Boolean);
  if (action !== "project" && !tags.length) {
    form.tags.focus();
    return;
  }
  const project = form.project.value.trim() || null;
  const n = await bulk(action, ids, action === "project" ? { project } : { tags });
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
  const wanted = new Set(ids.map(String));
  const taken = everyTile(grid)
    .filter((tile) => wanted.has(tile.dataset.id))
    .map((tile) => ({ tile, list: tile.parentNode, next: tile.nextSibling, section: tile.closest(".day") }));
  const putBack = () => {
    for (const { tile, list, next, section } of taken.toReversed()) {
      list.insertBefore(tile, next?.parentNode === list ? next : null);
      if (section) section.hidden = false;
    }
  };
  clear();
  for (const { tile } of taken) tile.remove();
  for (const { section, list } of taken) if (section) section.hidden = !$(".tile", list);
  try {
    const n = await bulk(action, ids);
    const opposite = action === "delete" ? "restore" : "delete";
    toast(say(action === "delete" ? "select.deleted" : "select.restored", { n }), {
      undo: async () => {
        await bulk(opposite, ids);
        putBack();
        toast(say(action === "delete" ? "select.restored" : "select.deleted", { n }));
      },
    });
  } catch (error) {
    putBack();
    choose(taken.map(({ tile }) => tile), true);
    throw error;
  }
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
