// The form that takes a file: files dropped on a label[data-drop] become those of its input, whose name is then
// said aloud; the bar in a form[data-upload] shows how much of the file has arrived.
const area = (event) => event.target.closest?.("[data-drop]");

function tell(input) {
  const told = input.closest("[data-drop]")?.querySelector("[data-drop-name]");
  if (!told) return;
  const [file] = input.files;
  told.textContent = file ? `Chosen: ${file.name}` : "";
}

function over(event) {
  const label = area(event);
  if (!label || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  label.toggleAttribute("data-over", true);
}

function leave(event) {
  const label = area(event);
  if (label && !label.contains(event.relatedTarget)) label.removeAttribute("data-over");
}

function drop(event) {
  const label = area(event);
  if (!label) return;
  event.preventDefault();
  label.removeAttribute("data-over");
  const input = label.querySelector("input[type=file]");
  if (!event.dataTransfer.files.length) return;
  const one = new DataTransfer();
  one.items.add(event.dataTransfer.files[0]);
  input.files = one.files;
  tell(input);
  input.focus();
}

function progress({ target, detail }) {
  const bar = target.closest?.("[data-upload]")?.querySelector("progress");
  if (!bar || !detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = (100 * detail.loaded) / detail.total;
}

export function listenForDrops() {
  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", leave);
  document.addEventListener("drop", drop);
  document.addEventListener("change", ({ target }) => target.matches("[data-drop] input") && tell(target));
  document.addEventListener("htmx:xhr:progress", progress);
}
