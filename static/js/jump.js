// The jump box (components/jump.html): the field keeps the focus, the arrows move among the customers that the
// server found, Enter follows the chosen one's link. Enter before the answer is there waits for it.
const field = () => document.querySelector("#jump-q");
const list = () => document.querySelector("#jump-list");
const options = () => [...document.querySelectorAll("#jump-list [role=option]")];
const chosen = () => document.querySelector('#jump-list [aria-selected="true"]');
let waiting = false;

export function openJump() {
  const box = document.querySelector("#jump-box");
  if (!box) return false;
  if (!box.open) box.showModal();
  field().select();
  return true;
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (!option) return field().removeAttribute("aria-activedescendant");
  field().setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = options();
  const at = all.indexOf(chosen()) + by;
  choose(all[(at + all.length) % all.length]);
}

// What is listed belongs to what was typed before the last letters
const isBehind = () => (list().dataset.for ?? "") !== field().value.trim();

function press(event) {
  if (event.target !== field() || event.isComposing) return;
  if (event.key === "ArrowDown") step(1);
  else if (event.key === "ArrowUp") step(-1);
  else if (event.key === "Enter") {
    if (isBehind()) waiting = true;
    else chosen()?.click();
  } else return;
  event.preventDefault();
}

function show({ detail }) {
  if (detail.target?.id !== "jump-hits") return;
  const all = options();
  field().setAttribute("aria-expanded", String(all.length > 0));
  document.querySelector("#jump-said").textContent = list().dataset.said ?? "";
  choose(all[0]);
  if (waiting && !isBehind()) {
    waiting = false;
    chosen()?.click();
  }
}

export function listenForJumps() {
  document.addEventListener("keydown", press);
  document.addEventListener("input", (event) => {
    if (event.target === field()) waiting = false;
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.id === "jump-q") event.target.select();
  });
  document.addEventListener("pointermove", (event) => {
    const option = event.target.closest("#jump-list [role=option]");
    if (option && option !== chosen()) choose(option);
  });
  document.addEventListener("htmx:afterSettle", show); // before, htmx does not know the links yet
}
