// Entries of a form: the tick box that removes one becomes a button, and only one of them keeps its flag ticked.
// Without scripts the tick box does, and the server takes the flag from the others.
function keepOrRemove(box, button, entry) {
  const { noun } = button.dataset;
  button.textContent = box.checked ? `Keep this ${noun}` : `Remove this ${noun}`;
  button.classList.toggle("btn-danger-quiet", !box.checked);
  entry.toggleAttribute("data-going", box.checked);
}

// A new entry is taken out of the page; a kept one stays until the form is saved.
function remove(box, button, entry) {
  if (entry.querySelector("input[name$='-id']").value) {
    box.checked = !box.checked;
    keepOrRemove(box, button, entry);
  } else {
    const next = entry.closest(".entries").querySelector("button[name=add]");
    entry.remove();
    next.focus();
  }
}

function makeButton(label) {
  const entry = label.closest(".entry");
  const box = label.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.dataset.noun = label.dataset.remove;
  button.addEventListener("click", () => remove(box, button, entry));
  keepOrRemove(box, button, entry);
  label.hidden = true;
  label.before(button);
}

export function enhanceEntries(root) {
  for (const label of root.querySelectorAll?.("[data-remove]:not([hidden])") ?? []) makeButton(label);
  // A page that was opened at one of its parts does not give the focus by itself.
  if (root === document || root === document.body) root.querySelector(".entry [autofocus]")?.focus();
}

export function listenForEntries() {
  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.("[data-flag]") || !target.checked) return;
    for (const other of target.closest(".entry-list").querySelectorAll("[data-flag]")) {
      if (other !== target) other.checked = false;
    }
  });
}
