// The page that shows the link of a new proof sheet.
import { $ } from "../core/dom.js";
import "../shares/copying.js";

$("#share-copy").hidden = false;
