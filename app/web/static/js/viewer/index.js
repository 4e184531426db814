// The viewer as the gallery has it: in a dialog over it.
import "./dialog.js";
import "./removing.js";
import "../gallery/favourites.js";
import "./copying.js";
import "./marks.js";
import "./shortcuts.js";
