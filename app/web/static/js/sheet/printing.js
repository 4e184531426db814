// Prints once all pictures are there: those further down are loaded only when they are neared.
import { $, $$ } from "../core/dom.js";

function load() {
  return Promise.allSettled($$(".frame img").map((image) => {
    image.loading = "eager";
    return image.decode();
  }));
}

$("#print").addEventListener("click", async (event) => {
  event.target.disabled = true;
  await load();
  event.target.disabled = false;
  print();
});
addEventListener("beforeprint", load);
