// A button or link with data-copy puts that text on the clipboard, and says data-copied.
import { say } from "./messages.js";

async function copy(event) {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    say(button.dataset.copied, "success");
  } catch {
    say("Your browser does not let this page copy. Select the text and copy it yourself.");
  }
}

export function listenForCopying() {
  document.addEventListener("click", copy);
}
