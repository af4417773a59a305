/* The turns as they are shown: put in, kept up to date without redrawing, rated. */
import { announce, plain, words } from "/ui/words.js";

const byId = (id) => document.getElementById(id);
const list = () => byId("pc-turns");

/* Shows a question before the server has heard of it. */
export function begin(place, question, stage) {
  const turn = document.createElement("article");
  turn.className = "pc-turn is-working";
  turn.id = `t${place}`;
  const heading = document.createElement("h2");
  heading.className = "pc-question";
  heading.dir = "auto";
  heading.textContent = plain(question);
  const reply = document.createElement("div");
  reply.className = "pc-reply";
  const status = document.createElement("p");
  status.className = "pc-status";
  const said = document.createElement("b");
  said.textContent = stage;
  status.append(said);
  reply.append(status);
  turn.append(heading, reply);
  list().append(turn);
  outline(turn, question);
  turn.scrollIntoView({ block: "start" });
  announce(stage);
  return turn;
}

function outline(turn, question) {
  const line = document.createElement("li");
  const link = document.createElement("a");
  link.href = `#${turn.id}`;
  link.textContent = plain(question);
  link.dir = "auto";
  line.append(link);
  byId("pc-outline").append(line);
  byId("pc-history").hidden = false;
}

/* Shows the turns of a conversation that was kept; their number. */
export function restore(markup, title) {
  // Escaped by the server, which renders it; the policy of the page runs nothing in it.
  list().innerHTML = markup;
  const all = [...list().querySelectorAll(".pc-turn")];
  for (const turn of all) outline(turn, turn.querySelector(".pc-question").lastChild.data);
  all.at(-1)?.scrollIntoView({ block: "start" });
  announce(title);
  return all.length;
}

/* Shows a sentence in the place of the turns. */
export function tell(sentence) {
  const said = document.createElement("p");
  said.className = "pc-error pc-told";
  said.textContent = sentence;
  list().replaceChildren(said);
  announce(sentence);
}

/* Takes over what changed, part by part, so that what stays is not drawn again. */
export function update(turn, fresh) {
  turn.className = fresh.className;
  const [old, now] = [turn.querySelector(".pc-reply"), fresh.querySelector(".pc-reply")];
  old.lang = now.lang;
  const parts = [...now.children];
  parts.forEach((part, at) => {
    const shown = old.children[at];
    if (!shown) old.append(part.cloneNode(true));
    else if (shown.outerHTML !== part.outerHTML) shown.replaceWith(part.cloneNode(true));
  });
  while (old.children.length > parts.length) old.lastElementChild.remove();
}

/* Reads a finished statement aloud, once; the status words are for the eye. */
export function reader() {
  let heard = 0;
  return (turn) => {
    const text = turn.querySelector(".pc-text")?.textContent ?? "";
    if (text.length > heard) announce(text.slice(heard));
    heard = text.length;
  };
}

export function fail(turn, sentence) {
  const reply = turn.querySelector(".pc-reply");
  turn.className = "pc-turn is-failed";
  const status = document.createElement("p");
  status.className = "pc-status";
  const said = document.createElement("b");
  said.textContent = words.failed;
  status.append(said);
  const error = document.createElement("p");
  error.className = "pc-error";
  error.textContent = sentence;
  const again = document.createElement("button");
  again.type = "button";
  again.className = "pc-small";
  again.dataset.ask = turn.querySelector(".pc-question").textContent;
  again.textContent = words.ask_again;
  reply.replaceChildren(status, error, again);
  announce(sentence);
}

export function clear() {
  list().replaceChildren();
  byId("pc-outline").replaceChildren();
  byId("pc-history").hidden = true;
}

async function send(group, rating, comment) {
  const said = group.querySelector(".pc-feedback-said");
  const answer = await fetch("/feedback", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      answer_id: group.dataset.answer,
      rating,
      comment,
      question: group.dataset.question,
      answer: group.dataset.text,
      status: group.dataset.status,
      language: group.dataset.language,
    }),
  }).catch(() => null);
  const sent = Boolean(answer?.ok);
  said.textContent = sent ? words[comment ? "comment_sent" : "feedback_sent"] : words.feedback_failed;
  said.classList.toggle("is-failed", !sent);
  return sent;
}

async function rate(button) {
  const group = button.closest(".pc-feedback");
  const rating = button.dataset.rating;
  if (!(await send(group, rating, ""))) return;
  for (const other of group.querySelectorAll("[data-rating]")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
  const form = group.querySelector("form");
  form.hidden = false;
}

export function listen() {
  list().addEventListener("click", (event) => {
    const button = event.target.closest("[data-rating]");
    if (button) rate(button);
  });
  list().addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const group = form.closest(".pc-feedback");
    const comment = form.elements.comment.value.trim();
    const rated = group.querySelector("[aria-pressed=true]");
    if (comment && rated && (await send(group, rated.dataset.rating, comment))) form.hidden = true;
  });
}
