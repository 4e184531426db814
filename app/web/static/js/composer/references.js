// Pictures to work from: chosen, dropped or pasted; kept at once, and shown with a way to take them out.
import { $, $$, on } from "../core/dom.js";
import { api } from "../core/http.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";
import { mostReferences } from "./choices.js";

const OURS = /\/images\/(\d+)(?:[/?#]|$)/;

/**
 * Let `form` take pictures; `tell(field, message)` says what is wrong. Return a function that waits for those
 * under way and tells whether all of them came.
 */
export function takeReferences(form, tell) {
  const input = $("#reference-files", form);
  const list = $("#references", form);
  const problem = (message) => tell("input_images", message);
  const changed = () => form.dispatchEvent(new Event("changed"));
  const underWay = new Set();
  const watched = (adding) => async (given) => {
    const done = adding(given);
    underWay.add(done);
    form.setAttribute("aria-busy", "true");
    await done;
    underWay.delete(done);
    if (!underWay.size) form.removeAttribute("aria-busy");
  };

  // Each of these tells whether all came that was given, once it is known.
  const add = (images) => {
    const there = new Set($$("li", list).map((tile) => tile.dataset.id));
    const wanted = images.filter((image) => !there.has(String(image.id)));
    const most = mostReferences(form);
    const room = Math.max(0, most - there.size);
    list.append(...wanted.slice(0, room).map(tile));
    if (wanted.length > room) problem(say("composer.too_many", { n: most }));
    changed();
    return wanted.length <= room;
  };
  const failed = (message) => {
    problem(message);
    return false;
  };
  const upload = watched(async (files) => {
    const pictures = files.filter((file) => file.type.startsWith("image/"));
    if (!pictures.length) return failed(say("composer.no_picture"));
    const body = new FormData();
    for (const file of pictures) body.append("file", file, file.name);
    body.append("project", form.elements.project.value.trim());
    toast(say("composer.adding"));
    try {
      return add((await api("POST", "/images", body)).items);
    } catch (error) {
      return failed(error.message);
    }
  });
  const addById = watched(async (id) => {
    try {
      return add([await api("GET", `/images/${id}`)]);
    } catch (error) {
      return failed(error.message);
    }
  });
  // They go by the API, and so not with the form as well.
  const takeChosen = () => {
    const files = [...input.files];
    input.value = "";
    if (files.length) upload(files);
  };

  $(".add", form).addEventListener("click", () => input.click());
  input.addEventListener("change", takeChosen);
  takeChosen();
  list.addEventListener("change", (event) => {
    event.target.closest("li").remove();
    changed();
    form.elements.prompt.focus({ preventScroll: true });
  });
  form.addEventListener("restore", ({ detail }) => {
    if (!list.childElementCount && detail.length) list.append(...detail.map(tile));
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    // What has words as well, such as a part of a document, is pasted as words where one types.
    const hasWords = event.clipboardData?.types.includes("text/plain") && event.target.closest?.("input,textarea");
    if (!files.length || hasWords) return;
    event.preventDefault();
    upload(files);
  });
  takeDrops(form, upload, addById);

  return async () => {
    if (underWay.size) toast(say("composer.adding"));
    while (underWay.size) if (!(await Promise.all(underWay)).every(Boolean)) return false;
    return true;
  };
}

function takeDrops(form, upload, addById) {
  const canTake = (event) => {
    const types = event.dataTransfer?.types ?? [];
    return types.includes("Files") || (form.contains(event.target) && types.includes("text/uri-list"));
  };
  document.addEventListener("dragover", (event) => {
    if (!canTake(event)) return;
    event.preventDefault();
    form.classList.add("dropping");
  });
  on("dragleave", "html", (event) => event.relatedTarget ?? form.classList.remove("dropping"));
  document.addEventListener("dragend", () => form.classList.remove("dropping"));
  document.addEventListener("drop", (event) => {
    form.classList.remove("dropping");
    if (!canTake(event)) return;
    event.preventDefault();
    // A picture of this page, too, comes with its bytes; its address is worth more.
    const ours = event.dataTransfer.getData("text/uri-list").match(OURS);
    if (ours) addById(ours[1]);
    else upload([...event.dataTransfer.files]);
  });
}

/** Return the tile of an image as the API tells it. */
function tile(image) {
  const shown = $("#reference").content.firstElementChild.cloneNode(true);
  const box = $("input", shown);
  shown.dataset.id = image.id;
  shown.style.setProperty("--c", image.color);
  $("img", shown).src = image.links.thumbnail;
  $("img", shown).alt = image.prompt;
  box.value = image.id;
  box.setAttribute("aria-label", image.prompt);
  $("label", shown).title = say("composer.remove", { what: image.prompt.slice(0, 80) });
  return shown;
}
