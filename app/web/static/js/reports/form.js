// The address of a page says what was asked, and nothing that is empty.
import { $ } from "../core/dom.js";

export function form() {
  $(".ask form")?.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (!value) formData.delete(name);
    // Days of one's own come before a period.
    if (formData.has("from") || formData.has("to")) formData.delete("period");
  });
}
