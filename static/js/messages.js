// Status messages: read out, dismissed by ×; a plain success or piece of news leaves by itself after ten seconds.
const TEN_SECONDS = 10_000;

function leaveLater(toast) {
  if (!["success", "info"].includes(toast.dataset.level) || toast.querySelector("form, a")) return;
  let timer = setTimeout(() => toast.remove(), TEN_SECONDS);
  for (const kind of ["pointerenter", "focusin"]) toast.addEventListener(kind, () => clearTimeout(timer));
  for (const kind of ["pointerleave", "focusout"]) {
    toast.addEventListener(kind, () => {
      clearTimeout(timer);
      timer = setTimeout(() => toast.remove(), TEN_SECONDS);
    });
  }
}

// A status region speaks only of what is put in after it is there: so its first content is put in again.
export function showMessages(root) {
  const region = root.querySelector("#messages") ?? root.closest?.("#messages");
  if (!region) return;
  const toasts = [...region.children].filter((toast) => !("shown" in toast.dataset));
  if (!toasts.length) return;
  for (const toast of toasts) toast.dataset.shown = "";
  requestAnimationFrame(() => {
    for (const toast of toasts) {
      region.append(toast);
      leaveLater(toast);
    }
  });
}

// What tells of something that goes on leaves when that is over: when nothing has its id any more.
export function dropOutdated() {
  for (const toast of document.querySelectorAll(".toast[data-going]")) {
    if (!document.getElementById(toast.dataset.going)) toast.remove();
  }
}

// The message that was put in; null on a page without a place for it.
export function say(text, level = "error") {
  const region = document.querySelector("#messages");
  const template = document.querySelector(`#message-${level}`);
  if (!region || !template) return null;
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = text;
  toast.dataset.shown = "";
  region.append(toast);
  leaveLater(toast);
  return toast;
}

export function listenForMessages() {
  document.addEventListener("click", (event) => {
    event.target.closest("[data-dismiss]")?.closest(".toast")?.remove();
  });
}
