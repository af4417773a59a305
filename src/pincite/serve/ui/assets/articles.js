/* The page of the articles: reading one, and for those who may, adding, replacing, deleting. */
import { confirmed } from "/ui/dialogs.js";
import { Line, send, sentence, upload } from "/ui/uploads.js";
import { announce, fill, plain, words } from "/ui/words.js";

const byId = (id) => document.getElementById(id);
const where = (id) => `/documents/${encodeURIComponent(id)}`;
const split = (text) => text.split(/[,，、;；]/).map((tag) => tag.trim()).filter(Boolean);

let opener = null;
let row = null;
let queue = Promise.resolve();

/* The list as the server has it now; what is typed and open elsewhere on the page stays. */
async function refresh() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("pc-list");
  if (!fresh) return;
  // The first article brings the search along, the last one takes it away.
  const search = page.querySelector(".pc-search");
  const shown = document.querySelector(".pc-search");
  if (search && !shown) byId("pc-list").before(search);
  if (!search) shown?.remove();
  byId("pc-list").replaceWith(fresh);
  const start = await fetch("/ui/start").catch(() => null);
  if (start?.ok) byId("pc-library").textContent = (await start.json()).library;
}

function tell(text) {
  const said = byId("pc-toast");
  said.textContent = text;
  said.hidden = false;
  announce(text);
  setTimeout(() => {
    if (said.textContent === text) said.hidden = true;
  }, 6000);
}

async function read(button) {
  const answer = await fetch(`/ui/article/${encodeURIComponent(button.dataset.read)}`).catch(() => null);
  if (!answer?.ok) {
    tell(answer?.status === 404 ? words.article_gone : words.unreachable);
    return;
  }
  // Escaped by the server, which renders it; the policy of the page runs nothing in it.
  byId("pc-panel-body").innerHTML = await answer.text();
  byId("pc-back")?.remove();
  byId("pc-panel").hidden = false;
  document.body.classList.add("pc-panel-open");
  opener = button.dataset.read;
  byId("pc-panel-body").scrollTop = 0;
  byId("pc-panel-body").focus();
}

function close() {
  if (byId("pc-panel").hidden) return;
  byId("pc-panel").hidden = true;
  document.body.classList.remove("pc-panel-open");
  document.querySelector(`[data-read="${CSS.escape(opener ?? "")}"]`)?.focus();
}

/* One after the other: the library has one writer. */
function inTurn(work) {
  queue = queue.then(work, work);
  return queue;
}

const newTags = () => split(byId("pc-new-tags").value);

function addFiles(files) {
  for (const file of files) {
    const line = new Line(byId("pc-added"), file.name);
    inTurn(async () => {
      const outcome = await upload(file, file.name, newTags(), (share) => line.progress(share));
      line.end(outcome);
      if (outcome.result) await refresh();
    });
  }
  byId("pc-files").value = "";
}

function addUrl(form) {
  const url = form.elements.url.value.trim();
  const line = new Line(byId("pc-added"), url);
  form.reset();
  inTurn(async () => {
    line.waiting(words.fetches);
    const outcome = await send("POST", "/documents/url", { url, tags: newTags() });
    line.end(outcome);
    if (outcome.result) await refresh();
  });
}

const named = () => ({ title: row.dataset.title });

async function fetchAgain(button) {
  button.disabled = true;
  tell(words.fetches);
  const { result, problem } = await send("POST", "/documents/url", { url: button.dataset.source });
  button.disabled = false;
  tell(result ? `${row.dataset.title}: ${words[result.action]}` : sentence(problem));
  if (result) await refresh();
}

/* Takes the file in with the old article's tags; only then the old one goes. */
async function replaceWith(file) {
  const { id, title, tags } = row.dataset;
  tell(`${file.name}: ${words.reads}`);
  const { result, problem } = await upload(file, file.name, JSON.parse(tags), () => {});
  if (!result) {
    tell(`${words.refused}: ${sentence(problem)}`);
    return;
  }
  if (result.document_id && result.document_id !== id) await send("DELETE", where(id));
  tell(`${plain(title)}: ${words.changed}`);
  await refresh();
}

async function remove() {
  if (!(await confirmed(fill(words.delete_article, named()), words.delete_article_text))) return;
  const { result, problem } = await send("DELETE", where(row.dataset.id));
  if (result || problem?.code === "document_not_found") {
    tell(`${plain(row.dataset.title)}: ${words.deleted}`);
    await refresh();
    byId("pc-main").focus();
  } else tell(sentence(problem));
}

function editTags() {
  byId("pc-tagging-of").textContent = plain(row.dataset.title);
  byId("pc-tags").value = JSON.parse(row.dataset.tags).join(", ");
  byId("pc-tags-wrong").hidden = true;
  byId("pc-tagging").showModal();
  byId("pc-tags").focus();
}

async function saveTags() {
  const tags = split(byId("pc-tags").value);
  const { result, problem } = await send("PUT", `${where(row.dataset.id)}/tags`, { tags });
  byId("pc-tags-wrong").hidden = Boolean(result);
  if (!result) {
    byId("pc-tags-wrong").textContent = problem?.detail ?? sentence(problem);
    return;
  }
  byId("pc-tagging").close();
  await refresh();
}

const ACTS = {
  edit_tags: editTags,
  delete: remove,
  fetch_again: fetchAgain,
  replace: () => byId("pc-replacing").click(),
};

function dropping() {
  const drop = byId("pc-drop");
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("is-over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, () => drop.classList.remove("is-over"));
  }
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    addFiles(event.dataTransfer.files);
  });
}

function managing() {
  byId("pc-add").addEventListener("click", () => byId("pc-adding").showModal());
  byId("pc-files").addEventListener("change", (event) => addFiles(event.target.files));
  byId("pc-by-url").addEventListener("submit", (event) => {
    event.preventDefault();
    addUrl(event.target);
  });
  byId("pc-tagging").addEventListener("submit", (event) => {
    event.preventDefault();
    saveTags();
  });
  byId("pc-replacing").addEventListener("change", (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) replaceWith(file);
  });
  dropping();
}

document.addEventListener("click", (event) => {
  const reading = event.target.closest("[data-read]");
  const acting = event.target.closest("[data-act]");
  if (reading) read(reading);
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  if (acting) {
    row = acting.closest("tr");
    ACTS[acting.dataset.act]?.(acting);
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) close();
});
byId("pc-panel-close").addEventListener("click", close);
if (byId("pc-add")) managing();
