// Entries of a form: the tick box that removes one becomes a button, and only one of them keeps its flag ticked.
// Without scripts the tick box does, and the server takes the flag from the others.
function keepOrRemove(box, button, entry) {
  const { noun } = button.dataset;
  button.textContent = box.checked ? `Keep this ${noun}` : `Remove this ${noun}`;
  button.classList.toggle("btn-danger-quiet", !box.checked);
  entry.toggleAttribute("data-going", box.checked);
}

// What was wrong with an entry that is gone needs no attention any more.
function forgetMistakes() {
  const summary = document.querySelector("[data-error-summary]");
  if (!summary) return;
  for (const link of summary.querySelectorAll("li a")) {
    if (!document.querySelector(link.hash)) link.closest("li").remove();
  }
  const left = summary.querySelectorAll("li").length;
  if (!left) summary.remove();
  else summary.querySelector("b").textContent = left === 1 ? "One field needs attention" : `${left} fields need attention`;
}

// A new entry is taken out of the page; a kept one stays until the form is saved.
function remove(box, button, entry) {
  if (entry.querySelector("input[name$='-id']").value) {
    box.checked = !box.checked;
    keepOrRemove(box, button, entry);
  } else {
    const next = entry.closest(".entries").querySelector("button[name=add]");
    entry.remove();
    forgetMistakes();
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
  if (root.matches?.("[data-parts]")) searchOn(root);
}

// Fields of another country come a moment after it is chosen: what was typed since then stays, and so does what is
// being searched for in one of them.
const controls = (part) => [...part.querySelectorAll("input[name], select[name], textarea[name]")];
let typed = new Map();
let searched; // the id and the text of the combobox that has the focus
function remember({ detail: { target } }) {
  if (!target?.matches("[data-parts]")) return;
  typed = new Map(controls(target).map(({ name, value }) => [name, value]));
  const { activeElement } = document;
  const isSearched = target.contains(activeElement) && activeElement.matches("input[role=combobox]");
  searched = isSearched ? { id: activeElement.id, text: activeElement.value } : undefined;
}

function restore({ target }) {
  if (!target.matches?.("[data-parts]")) return;
  for (const control of controls(target)) {
    const value = typed.get(control.name);
    const known = control.localName !== "select" || [...control.options].some((option) => option.value === value);
    if (value !== undefined && known) control.value = value;
  }
}

function searchOn(parts) {
  const input = searched && parts.querySelector(`#${CSS.escape(searched.id)}`);
  if (!input) return;
  input.focus();
  if (!input.matches("[role=combobox]") || input.value === searched.text) return;
  input.value = searched.text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

export function listenForEntries() {
  document.addEventListener("htmx:beforeSwap", remember);
  document.addEventListener("htmx:afterSwap", restore);
  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.("[data-flag]") || !target.checked) return;
    for (const other of target.closest(".entry-list").querySelectorAll("[data-flag]")) {
      if (other !== target) other.checked = false;
    }
  });
}
