import { openJump } from "./jump.js";

// Keyboard: "/" search, Ctrl K the jump box, j and k move, x selects, X up to here, Enter opens (it is a link), "?" the list.
// Any control with data-key="e" is pressed by that key.
const rowLinks = () => [...document.querySelectorAll(".table-list .row-link")];
const isTyping = (element) =>
  element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [role=combobox]");

function focusSearch() {
  const input = document.querySelector("[data-search]");
  input?.focus();
  input?.select();
  return Boolean(input);
}

function move(step) {
  const links = rowLinks();
  const here = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), links.length - 1);
  links[next]?.focus();
}

// As a click on the row's tick box does it. Where there are none yet, they come first (lists/bulk_link.html).
function select(shiftKey) {
  const row = document.activeElement?.closest(".table-list tr");
  const box = row?.querySelector('input[type="checkbox"]');
  if (box) box.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey }));
  else if (row) startSelecting(row.querySelector(".row-link")?.href);
}

function startSelecting(href) {
  const start = document.querySelector("#bulk-link");
  if (!start || !href) return;
  const selectRow = () => {
    const link = rowLinks().find((one) => one.href === href);
    if (!link?.closest("tr").querySelector('input[type="checkbox"]')) return;
    document.removeEventListener("htmx:afterSettle", selectRow);
    link.focus();
    select(false);
  };
  document.addEventListener("htmx:afterSettle", selectRow);
  start.click();
}

const keys = {
  "/": () => focusSearch() || openJump(),
  "?": () => document.querySelector("#keys")?.showModal(),
  j: () => move(1),
  k: () => move(-1),
  x: () => select(false),
  X: () => select(true),
};

export function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      if (openJump()) event.preventDefault();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    const pressed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!keys[event.key] && !pressed) return;
    event.preventDefault();
    if (keys[event.key]) keys[event.key]();
    else pressed.click();
  });

  // Browsers that do not know command="show-modal" yet
  if (!("commandForElement" in HTMLButtonElement.prototype)) {
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[commandfor]");
      if (!button) return;
      const dialog = document.getElementById(button.getAttribute("commandfor"));
      if (button.getAttribute("command") === "show-modal") dialog?.showModal();
      if (button.getAttribute("command") === "close") dialog?.close();
    });
  }
}
