// Shows a look as soon as it is chosen, and has the server keep it for this device.
import { $ } from "../core/dom.js";
import { fragment } from "../core/http.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";

const form = $("#look");

async function change() {
  const root = document.documentElement;
  for (const name of ["theme", "tiles"]) root.dataset[name] = form.elements[name].value;
  try {
    await fragment(form.action, { method: "POST", body: new FormData(form) });
  } catch (error) {
    toast(say("settings.look_failed", { reason: error.message }));
  }
}

if (form) {
  form.addEventListener("change", change);
  $("button", form).hidden = true;
}
