// Selecting rows of a list: a form[data-bulk] with checkboxes named "selected", a box [data-check-all] in the head,
// a count [data-bulk-count] and a button [data-bulk-clear].
const boxes = (form) => [...form.querySelectorAll('input[name="selected"]')];
let last = null;

function refresh(form) {
  const all = boxes(form);
  const chosen = all.filter((box) => box.checked).length;
  form.toggleAttribute("data-has-selection", chosen > 0);
  for (const count of form.querySelectorAll("[data-bulk-count]")) count.textContent = chosen;
  for (const head of form.querySelectorAll("[data-check-all]")) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
}

function selectRange(all, from, to) {
  const [first, end] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  for (const box of all.slice(first, end + 1)) box.checked = to.checked;
}

export function refreshSelections(root) {
  const forms = [...root.querySelectorAll("form[data-bulk]")];
  const around = root.closest?.("form[data-bulk]");
  for (const form of around ? [around, ...forms] : forms) refresh(form);
}

export function listenForSelection() {
  document.addEventListener("click", (event) => {
    const { target } = event;
    const form = target.closest("form[data-bulk]");
    if (!form) return;
    const all = boxes(form);
    if (target.matches('input[name="selected"]')) {
      if (event.shiftKey && all.includes(last)) selectRange(all, last, target);
      last = target;
    } else if (target.matches("[data-check-all]")) {
      for (const box of all) box.checked = target.checked;
    } else if (target.closest("[data-bulk-clear]")) {
      for (const box of all) box.checked = false;
    } else return;
    refresh(form);
  });
}
