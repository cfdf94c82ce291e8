// Blocking, before the first paint: the chosen theme, and the mark that scripts run.
{
  const root = document.documentElement;
  root.classList.add("js");
  let theme = null;
  try {
    theme = localStorage.getItem("theme");
  } catch {
    // Storage is closed to us: the theme follows the system.
  }
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
}
