// Lists whose entries people put in order: the buttons that send the form to move an entry move it here and now.
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

function say(item) {
  const place = [...item.parentElement.children].indexOf(item) + 1;
  const said = item.closest("form").querySelector("[data-ordered-said]");
  said.textContent = `${item.querySelector("label").textContent.trim()} is now number ${place}.`;
}
