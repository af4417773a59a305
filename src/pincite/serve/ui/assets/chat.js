/* The chat: ties the composer, the turns, the sources and the server's events together. */
import * as composer from "/ui/composer.js";
import * as events from "/ui/events.js";
import * as history from "/ui/history.js";
import * as filters from "/ui/filters.js";
import * as sources from "/ui/sources.js";
import * as turns from "/ui/turns.js";
import { announce, begin as beginWords, plain, switching, words } from "/ui/words.js";

const byId = (id) => document.getElementById(id);
const POLL_MS = 400;

// Places go on in a new conversation, so that what an old one still gets is not taken for its own.
let place = 0;
let turn = null;
let hear = () => {};
let ready = false;

const options = () => ({
  language: byId("pc").dataset.language,
  place: Math.max(place, 1),
  conversation: history.id(),
  filters: filters.filters(),
});

const watch = new events.Watch((why) => {
  if (turn) turns.fail(turn, words[why]);
  ended();
});

function ended() {
  watch.end();
  turn = null;
  composer.setBusy(false);
}

function ask(question) {
  if (composer.isBusy()) return;
  document.body.classList.add("pc-talking");
  place += 1;
  turn = turns.begin(place, question, ready ? words.searching : words.waiting);
  hear = turns.reader();
  composer.setBusy(true);
  watch.start();
  events.ask(question, options());
}

/* A turn as the server has it; an earlier one's last state may come again. */
function heard(article) {
  if (!turn || article.id !== turn.id) return;
  watch.alive();
  turns.update(turn, article);
  hear(turn);
  if (article.dataset.done === undefined) return;
  announce(turn.querySelector(".pc-status").textContent);
  ended();
  if (!article.dataset.conversation) return;
  history.become(article.dataset.conversation, { step: false });
  history.list();
}

function clear() {
  if (composer.isBusy()) events.stop();
  ended();
  turns.clear();
  sources.closePanel();
  document.body.classList.remove("pc-talking");
}

function renew() {
  clear();
  history.become("");
  byId("pc-box").focus();
}

/* Shows a conversation that was kept; without an id, the beginning of a new one. */
async function show(id) {
  clear();
  if (!id) return;
  document.body.classList.add("pc-talking");
  const kept = await history.read(id);
  byId("pc-start").classList.remove("is-opening");
  if (history.id() !== id) return;
  if (kept.failed) {
    turns.tell(kept.failed);
    history.become("", { step: false });
    return;
  }
  place = turns.restore(kept.markup, kept.title);
}

async function suggest() {
  const answer = await fetch("/ui/suggestions").catch(() => null);
  const questions = answer?.ok ? await answer.json() : [];
  const items = questions.map((question) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.ask = question;
    button.textContent = plain(question);
    item.append(button);
    return item;
  });
  byId("pc-suggestions").replaceChildren(...items);
  byId("pc-suggest").classList.toggle("is-empty", items.length === 0);
}

/* Asks how the library is until the model is loaded. */
async function start() {
  const answer = await fetch("/ui/start").catch(() => null);
  if (!answer?.ok) {
    setTimeout(start, 5 * POLL_MS);
    return;
  }
  const state = await answer.json();
  ready = state.ready;
  byId("pc-library").textContent = state.library;
  byId("pc-loading").hidden = ready;
  byId("pc-keys").hidden = !ready;
  const welcome = byId("pc-welcome-text");
  welcome.dataset.word = state.documents ? "welcome_text" : "welcome_empty";
  welcome.textContent = words[welcome.dataset.word];
  byId("pc-suggest").classList.toggle("is-empty", state.documents === 0);
  filters.offer(state);
  if (!ready) setTimeout(start, POLL_MS);
  else if (state.documents) suggest();
}

function escape(event) {
  if (event.key !== "Escape" || event.isComposing) return;
  if (filters.isOpen()) filters.open(false);
  else if (composer.isBusy()) events.stop();
  else if (!sources.closePopover()) sources.closePanel();
}

function begin() {
  beginWords();
  composer.listen({ onAsk: ask, onStop: events.stop });
  filters.listen();
  sources.listen();
  turns.listen();
  events.listen(heard);
  switching(() => {
    filters.render();
    history.list();
    start();
  });
  byId("pc-new").addEventListener("click", renew);
  document.addEventListener("keydown", escape);
  document.addEventListener("click", (event) => {
    const asking = event.target.closest("[data-ask]");
    const exporting = event.target.closest("[data-export]");
    if (asking && asking.dataset.unfiltered !== undefined) filters.clear();
    if (asking) ask(asking.dataset.ask);
    if (exporting) history.save(exporting.dataset.export);
  });
  history.listen(show, renew);
  document.documentElement.classList.add("pc-begun");
  start();
}

begin();
