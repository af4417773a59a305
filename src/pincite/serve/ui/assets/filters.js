/* The filters: a small form, and a chip for each that is set. */
import { fill, plain, words } from "/ui/words.js";

const byId = (id) => document.getElementById(id);
const form = () => byId("pc-filters");
const NAMES = ["source", "language", "since", "until", "tag"];

let set = {};

/* As the server takes them; see FilterRequest. */
export function filters() {
  return {
    since: set.since || null,
    until: set.until || null,
    sources: set.source ? [set.source] : [],
    languages: set.language ? [set.language] : [],
    tags: set.tag ? [set.tag] : [],
  };
}

function languageName(tag) {
  try {
    return new Intl.DisplayNames([words.tag || "en"], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

function described(name) {
  if (name === "since") return fill(words.from_day, { day: set.since });
  if (name === "until") return fill(words.to_day, { day: set.until });
  if (name === "language") return languageName(set.language);
  return name === "tag" ? `# ${set.tag}` : set[name];
}

export function render() {
  const chips = NAMES.filter((name) => set[name]).map((name) => {
    const item = document.createElement("li");
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "pc-chip";
    chip.dataset.filter = name;
    const label = document.createElement("span");
    label.textContent = plain(described(name));
    label.dir = "auto";
    chip.append(label);
    chip.setAttribute("aria-label", fill(words.remove_filter, { filter: described(name) }));
    item.append(chip);
    return item;
  });
  byId("pc-chips").replaceChildren(...chips);
  byId("pc-filter-open").classList.toggle("is-set", chips.length > 0);
}

export function isOpen() {
  return !form().hidden;
}

export function open(now) {
  form().hidden = !now;
  byId("pc-filter-open").setAttribute("aria-expanded", String(now));
  if (now) form().elements.source.focus();
}

export function clear() {
  set = {};
  form().reset();
  render();
}

function choices(select, values, name) {
  const first = select.options[0];
  select.replaceChildren(
    first,
    ...values.map((value) => {
      const option = document.createElement("option");
      option.value = value;
      option.textContent = name(value);
      return option;
    }),
  );
  select.closest("label").hidden = values.length === 0;
}

/* What the library has to choose from. */
export function offer(start) {
  const known = start.sources.map((source) => {
    const option = document.createElement("option");
    option.value = source;
    return option;
  });
  byId("pc-sources-known").replaceChildren(...known);
  choices(form().elements.language, start.languages, languageName);
  choices(form().elements.tag, start.tags, (tag) => tag);
}

export function listen() {
  byId("pc-filter-open").addEventListener("click", () => open(form().hidden));
  byId("pc-filter-clear").addEventListener("click", clear);
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    for (const name of NAMES) set[name] = form().elements[name].value.trim();
    render();
    open(false);
    byId("pc-box").focus();
  });
  byId("pc-chips").addEventListener("click", (event) => {
    const chip = event.target.closest("[data-filter]");
    if (!chip) return;
    set[chip.dataset.filter] = "";
    form().elements[chip.dataset.filter].value = "";
    render();
    byId("pc-filter-open").focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (isOpen() && !event.target.closest("#pc-ask")) open(false);
  });
}
