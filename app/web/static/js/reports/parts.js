// Parts of a page that take longer than the rest: put in when they are there.
import { $$ } from "../core/dom.js";
import { html } from "../core/http.js";

export async function parts() {
  for (const part of $$("[data-part]")) {
    // What fails leaves the link that is there.
    const nodes = await html(part.dataset.part).catch(() => null);
    if (nodes) part.replaceWith(nodes);
  }
}
