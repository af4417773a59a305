/* The way to the server's event handlers: Gradio's buttons, pressed out of sight, and what Gradio
   writes into #pc-live in answer. */

const PATIENCE_MS = 15000;
const AGAIN_MS = 120;
const NOTHING = ["", "{}"];

// What each button is to send; a button that Gradio has taken has nothing to send.
const pending = { ask: NOTHING, save: NOTHING };
let kind = "markdown";
let last = "";
let onTurn = () => {};
let onSaved = () => {};

function take(name) {
  const values = pending[name];
  pending[name] = NOTHING;
  return values;
}

/* What Gradio's events call; see chat.py. */
window.pincite = { take, saved: (text) => onSaved(text, kind) };

const press = (name) => document.querySelector(`#pc-event-${name}`)?.click();

/* Presses until Gradio takes it: its buttons are there before they work. */
function insist(name) {
  if (pending[name] === NOTHING) return;
  press(name);
  setTimeout(() => insist(name), AGAIN_MS);
}

function send(name, ...values) {
  pending[name] = values;
  insist(name);
}

export const ask = (question, options) => send("ask", question, JSON.stringify(options));
export const stop = () => press("stop");
export function save(wanted, options) {
  kind = wanted;
  send("save", wanted, JSON.stringify(options));
}

/* Calls back with each state of the turn, an <article>, and with each file to save. */
export function listen(turn, saved) {
  onTurn = turn;
  onSaved = saved;
  const look = () => {
    const live = document.getElementById("pc-live");
    if (!live) return;
    // As text, so that it is in the page once only. The server escaped what is in it.
    const sent = live.querySelector("pre")?.textContent ?? "";
    if (!sent || sent === last) return;
    last = sent;
    const template = document.createElement("template");
    template.innerHTML = sent;
    onTurn(template.content.firstElementChild);
  };
  new MutationObserver(look).observe(document.querySelector("gradio-app"), {
    childList: true,
    subtree: true,
    characterData: true,
  });
  look();
}

/* Tells when nothing has come for long: the server sends something each second while it works. */
export class Watch {
  constructor(lost) {
    this.lost = lost;
    this.seen = 0;
    this.timer = 0;
  }

  start() {
    this.alive();
    clearInterval(this.timer);
    this.timer = setInterval(() => this.check(), 2000);
  }

  alive() {
    this.seen = Date.now();
  }

  end() {
    clearInterval(this.timer);
  }

  async check() {
    if (Date.now() - this.seen < 3000) return;
    const up = await fetch("/health", { cache: "no-store" }).then((a) => a.ok, () => false);
    if (!up) this.lost("unreachable");
    else if (Date.now() - this.seen > PATIENCE_MS) this.lost("lost");
  }
}
