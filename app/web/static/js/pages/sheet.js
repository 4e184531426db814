// A proof sheet with scripts: marks are kept at once, pictures can be looked at larger, and it prints.
import "../sheet/saving.js";
import "../sheet/large.js";
import "../sheet/printing.js";

document.documentElement.classList.add("has-scripts");
