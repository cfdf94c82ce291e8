// What htmx needs to be told: tidy addresses, pages for errors, where the focus goes.
import { say } from "./messages.js";

// The address bar keeps only the filters that are set.
function dropEmpty({ detail }) {
  if (detail.verb !== "get") return;
  for (const [name, value] of [...detail.formData.entries()]) {
    if (value === "") detail.formData.delete(name);
  }
}

// A refusal or a failure is a whole page: it takes the place of the page, never of a fragment.
// 422 is a form that did not validate, and goes where it was asked to.
function showErrorPage({ detail }) {
  const { status } = detail.xhr;
  if (status < 400) return;
  detail.shouldSwap = true;
  detail.isError = false;
  if (status === 422) return;
  detail.target = document.body;
  detail.swapOverride = "innerHTML";
}

// htmx gives the focus back to what has the same id. Otherwise: to the errors, or to the top of a new page.
function focusAfterSwap({ detail }) {
  const summary = detail.target?.querySelector("[data-error-summary]");
  if (summary) summary.focus();
  else if (detail.target === document.body && document.activeElement === document.body) {
    document.querySelector("#main")?.focus({ preventScroll: true });
  }
}

export function fixRequests() {
  document.addEventListener("htmx:configRequest", dropEmpty);
  document.addEventListener("htmx:beforeSwap", showErrorPage);
  document.addEventListener("htmx:afterSettle", focusAfterSwap);
  document.addEventListener("htmx:sendError", () => say("The server cannot be reached. Nothing was changed; try again."));
  // A whole page that arrives with errors, without htmx
  document.querySelector("[data-error-summary]")?.focus();
}
