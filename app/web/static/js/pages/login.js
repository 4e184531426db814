// Sends the code of a login link, which stands behind the # and so was in no request and no log.
import { $ } from "../core/dom.js";

const form = $("#login");

function take() {
  const code = decoded(location.hash.slice(1));
  if (!code) return;
  history.replaceState(null, "", location.pathname + location.search);
  $("#secret").value = code;
  // A link must neither bring its own key along, nor make somebody else of who is logged in unasked.
  if (!code.startsWith("ps_") && !form.dataset.name) {
    $("#login-lead").textContent = form.dataset.working;
    form.submit();
  }
}

// A link may also be opened where this page is open already.
addEventListener("hashchange", take);
take();

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
