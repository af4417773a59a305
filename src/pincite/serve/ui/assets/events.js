/* The way to the server's event handlers: Gradio's buttons, pressed out of sight, and what Gradio
   writes into #pc-live in answer. */

const PATIENCE_MS = 15000;
const AGAIN_MS = 120;
const NOTHING = ["", "{}"];

// What is to be sent; what Gradio has taken is no longer.
let pending = NOTHING;
let last = "";

function take() {
  const values = pending;
  pending = NOTHING;
  return values;
}

/* What Gradio's event calls; see chat.py. */
window.pincite = { take };

const press = (name) => document.querySelector(`#pc-event-${name}`)?.click();

/* Presses until Gradio takes it: its buttons are there before they work. */
function insist() {
  if (pending === NOTHING) return;
  press("ask");
  setTimeout(insist, AGAIN_MS);
}

export function ask(question, options) {
  pending = [question, JSON.stringify(options)];
  insist();
}
export const stop = () => press("stop");

/* Calls back with each state of the turn, an <article>. */
export function listen(onTurn) {
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
