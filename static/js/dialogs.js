// A link with data-dialog="id" leads to a page; where the page has that dialog, the link opens it instead.
export function listenForDialogs() {
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
