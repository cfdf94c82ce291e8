// Selecting rows of a list: a form[data-bulk] with checkboxes named "selected", boxes [data-check-all] for the page, a
// box [data-check-matching] for all that match, a count [data-bulk-count] and a button [data-bulk-clear].
// What is selected stays while one pages, sorts and filters: rows of other pages go along in [data-bulk-others]. All
// that match stay selected while the filters are the same, but for those in [data-bulk-without].
import { say } from "./messages.js";

const boxes = (form) => [...form.querySelectorAll('input[name="selected"]')];
const matching = (form) => form.querySelector("[data-check-matching]");
// all: the filters whose rows are all selected, or null; out: those of them that are not
const kept = { list: "", ids: new Set(), all: null, out: new Set() };
let last = null;

function forget() {
  kept.ids.clear();
  kept.out.clear();
  kept.all = null;
}

// As it is on the page, into what is kept
function keep(form) {
  kept.all = matching(form)?.checked ? form.dataset.matching : null;
  const [rows, belongs] = kept.all === null ? [kept.ids, true] : [kept.out, false];
  for (const box of boxes(form)) {
    if (box.checked === belongs) rows.add(box.value);
    else rows.delete(box.value);
  }
}

// What was kept, onto a page that has just come
function restore(form) {
  if (kept.list !== form.dataset.bulk) {
    forget();
    kept.list = form.dataset.bulk;
  }
  if (kept.all !== null && kept.all !== form.dataset.matching) {
    forget();
    say("Other rows match now, so that the selection of all that matched is gone.", "info");
  }
  if (kept.all === null) {
    for (const box of boxes(form)) box.checked ||= kept.ids.has(box.value);
    return;
  }
  for (const box of boxes(form)) box.checked = !kept.out.has(box.value);
  if (matching(form)) matching(form).checked = true;
  else keep(form); // they all fit on this page
}

function show(form) {
  const here = boxes(form);
  const chosen = here.filter((box) => box.checked).length;
  const shown = new Set(here.map((box) => box.value));
  const others = [...kept.ids].filter((id) => !shown.has(id));
  const all = Boolean(matching(form)?.checked);
  const number = chosen + others.length;
  form.toggleAttribute("data-has-selection", all || number > 0);
  form.toggleAttribute("data-whole-page", all || (chosen > 0 && chosen === here.length));
  form.toggleAttribute("data-all-match", all);
  for (const field of form.querySelectorAll("[data-bulk-others]")) field.value = others.join(",");
  for (const field of form.querySelectorAll("[data-bulk-without]")) field.value = [...kept.out].join(",");
  for (const count of form.querySelectorAll("[data-bulk-count]")) {
    count.textContent = all ? allBut(matching(form).dataset.number) : told(number);
  }
  for (const text of form.querySelectorAll("[data-bulk-elsewhere]")) {
    text.hidden = all || !others.length;
    text.textContent = `, ${others.length} not on this page`;
  }
  for (const box of form.querySelectorAll("[data-check-all]")) {
    box.checked = chosen > 0 && chosen === here.length;
    box.indeterminate = chosen > 0 && chosen < here.length;
  }
}

const told = (number) => number.toLocaleString(document.documentElement.lang);

// How many all are without those that are left out; where it is not known how many match, in words
function allBut(number) {
  if (number) return told(Number(number) - kept.out.size);
  return kept.out.size ? `All that match but ${told(kept.out.size)}` : "All that match";
}

function selectRange(all, from, to) {
  const [first, end] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  for (const box of all.slice(first, end + 1)) box.checked = to.checked;
}

function check(form, checked) {
  for (const box of boxes(form)) box.checked = checked;
}

function choose(event) {
  const { target } = event;
  const form = target.closest("form[data-bulk]");
  if (!form) return;
  const all = boxes(form);
  if (target.matches('input[name="selected"]')) {
    if (event.shiftKey && all.includes(last)) selectRange(all, last, target);
    last = target;
  } else if (target.matches("[data-check-all]")) {
    check(form, target.checked);
  } else if (target.matches("[data-check-matching]")) {
    forget();
    check(form, target.checked);
  } else if (target.closest("[data-bulk-clear]")) {
    forget();
    check(form, false);
  } else return;
  if (target.closest("[data-bulk-clear]") && matching(form)) matching(form).checked = false;
  keep(form);
  show(form);
  if (target.closest("[data-bulk-clear]")) all[0]?.focus(); // the bar is gone
}

export function refreshSelections(root) {
  const forms = [...root.querySelectorAll("form[data-bulk]")];
  const around = root.closest?.("form[data-bulk]");
  for (const form of around ? [around, ...forms] : forms) {
    restore(form);
    show(form);
  }
  if (!document.querySelector("form[data-bulk]")) forget();
}

export function listenForSelection() {
  document.addEventListener("click", choose);
  // Once it is done with them they are selected no more
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.successful && detail.elt.matches("[data-bulk-confirm]")) forget();
  });
}
