// Copies a link; where the browser does not let us, leaves it selected.
import { $, on } from "../core/dom.js";
import { say } from "../core/texts.js";
import { toast } from "../core/toast.js";

on("click", "#share-copy", async () => {
  const field = $("#share-link");
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    toast(say("select.copied"));
  } catch {
    toast(say("select.not_copied"));
  }
});
