/* The conversations that the server keeps: the list in the sidebar, and the address of the open one. */
import { confirmed } from "/ui/dialogs.js";
import { announce, fill, plain, words } from "/ui/words.js";

const byId = (id) => document.getElementById(id);
const WHERE = "/ui/conversations";
const TYPING_MS = 250;

let current = "";
let shown = 0;
let latest = 0;
let open = () => {};
let gone = () => {};

export const id = () => current;
const path = (conversation) => `${WHERE}/${encodeURIComponent(conversation)}`;
const address = (conversation) => (conversation ? `/?c=${encodeURIComponent(conversation)}` : "/");
const inAddress = () => new URLSearchParams(location.search).get("c") ?? "";

function mark() {
  for (const link of byId("pc-conversation-list").querySelectorAll("a")) {
    if (link.dataset.id === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

/* Notes which conversation is open; a step back in the browser leads to the one before. */
export function become(conversation, { step = true } = {}) {
  const changed = conversation !== current;
  current = conversation;
  if (inAddress() !== conversation) {
    if (step) history.pushState(null, "", address(conversation));
    else history.replaceState(null, "", address(conversation));
  }
  mark();
  return changed;
}

function button(name, label, title) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "pc-icon-button";
  made.dataset.act = name;
  made.setAttribute("aria-label", `${label}: ${title}`);
  made.title = label;
  const icon = document.createElement("span");
  icon.className = `pc-icon pc-icon-${name}`;
  icon.setAttribute("aria-hidden", "true");
  made.append(icon);
  return made;
}

function line(conversation) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const title = plain(conversation.title);
  link.href = address(conversation.id);
  link.dataset.id = conversation.id;
  link.textContent = title;
  link.title = title;
  link.dir = "auto";
  item.append(link, button("rename", words.rename, title), button("delete", words.delete, title));
  return item;
}

/* Lists anew, or from where the list ended. */
export async function list({ further = false } = {}) {
  latest += 1;
  const asked = latest;
  const search = byId("pc-conversation-search").value.trim();
  const from = further ? shown : 0;
  const query = new URLSearchParams({ q: search, offset: String(from) });
  const answer = await fetch(`${WHERE}?${query}`).catch(() => null);
  if (!answer?.ok || asked !== latest) return;
  const found = await answer.json();
  const lines = found.conversations.map(line);
  if (further) byId("pc-conversation-list").append(...lines);
  else byId("pc-conversation-list").replaceChildren(...lines);
  shown = from + lines.length;
  byId("pc-conversation-more").hidden = !found.more;
  byId("pc-conversation-none").hidden = shown > 0;
  byId("pc-conversations").hidden = shown === 0 && !search;
  mark();
}

async function send(conversation, options) {
  const answer = await fetch(path(conversation), options).catch(() => null);
  if (answer?.ok) return true;
  announce(answer?.status === 404 ? words.conversation_gone : words.unreachable);
  list();
  return false;
}

async function remove(link) {
  const sure = fill(words.delete_conversation, { title: link.textContent });
  if (!(await confirmed(sure, words.delete_conversation_text))) return;
  if (!(await send(link.dataset.id, { method: "DELETE" }))) return;
  announce(words.deleted);
  if (link.dataset.id === current) gone();
  await list();
  byId("pc-new").focus();
}

/* The title becomes a field: Enter and leaving it save, Escape does not. */
function rename(link) {
  const field = document.createElement("input");
  field.value = link.textContent;
  field.maxLength = 200;
  field.className = "pc-rename";
  field.setAttribute("aria-label", words.new_title);
  let over = false;
  const end = async (save) => {
    if (over) return;
    over = true;
    const title = field.value.trim();
    field.replaceWith(link);
    link.focus();
    if (!save || !title || title === link.textContent) return;
    const body = JSON.stringify({ title });
    const headers = { "content-type": "application/json" };
    if (await send(link.dataset.id, { method: "PUT", headers, body })) await list();
  };
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      end(event.key === "Enter");
    }
  });
  field.addEventListener("blur", () => end(true));
  link.replaceWith(field);
  field.select();
}

/* The turns of a conversation, or why there are none. */
export async function read(conversation) {
  const answer = await fetch(path(conversation)).catch(() => null);
  if (answer?.ok) return answer.json();
  return { failed: answer?.status === 404 ? words.conversation_gone : words.unreachable };
}

export function save(kind) {
  const link = document.createElement("a");
  link.href = `${path(current)}/export?kind=${encodeURIComponent(kind)}`;
  link.download = "";
  link.click();
}

/* Opens what the address names, and what is chosen in the list. */
export function listen(onOpen, onGone) {
  open = onOpen;
  gone = onGone;
  let timer = 0;
  byId("pc-conversation-search").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(list, TYPING_MS);
  });
  byId("pc-conversation-more").addEventListener("click", () => list({ further: true }));
  byId("pc-conversation-list").addEventListener("click", (event) => {
    const link = event.target.closest("li")?.querySelector("a");
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act === "rename" && link) rename(link);
    else if (act === "delete" && link) remove(link);
    else if (event.target.closest("a") && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      if (become(link.dataset.id)) open(current);
    }
  });
  addEventListener("popstate", () => {
    if (become(inAddress())) open(current);
  });
  current = inAddress();
  if (current) open(current);
  list();
}
