// What htmx needs to be told: tidy addresses, where an answer goes, where the focus goes.
import { say } from "./messages.js";

// The address bar keeps only the filters that are set.
function dropEmpty({ detail }) {
  if (detail.verb !== "get") return;
  for (const [name, value] of [...detail.formData.entries()]) {
    if (value === "") detail.formData.delete(name);
  }
}

// What a page asks for by itself, every second, to show how far something has come: it stays as it is where the server
// can't answer just then, says so once, and asks on.
let missed = null;
const follows = ({ requestConfig }) =>
  !requestConfig.triggeringEvent && requestConfig.elt.matches('[hx-trigger^="every"]');

function missAnswer() {
  if (!missed?.isConnected) missed = say("The server does not answer. This page goes on as soon as it does.");
}

function tellLost({ detail }) {
  if (follows(detail)) missAnswer();
  else say("The server cannot be reached. Nothing was changed; try again.");
}

// A whole page (an error, the sign-in after a long pause) takes the place of the page, never of a fragment.
// A fragment goes where it was asked to, also when it says what is wrong. A file is left to the browser.
function placeAnswer(event) {
  const { detail } = event;
  const { status } = detail.xhr;
  if (status === 204) return;
  if (status >= 500 && follows(detail)) {
    detail.shouldSwap = false;
    missAnswer();
    return;
  }
  missed?.remove();
  const isHtml = (detail.xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/html");
  if (!isHtml && status < 400 && detail.requestConfig.verb === "get") {
    event.preventDefault();
    location.assign(detail.pathInfo.finalRequestPath);
  } else if (!isHtml && status >= 400) {
    detail.shouldSwap = false;
    say("The server could not answer. Try again in a moment.");
  } else {
    if (status >= 400) detail.shouldSwap = true;
    detail.isError = false;
    if (!/^\s*<!doctype/i.test(detail.serverResponse) || detail.requestConfig.elt.closest("[hx-select]")) return;
    detail.target = document.body;
    detail.swapOverride = "innerHTML";
  }
}

// An answer changes nothing any more, nor what stands elsewhere, when what it was asked for is gone. htmx asks the
// target alone, and what is gone is in no document: so the target itself has to listen.
function dropLate({ detail }) {
  if (!detail.target.isConnected) detail.shouldSwap = false;
}

function watchTarget({ detail }) {
  detail.target?.addEventListener("htmx:beforeSwap", dropLate);
}

// The × of a pill goes away when it is pressed: the focus goes to the pill then.
let pill = null;
function notePill({ detail }) {
  pill = detail.elt.closest(".chip-x")?.closest(".chip").querySelector(".chip-btn").getAttribute("popovertarget");
}

// A form that is answered with another page is left: pressed again while that comes, it is not sent once more.
let left = new WeakSet();
function noteLeft({ detail }) {
  if (detail.xhr.getResponseHeader("HX-Redirect")) left.add(detail.elt);
}

function keepLeft(event) {
  if (left.has(event.detail.elt)) event.preventDefault();
}

// htmx gives the focus back to what has the same id. Otherwise: to the errors, to the top of a new page, or to the rows
// that came in place of others.
function focusAfterSwap({ detail }) {
  const summary = detail.target?.querySelector("[data-error-summary]");
  if (summary) summary.focus();
  else if (detail.target === document.body && document.activeElement === document.body) {
    if (pill) document.querySelector(`[popovertarget="${pill}"]`)?.focus();
    if (document.activeElement === document.body) document.querySelector("#main")?.focus({ preventScroll: true });
  } else if (detail.target?.id === "results" && document.activeElement === document.body) {
    document.querySelector("#results")?.focus({ preventScroll: true });
  }
}

export function fixRequests() {
  document.addEventListener("htmx:configRequest", dropEmpty);
  document.addEventListener("htmx:beforeRequest", notePill);
  document.addEventListener("htmx:beforeRequest", watchTarget);
  document.addEventListener("htmx:beforeRequest", keepLeft);
  document.addEventListener("htmx:beforeOnLoad", noteLeft);
  window.addEventListener("pageshow", () => (left = new WeakSet())); // going back, it is there to be sent again
  document.addEventListener("htmx:beforeSwap", placeAnswer);
  document.addEventListener("htmx:afterSettle", focusAfterSwap);
  document.addEventListener("htmx:sendError", tellLost);
  // A whole page that arrives with errors, without htmx
  document.querySelector("[data-error-summary]")?.focus();
}
