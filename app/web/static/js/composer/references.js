// Pictures to work from: chosen, dropped or pasted; kept at once, and shown with a way to take them out.
import { $, $$, on } from "../core/dom.js";
import { api } from "../core/http.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";
import { mostReferences } from "./choices.js";

const OURS = /\/images\/(\d+)(?:[/?#]|$)/;

/** Let `form` take pictures; `tell(field, message)` says what is wrong. */
export function takeReferences(form, tell) {
  const input = $("#reference-files", form);
  const list = $("#references", form);
  const problem = (message) => tell("input_images", message);
  const changed = () => form.dispatchEvent(new Event("changed"));

  const add = (images) => {
    const there = new Set($$("li", list).map((tile) => tile.dataset.id));
    const wanted = images.filter((image) => !there.has(String(image.id)));
    const most = mostReferences(form);
    const room = Math.max(0, most - there.size);
    list.append(...wanted.slice(0, room).map(tile));
    if (wanted.length > room) problem(say("composer.too_many", { n: most }));
    changed();
  };
  const upload = async (files) => {
    const pictures = files.filter((file) => file.type.startsWith("image/"));
    if (!pictures.length) return problem(say("composer.no_picture"));
    const body = new FormData();
    for (const file of pictures) body.append("file", file, file.name);
    body.append("project", form.elements.project.value.trim());
    form.setAttribute("aria-busy", "true");
    toast(say("composer.adding"));
    try {
      add((await api("POST", "/images", body)).items);
    } catch (error) {
      problem(error.message);
    } finally {
      form.removeAttribute("aria-busy");
    }
  };
  const addById = async (id) => {
    try {
      add([await api("GET", `/images/${id}`)]);
    } catch (error) {
      problem(error.message);
    }
  };

  $(".add", form).addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    await upload([...input.files]);
    input.value = "";
  });
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
