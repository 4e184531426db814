import { form } from "../reports/form.js";
import { parts } from "../reports/parts.js";
import { tips } from "../reports/tips.js";

tips();
form();
parts();
