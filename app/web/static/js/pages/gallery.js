// What the gallery does beyond what its page does by itself.
import "../core/once.js";
import { $ } from "../core/dom.js";
import "../gallery/endless.js";
import "../gallery/search.js";
import "../gallery/newcomers.js";
import "../gallery/arrows.js";
import "../gallery/favourites.js";
import "../composer/composer.js";
import "../queue/queue.js";
import "../viewer/index.js";

// Not in the trash for those who may only look.
if ($("#selection")) import("../select/bar.js");
