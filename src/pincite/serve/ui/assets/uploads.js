/* Sending articles to the library: files one after the other, each with its progress and result. */
import { fill, plain, words } from "/ui/words.js";

/* The server's problem as a sentence: ours where there is one, in the language chosen. */
export const sentence = (problem) =>
  words[`refused_${problem?.code}`] ?? (problem?.detail || problem?.message || words.broken_off);

const parsed = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/* Sends a file and tells how far it is; what became of it, or the problem. */
export function upload(file, name, tags, progress) {
  return new Promise((done) => {
    const body = new FormData();
    body.append("files", file, name);
    for (const tag of tags) body.append("tags", tag);
    const request = new XMLHttpRequest();
    request.open("POST", "/documents");
    request.upload.addEventListener("progress", (event) => progress(event.loaded / event.total));
    request.addEventListener("load", () => {
      const answer = parsed(request.responseText);
      const result = answer?.results?.[0];
      if (request.status < 300 && result) done({ result });
      else done({ problem: result?.code ? result : answer });
    });
    request.addEventListener("error", () => done({ problem: null }));
    request.send(body);
  });
}

/* Sends JSON; what came of it, or the problem. */
export async function send(method, path, content) {
  const headers = { "content-type": "application/json" };
  const body = content === undefined ? undefined : JSON.stringify(content);
  const answer = await fetch(path, { method, headers, body }).catch(() => null);
  const said = answer ? await answer.json().catch(() => null) : null;
  return answer?.ok ? { result: said } : { problem: said };
}

/* A line that tells how it goes with one file or page. */
export class Line {
  constructor(list, name) {
    this.node = document.createElement("li");
    this.name = document.createElement("b");
    this.name.dir = "auto";
    this.name.textContent = plain(name);
    this.said = document.createElement("span");
    this.bar = document.createElement("progress");
    this.bar.max = 1;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", plain(name));
    this.node.append(this.name, this.said, this.bar);
    list.prepend(this.node);
    this.tell(words.waits);
  }

  tell(sentence) {
    this.said.textContent = sentence;
  }

  progress(share) {
    this.bar.value = share;
    const percent = `${Math.round(share * 100)}%`;
    this.tell(share < 1 ? fill(words.uploads, { percent }) : words.reads);
    if (share >= 1) this.bar.removeAttribute("value");
  }

  waiting(sentence) {
    this.bar.removeAttribute("value");
    this.tell(sentence);
  }

  end({ result, problem }) {
    this.bar.remove();
    this.node.className = result ? "is-done" : "is-refused";
    if (result) this.tell(words[result.action] ?? words.added);
    else this.tell(`${words.refused}: ${sentence(problem)}`);
    // In the server's own words, which tell more.
    this.said.title = result?.note ?? problem?.message ?? problem?.detail ?? "";
  }
}
