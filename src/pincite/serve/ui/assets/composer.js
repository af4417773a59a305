/* The box for questions: its keys, its height, and when it may send. */

const box = () => document.getElementById("pc-box");
const form = () => document.getElementById("pc-composer");
const ask = () => document.getElementById("pc-send");
const stop = () => document.getElementById("pc-stop");

let busy = false;
export const isBusy = () => busy;

export function setBusy(now) {
  busy = now;
  const hadFocus = document.activeElement === stop() || document.activeElement === ask();
  ask().hidden = now;
  stop().hidden = !now;
  if (hadFocus) (now ? stop() : box()).focus();
}

/* As high as its lines, up to the height that the style sheet allows. */
export function fit() {
  const area = box();
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

export function put(text) {
  box().value = text;
  fit();
}

/* An input method uses Enter to finish a word; Safari says so only by the key code. */
const composing = (event) => event.isComposing || event.keyCode === 229;

const typing = (node) =>
  node && (node.isContentEditable || /^(input|textarea|select)$/i.test(node.tagName));

export function listen({ onAsk, onStop }) {
  box().addEventListener("input", fit);
  box().addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || composing(event)) return;
    event.preventDefault();
    form().requestSubmit();
  });
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    const question = box().value.trim();
    if (!question || busy) return;
    put("");
    onAsk(question);
  });
  stop().addEventListener("click", onStop);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !typing(event.target) && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      box().focus();
    }
  });
  ask().disabled = false;
  fit();
  // Typed and sent before this script was there.
  if (box().value.endsWith("\n")) form().requestSubmit();
  // Not where it would bring up a keyboard on the screen.
  if (matchMedia("(pointer: fine)").matches) box().focus();
}
