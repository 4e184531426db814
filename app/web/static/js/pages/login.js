// Sends the code of a login link, which stands behind the # and so was in no request and no log.
import { $ } from "../core/dom.js";

const form = $("#login");
const code = location.hash.slice(1);
if (code) {
  history.replaceState(null, "", location.pathname + location.search);
  $("#login-lead").textContent = form.dataset.working;
  $("#secret").value = decodeURIComponent(code);
  form.submit();
}
