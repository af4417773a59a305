/* Markers and their sources: the quote in a popover, the passage and the article in the panel. */
import { announce, words } from "/ui/words.js";

const byId = (id) => document.getElementById(id);
const pop = () => byId("pc-pop");
const panel = () => byId("pc-panel");
const body = () => byId("pc-panel-body");
const MARKER = ".pc-marker[data-source]";
const MARGIN = 12;

let over = null;
let timer = 0;
let opener = null;

function popover(marker) {
  const source = byId(marker.dataset.source);
  if (!source) return;
  const part = (selector, name) => {
    const node = document.createElement("span");
    node.className = name;
    node.dir = "auto";
    node.textContent = source.querySelector(selector)?.textContent ?? "";
    return node;
  };
  const about = document.createElement("span");
  about.className = "pc-pop-about";
  about.textContent = [...source.querySelectorAll(".pc-about > *")]
    .map((node) => node.firstChild?.textContent ?? "")
    .join(" · ");
  const show = document.createElement("button");
  show.type = "button";
  show.className = "pc-quiet";
  show.dataset.source = marker.dataset.source;
  show.textContent = words.show_passage;
  show.tabIndex = -1;
  pop().replaceChildren(part("h4", "pc-pop-title"), about, part("mark", "pc-pop-quote"), show);
  pop().classList.toggle("is-touch", matchMedia("(hover: none)").matches);
  pop().hidden = false;
  place(marker);
  marker.setAttribute("aria-describedby", "pc-pop");
  over = marker;
}

function place(marker) {
  const at = marker.getBoundingClientRect();
  const size = pop().getBoundingClientRect();
  const left = Math.min(
    Math.max(MARGIN, at.left + at.width / 2 - size.width / 2),
    innerWidth - size.width - MARGIN,
  );
  const above = at.top - size.height - 8;
  pop().style.left = `${left}px`;
  pop().style.top = `${above > MARGIN ? above : at.bottom + 8}px`;
}

export function closePopover() {
  // One that is about to open may: scrolling to a marker ends after the pointer is there.
  if (!over) return false;
  clearTimeout(timer);
  over.removeAttribute("aria-describedby");
  over = null;
  pop().hidden = true;
  return true;
}

/* Opens the panel at a source: its turn's sources, with that one marked. */
function show(id, from) {
  const source = byId(id);
  if (!source) return;
  clearTimeout(timer);
  closePopover();
  // The panel holds a copy, so that the turn keeps its own; ids stay with the turn.
  const copy = source.closest(".pc-sources").cloneNode(true);
  copy.hidden = false;
  let lit = null;
  for (const other of copy.querySelectorAll(".pc-source")) {
    other.dataset.copyOf = other.id;
    if (other.id === id) lit = other;
    other.removeAttribute("id");
  }
  lit.classList.add("is-lit");
  body().replaceChildren(copy);
  open(from);
  for (const marker of document.querySelectorAll(".pc-marker.is-open")) {
    marker.classList.remove("is-open");
  }
  for (const marker of document.querySelectorAll(MARKER)) {
    marker.classList.toggle("is-open", marker.dataset.source === id);
  }
  lit.scrollIntoView({ block: "nearest" });
  lit.focus({ preventScroll: true });
}

function open(from) {
  if (from) opener = from;
  panel().hidden = false;
  document.body.classList.add("pc-panel-open");
}

export function closePanel() {
  if (panel().hidden) return false;
  panel().hidden = true;
  document.body.classList.remove("pc-panel-open");
  for (const marker of document.querySelectorAll(".pc-marker.is-open")) {
    marker.classList.remove("is-open");
  }
  if (opener?.isConnected) opener.focus();
  return true;
}

/* The whole article in the panel, scrolled to the quote. */
async function article(button) {
  const { article: id, start, end } = button.dataset;
  const back = [...body().childNodes];
  const scrolled = body().scrollTop;
  const place = `/ui/article/${encodeURIComponent(id)}?start=${start}&end=${end}`;
  const answer = await fetch(place).catch(() => null);
  if (!answer?.ok) {
    const said = answer?.status === 404 ? words.article_gone : words.unreachable;
    const note = document.createElement("p");
    note.className = "pc-note";
    note.textContent = said;
    announce(said);
    button.replaceWith(note);
    return;
  }
  // Escaped by the server, which renders it; the policy of the page runs nothing in it.
  body().innerHTML = await answer.text();
  byId("pc-back").addEventListener("click", () => {
    body().replaceChildren(...back);
    body().scrollTop = scrolled;
    body().focus();
  });
  body().focus();
  body().querySelector("mark")?.scrollIntoView({ block: "center" });
}

export function listen() {
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const marker = event.target.closest(MARKER);
    clearTimeout(timer);
    if (marker) timer = setTimeout(() => marker !== over && popover(marker), 90);
    else if (over && !event.target.closest("#pc-pop")) timer = setTimeout(closePopover, 160);
  });
  document.addEventListener("focusin", (event) => {
    const marker = event.target.closest(MARKER);
    if (marker?.matches(":focus-visible")) popover(marker);
    else if (!event.target.closest("#pc-pop")) closePopover();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-source]");
    const whole = event.target.closest("[data-article]");
    if (whole) article(whole);
    // A finger cannot hover: its first tap shows the quote, what is in it opens the panel.
    else if (link?.matches(MARKER) && event.pointerType === "touch") popover(link);
    else if (link) show(link.dataset.source, link.closest("#pc-pop") ? over : link);
    else if (!event.target.closest("#pc-pop")) closePopover();
  });
  byId("pc-panel-close").addEventListener("click", closePanel);
  byId("pc-main").addEventListener("scroll", closePopover, { passive: true, capture: true });
  addEventListener("resize", closePopover);
}
