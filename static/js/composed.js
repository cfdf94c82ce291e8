// A filter that has a choice "Between" and inputs for it: who types there means it.
export function listenForComposing() {
  document.addEventListener("input", (event) => {
    const inputs = event.target.closest(".menu-inputs");
    const choice = inputs?.parentElement.querySelector('input[type=radio][value="custom"]');
    if (choice) choice.checked = true;
  }, true);
}
