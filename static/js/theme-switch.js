// The theme switch in the person's menu: light, dark, or as the system has it ("auto").
const stored = () => {
  try {
    return localStorage.getItem("theme") ?? "auto";
  } catch {
    return "auto";
  }
};

export function showTheme(root) {
  for (const radio of root.querySelectorAll('input[name="theme"]')) radio.checked = radio.value === stored();
}

export function listenForTheme() {
  document.addEventListener("change", ({ target }) => {
    if (!target.matches('input[name="theme"]')) return;
    const page = document.documentElement;
    if (target.value === "auto") {
      localStorage.removeItem("theme");
      delete page.dataset.theme;
    } else {
      localStorage.setItem("theme", target.value);
      page.dataset.theme = target.value;
    }
  });
}
