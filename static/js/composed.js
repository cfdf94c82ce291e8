// A filter of choices and inputs, of which some choices take what the inputs hold: who types there means one of these,
// and who chooses another one means nothing that stands there.
const TAKES = ["custom", "contains", "starts"];

export function listenForComposing() {
  document.addEventListener("input", ({ target }) => {
    const inputs = target.closest("fieldset")?.querySelector(".menu-inputs");
    if (!inputs) return;
    if (inputs.contains(target)) {
      const choices = [...inputs.parentElement.querySelectorAll("input[type=radio]")];
      const taking = choices.filter((choice) => TAKES.includes(choice.value));
      if (taking.length && !taking.some((choice) => choice.checked)) taking[0].checked = true;
    } else if (target.type === "radio" && !TAKES.includes(target.value)) {
      for (const input of inputs.querySelectorAll("input")) input.value = "";
    }
  }, true);
}
