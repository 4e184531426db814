// Asks the server what a template comes to: there is one implementation of formatting, and it is there.
import { $, debounce } from "../core/dom.js";
import { html } from "../core/http.js";
import { say } from "../core/texts.js";
import { complain } from "../core/toast.js";

const PAUSE = 150;
const form = $("#template");
let underWay = new AbortController();

/** Show what the form comes to now; what was asked for before does not matter any more. */
async function show() {
  underWay.abort();
  underWay = new AbortController();
  try {
    const options = { method: "POST", body: new FormData(form), signal: underWay.signal };
    put(await html(form.dataset.preview, options));
  } catch (error) {
    if (error.name !== "AbortError") complain(new Error(say("templates.failed", { reason: error.message })));
  }
}

function put(parts) {
  const [variables, fields] = ["#variables", "#preview"].map((part) => $(part, parts));
  // Fields that somebody types in stay as they are: only other names make other fields.
  if (!fields.querySelector(".bad") && variables.dataset.names !== $("#variables").dataset.names) $("#variables").replaceWith(variables);
  $("#preview").replaceWith(fields);
}

form.addEventListener("input", debounce(show, PAUSE));
$("[formaction]", form).hidden = true;
