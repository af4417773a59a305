/* The interface's words, in the language chosen, and the switch between languages. */

export const words = {};

const COOKIE = "pincite_language";
const shell = () => document.getElementById("pc");

/* The page brings the words of its language along. */
export const begin = () => Object.assign(words, JSON.parse(shell().dataset.words));

async function load(tag) {
  const answer = await fetch(`/ui/words/${tag}`);
  if (!answer.ok) throw new Error(`no words for ${tag}`);
  Object.assign(words, await answer.json());
}

/* Fills the places of a sentence: fill("no. {rank}", { rank: 1 }). */
export const fill = (sentence, values) =>
  sentence.replace(/\{(\w+)[^}]*\}/g, (whole, name) => values[name] ?? whole);

/* A text without the marks that would reorder what stands round it; markup.py does the same. */
export const plain = (text) => text.replace(/[\0\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");

/* Says something to screen readers. */
export const announce = (sentence) => {
  document.getElementById("pc-said").textContent = sentence;
};

/* Turns keep the language of their answers; everything else follows. */
const shown = (name) =>
  [...document.querySelectorAll(`[data-${name}]`)].filter((node) => !node.closest(".pc-turn"));

function rewrite() {
  for (const node of shown("word")) node.textContent = words[node.dataset.word];
  for (const node of shown("word-placeholder")) {
    node.placeholder = words[node.dataset.wordPlaceholder];
  }
  for (const node of shown("word-label")) {
    const label = words[node.dataset.wordLabel];
    node.setAttribute("aria-label", label);
    if (node.hasAttribute("title")) node.title = label;
  }
}

export function switching(changed) {
  const choice = document.getElementById("pc-language");
  choice.addEventListener("change", async () => {
    const tag = choice.value;
    await load(tag);
    document.cookie = `${COOKIE}=${tag}; path=/; max-age=31536000; samesite=strict`;
    document.documentElement.lang = tag;
    shell().lang = tag;
    shell().dataset.language = tag;
    rewrite();
    changed();
  });
}
