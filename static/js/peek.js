// A link with hx-target="#peek" leads to a page; where scripts run, a part of that page opens beside the link.
// Escape, or a click elsewhere, closes it, and the focus goes back to the link.
function open({ detail }) {
  const { target, requestConfig } = detail;
  if (target?.id !== "peek") return; // going back swaps the page as a whole
  const link = requestConfig.elt;
  const heading = target.querySelector("h2[id]");
  if (heading) target.setAttribute("aria-labelledby", heading.id);
  if (target.matches(":popover-open")) target.hidePopover();
  link.focus(); // where it is given back to
  target.showPopover({ source: link });
  target.focus();
}

export function listenForPeeks() {
  document.addEventListener("htmx:afterSwap", open);
}
