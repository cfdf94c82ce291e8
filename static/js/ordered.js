// Lists whose entries people put in order: the buttons that send the form to move an entry move it here and now, and
// an entry can be dragged to its place.
let dragged = null;

export function listenForOrdering() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ordered] button[name=move]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("[data-item]");
    const up = button.value.startsWith("up:");
    const other = up ? item.previousElementSibling : item.nextElementSibling;
    if (!other?.matches("[data-item]")) return;
    if (up) other.before(item);
    else other.after(item);
    button.focus();
    item.scrollIntoView({ block: "nearest" });
    say(item);
  });
}

export function listenForDragging() {
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-ordered] [data-item]") ?? null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    dragged.toggleAttribute("data-dragged", true);
  });
  document.addEventListener("dragover", (event) => {
    const over = dragged && event.target.closest?.("[data-item]");
    if (over?.parentElement !== dragged?.parentElement || !over) return;
    event.preventDefault();
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(dragged);
    else over.after(dragged);
  });
  document.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged.toggleAttribute("data-dragged", false);
    say(dragged);
    dragged = null;
  });
}

function say(item) {
  const place = [...item.parentElement.children].indexOf(item) + 1;
  const said = item.closest("form").querySelector("[data-ordered-said]");
  said.textContent = `${item.querySelector("label").textContent.trim()} is now number ${place}.`;
}
