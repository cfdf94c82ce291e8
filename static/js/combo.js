// A long <select data-combo> becomes an ARIA combobox: type to narrow, arrows to move, Enter to choose.
// The select stays in the form and carries the value; without scripts it is what one sees.
// An option's data-note (an address, a number) is shown beside its label and searched too, its data-words are
// only searched. An <input list data-combo> becomes one as well: many inputs share the options of one <datalist>,
// and whatever is typed stays, for the server knows more names than the list.
const SHOWN = 100; // more are reached by typing
const ANCHORED = CSS.supports("position-area", "block-end");
let count = 0;

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();

// What an option is searched by; asked for at every key, of hundreds
const texts = new WeakMap();
function textOf(option) {
  if (!texts.has(option)) {
    const { note = "", words = "" } = option.dataset;
    texts.set(option, plain(`${option.label || option.value} ${note} ${words}`));
  }
  return texts.get(option);
}

// Its name, and each of its other words: codes, names in other languages
const names = new WeakMap();
function namesOf(option) {
  if (!names.has(option)) names.set(option, [option.value, ...(option.dataset.words ?? "").split(",")].map(plain));
  return names.get(option);
}

function element(name, attributes = {}, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

class Combo {
  constructor(select) {
    this.select = select;
    this.id = `combo-${++count}`;
    this.active = -1;
    this.build();
    this.show();
    this.listen();
  }

  build() {
    const { select } = this;
    this.list = element("ul", { class: "combo-list", id: `${this.id}-list`, role: "listbox", popover: "manual" });
    this.input = element("input", {
      type: "text",
      role: "combobox",
      autocomplete: "off",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": this.list.id,
    });
    const label = select.labels?.[0];
    this.list.setAttribute("aria-label", label?.textContent.replace("*", "").trim() || select.ariaLabel || "Choices");
    for (const name of ["aria-describedby", "aria-invalid", "aria-label"]) {
      if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
    }
    this.input.placeholder = select.dataset.combo || "Type to search";
    this.input.disabled = select.disabled;
    this.input.required = select.required;
    // The label and the links of an error summary point at the id, so the visible control takes it.
    if (select.id) {
      this.input.id = select.id;
      select.id = `${select.id}-value`;
    }
    select.required = false;
    select.hidden = true;
    this.root = element("div", { class: "combo" });
    select.before(this.root);
    this.root.append(this.input, element("span", { class: "combo-arrows", "aria-hidden": "true" }), this.list, select);
  }

  listen() {
    const { input, list, select } = this;
    input.addEventListener("input", () => this.open(input.value));
    input.addEventListener("click", () => {
      if (input.value === this.chosen?.label) input.select(); // what is typed takes its place
      this.open("");
    });
    input.addEventListener("blur", () => this.leave());
    input.addEventListener("keydown", (event) => this.key(event));
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the input keeps the focus
      const item = event.target.closest("[role=option]");
      if (item) this.pick(item);
    });
    select.addEventListener("change", () => this.show());
    select.form?.addEventListener("reset", () => setTimeout(() => this.show()));
  }

  get options() {
    return [...this.select.options];
  }

  get chosen() {
    return this.select.selectedOptions[0];
  }

  isChosen(option) {
    return option.selected;
  }

  // Whether what was typed is none of the options
  get isAstray() {
    return !this.items.length && Boolean(this.input.value.trim());
  }

  get items() {
    return [...this.list.querySelectorAll("[role=option]")];
  }

  show() {
    this.input.value = this.chosen?.value ? this.chosen.label : "";
  }

  matches(words) {
    return this.options.filter((option) => {
      if (!option.value || option.disabled) return false;
      const text = textOf(option);
      return words.every((word) => text.includes(word));
    });
  }

  fill(typed) {
    const found = this.matches(plain(typed).split(/\s+/).filter(Boolean));
    const items = found.slice(0, SHOWN).map((option, index) => {
      const item = element("li", { id: `${this.id}-${index}`, role: "option", "aria-selected": this.isChosen(option) });
      if (option.dataset.colour) item.append(element("span", { class: "dot", "data-colour": option.dataset.colour }));
      item.append(element("span", {}, option.label || option.value));
      if (option.dataset.note) item.append(element("small", {}, option.dataset.note));
      item.option = option;
      return item;
    });
    const note = !found.length ? "Nothing found" : found.length > SHOWN ? `${SHOWN} of ${found.length}; type to narrow` : "";
    if (note) items.push(element("li", { class: "combo-note", role: "presentation" }, note));
    this.list.replaceChildren(...items);
  }

  open(typed) {
    this.fill(typed);
    if (!this.list.matches(":popover-open")) this.list.showPopover({ source: this.input });
    if (!ANCHORED) this.place();
    this.input.setAttribute("aria-expanded", "true");
    this.move(typed ? 0 : this.items.findIndex((item) => this.isChosen(item.option)));
  }

  // Where style sheets cannot hang the list from its box yet
  place() {
    const box = this.input.getBoundingClientRect();
    const height = this.list.offsetHeight + 8;
    const above = box.bottom + height > innerHeight && box.top > height;
    this.list.style.left = `${box.left}px`;
    this.list.style.width = `${box.width}px`;
    this.list.style.top = `${above ? box.top - height : box.bottom}px`;
  }

  close() {
    if (this.list.matches(":popover-open")) this.list.hidePopover();
    this.input.setAttribute("aria-expanded", "false");
    this.move(-1);
  }

  // What is left in the box is either empty, which unsets, or becomes the chosen label again.
  leave() {
    this.close();
    const blank = this.options.find((option) => !option.value);
    if (!this.input.value.trim() && blank && this.select.value) this.choose(blank);
    else this.show();
  }

  move(index) {
    const { items } = this;
    this.active = items.length && index >= 0 ? index % items.length : -1;
    items.forEach((item, at) => item.toggleAttribute("data-active", at === this.active));
    const item = items[this.active];
    if (item) {
      this.input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else this.input.removeAttribute("aria-activedescendant");
  }

  choose(option) {
    this.select.value = option.value;
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  pick(item) {
    this.choose(item.option);
    this.show();
    this.close();
  }

  key(event) {
    const open = this.list.matches(":popover-open");
    const item = this.items[this.active];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (open) this.move(this.active < 0 && step < 0 ? this.items.length - 1 : this.active + step + this.items.length);
      else this.open("");
    } else if (event.key === "Enter" && open && item) this.pick(item);
    else if (event.key === "Enter" && open && this.isAstray) this.close(); // and the form is not sent
    else if (event.key === "Escape" && open) {
      this.close();
      this.show();
    } else {
      if (event.key === "Tab" && open && item && this.input.value.trim()) this.pick(item);
      return;
    }
    event.preventDefault();
  }
}

// The input is the control itself, and carries the value.
class InputCombo extends Combo {
  build() {
    const input = this.select;
    this.input = input;
    this.datalist = input.list;
    input.removeAttribute("list"); // the browser would show the same options once more
    this.list = element("ul", { class: "combo-list", id: `${this.id}-list`, role: "listbox", popover: "manual" });
    this.list.setAttribute("aria-label", input.labels?.[0]?.textContent.replace("*", "").trim() || "Choices");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", this.list.id);
    input.placeholder = input.dataset.combo || "Type to search";
    this.root = element("div", { class: "combo" });
    const focused = document.activeElement === input;
    input.before(this.root);
    this.root.append(input, element("span", { class: "combo-arrows", "aria-hidden": "true" }), this.list);
    if (focused) input.focus();
  }

  show() {}

  get options() {
    return [...this.datalist.options];
  }

  get chosen() {
    return undefined; // whatever is typed stays
  }

  get isAstray() {
    return false;
  }

  isChosen(option) {
    return option.value === this.input.value;
  }

  // Those that are called what was typed come first (us is the United States before Australia), then those whose
  // name begins with it (in is India before Argentina), then those that have another word that does.
  matches(words) {
    const found = super.matches(words);
    const typed = words.join(" ");
    if (!typed) return found;
    const rank = (option) => {
      const called = namesOf(option);
      if (called.includes(typed)) return 0;
      if (called[0].startsWith(typed)) return 1;
      return called.some((name) => name.startsWith(typed)) ? 2 : 3;
    };
    return found.sort((one, other) => rank(one) - rank(other)); // stable: the order of the list within a rank
  }

  leave() {
    this.close();
  }

  choose(option) {
    if (this.input.value === option.value) return;
    this.input.value = option.value;
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function enhanceInputs(root) {
  for (const input of root.querySelectorAll?.("input[list][data-combo]") ?? []) {
    if (input.list) new InputCombo(input);
  }
}

export function enhanceCombos(root) {
  enhanceInputs(root);
  const found = [...root.querySelectorAll("select[data-combo]:not([hidden], [multiple])")];
  if (root.matches?.("select[data-combo]:not([hidden], [multiple])")) found.push(root);
  for (const select of found) new Combo(select);
}
