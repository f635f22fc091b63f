// Turns the rows of a group into chips with one entry field that looks ahead (WAI-ARIA combobox pattern).
// The same form fields go to the server: a chip holds a hidden field, and its importance where the group has one.
const WAIT_MS = 150;
const SHORTEST = 2;
const MOST = 6;

let serial = 0;

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...children);
  return made;
}

async function suggestionsFor(text, kinds) {
  const response = await fetch("/v1/concepts", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    credentials: "same-origin",
    cache: "no-store",
    body: JSON.stringify({ text, kinds, limit: MOST }),
  });
  return response.ok ? (await response.json()).concepts : [];
}

function chipOf(group, text, importance) {
  const name = group.dataset.chips;
  const chip = element("li", { class: "app-chip" }, element("span", {}, text));
  chip.append(element("input", { type: "hidden", name, value: text }));
  const model = group.querySelector(".app-row select");
  if (model) {
    const select = model.cloneNode(true);
    select.id = `chip-importance-${(serial += 1)}`;
    select.className = "nhsuk-select app-chip__select";
    select.setAttribute("aria-label", `How much “${text}” matters`);
    select.value = importance || "2";
    chip.append(select);
  }
  const remove = element("button", { type: "button", class: "app-chip__remove", "aria-label": `Remove ${text}` }, "×");
  remove.addEventListener("click", () => {
    chip.remove();
    group.querySelector(".app-row input").focus();
  });
  chip.append(remove);
  return chip;
}

class LookAhead {
  constructor(input, kinds, take) {
    this.input = input;
    this.kinds = kinds;
    this.take = take;
    this.active = -1;
    this.asked = 0;
    this.list = element("ul", { class: "app-options", role: "listbox", id: `${input.id}-options`, hidden: "" });
    this.list.setAttribute("aria-label", "Words to choose from");
    this.status = element("p", { class: "nhsuk-u-visually-hidden", role: "status" });
    input.after(this.list, this.status);
    Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id })
      .forEach(([name, value]) => input.setAttribute(name, value));
    input.addEventListener("input", () => this.later());
    input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    input.addEventListener("keydown", (event) => this.key(event));
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    const text = this.input.value.trim();
    const turn = (this.asked += 1);
    const found = text.length < SHORTEST ? [] : await suggestionsFor(text, this.kinds).catch(() => []);
    if (turn !== this.asked || document.activeElement !== this.input || text !== this.input.value.trim()) return;
    this.show(found);
  }

  show(found) {
    this.active = -1;
    this.list.replaceChildren(
      ...found.map((concept, place) => {
        const option = element("li", { class: "app-option", role: "option", id: `${this.list.id}-${place}`, "aria-selected": "false" }, concept.matched);
        if (concept.label.toLowerCase() !== concept.matched.toLowerCase()) option.append(element("small", {}, concept.label));
        option.dataset.text = concept.matched;
        option.addEventListener("mousedown", (event) => event.preventDefault());
        option.addEventListener("click", () => this.choose(option));
        return option;
      }),
    );
    this.list.hidden = found.length === 0;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = found.length ? `${found.length} to choose from. Use the arrow keys.` : "";
  }

  key(event) {
    const options = [...this.list.children];
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !this.list.hidden) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.mark((this.active + step + options.length) % options.length);
    } else if (event.key === "Enter" && this.input.value.trim()) {
      event.preventDefault();
      this.active >= 0 && !this.list.hidden ? this.choose(options[this.active]) : this.typed();
    } else if (event.key === "Escape" && !this.list.hidden) {
      this.close();
    }
  }

  mark(place) {
    this.active = place;
    [...this.list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === place)));
    this.input.setAttribute("aria-activedescendant", this.list.children[place].id);
    this.list.children[place].scrollIntoView({ block: "nearest" });
  }

  choose(option) {
    this.take(option.dataset.text);
    this.close();
  }

  typed() {
    this.take(this.input.value.trim());
    this.close();
  }

  close() {
    this.asked += 1;
    clearTimeout(this.timer);
    this.show([]);
  }
}

export function enhanceChips(group) {
  if (group.dataset.enhanced) return;
  group.dataset.enhanced = "yes";
  const rows = [...group.querySelectorAll(".app-row")];
  const chips = element("ul", { class: "app-chip-list" });
  chips.setAttribute("aria-label", group.querySelector("legend").textContent);
  rows[0].before(chips);
  rows.forEach((row) => {
    const text = row.querySelector("input").value.trim();
    if (text) chips.append(chipOf(group, text, row.querySelector("select")?.value));
  });
  rows.slice(1).forEach((row) => row.remove());
  const input = rows[0].querySelector("input");
  const select = rows[0].querySelector("select");
  rows[0].querySelector("label").textContent = `Add ${group.dataset.chips === "need" ? "a need" : "an interest"}`;
  rows[0].querySelector("label").classList.remove("nhsuk-u-visually-hidden");
  input.value = "";
  if (select) select.value = "2";
  const take = (text) => {
    chips.append(chipOf(group, text, select?.value));
    input.value = "";
    if (select) select.value = "2";
    input.focus();
  };
  const ahead = new LookAhead(input, group.dataset.kinds.split(" "), take);
  const add = element("button", { type: "button", class: "nhsuk-button nhsuk-button--secondary nhsuk-button--small app-add" }, "Add");
  add.append(element("span", { class: "nhsuk-u-visually-hidden" }, group.dataset.chips === "need" ? " this need" : " this interest"));
  add.addEventListener("click", () => (input.value.trim() ? ahead.typed() : input.focus()));
  rows[0].append(add);
}
