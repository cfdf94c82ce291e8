// Which columns of a file are not imported is said below them, and changes as somebody chooses what they are.
export function listenForColumns() {
  document.addEventListener("change", ({ target }) => {
    const match = target.closest(".import-match");
    const said = match?.querySelector("[data-left-out]");
    if (!said) return;
    const rows = [...match.querySelectorAll("tr[data-heading]")];
    const left = rows.filter((row) => !row.querySelector("select").value);
    said.querySelector("span").textContent = left.map((row) => row.dataset.heading).join(", ");
    said.hidden = !left.length;
    said.nextElementSibling.hidden = Boolean(left.length);
  });
}
