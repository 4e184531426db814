// The form of a template shows what it comes to while one types.
import "../templates/preview.js";
