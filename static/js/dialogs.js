// A link with data-dialog="id" leads to a page; where the page has that dialog, the link opens it instead.
// A link with hx-target="#ask" leads to a page with a question, which is asked in the dialog of that id instead;
// data-close in it closes it.
function ask({ detail }) {
  const { target, requestConfig } = detail;
  if (target?.id !== "ask" || target.open) return; // going back swaps the page as a whole
  requestConfig.elt.closest("[popover]")?.hidePopover(); // whose button the focus goes back to
  target.showModal();
}

function close(event) {
  const dialog = event.target.closest("[data-close]")?.closest("dialog");
  if (!dialog) return;
  event.preventDefault();
  event.stopPropagation();
  dialog.close();
}

// A form that is answered with a file leaves the page, and so its dialog, where they are.
function closeAround(event) {
  if (event.target.matches("[data-brings-file]")) event.target.closest("dialog")?.close();
}

export function listenForDialogs() {
  document.addEventListener("submit", closeAround);
  document.addEventListener("htmx:afterSwap", ask);
  document.addEventListener("click", close, true);
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest("[data-dialog]");
      if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      const dialog = document.getElementById(link.dataset.dialog);
      if (!dialog) return;
      event.preventDefault();
      event.stopPropagation(); // before htmx sees the click
      dialog.showModal();
    },
    true,
  );
}
