/* What every page does: the menu on small screens, and copying. */
import { announce, words } from "/ui/words.js";

const byId = (id) => document.getElementById(id);

function menu(open) {
  document.body.classList.toggle("pc-menu-open", open);
  byId("pc-menu").setAttribute("aria-expanded", String(open));
  byId("pc-veil").hidden = !open;
  if (open) byId("pc-menu-close").focus();
}

/* Where the page is not served over HTTPS the clipboard's own interface is missing. */
async function toClipboard(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const box = document.createElement("textarea");
  box.value = text;
  document.body.append(box);
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  return copied ? undefined : Promise.reject(new Error("refused"));
}

async function copy(button) {
  let said = words.copied;
  await toClipboard(button.dataset.copy).catch(() => {
    said = words.copy_failed;
  });
  announce(said);
  const label = button.querySelector("span:not(.pc-icon)");
  button.classList.add("is-done");
  if (label) {
    label.dataset.before ??= label.textContent;
    label.textContent = said;
  } else {
    button.dataset.tip = said;
  }
  setTimeout(() => {
    button.classList.remove("is-done");
    if (label) label.textContent = label.dataset.before;
    delete button.dataset.tip;
  }, 2000);
}

byId("pc-menu").addEventListener("click", () => menu(true));
byId("pc-menu-close").addEventListener("click", () => menu(false));
byId("pc-veil").addEventListener("click", () => menu(false));
byId("pc-sidebar").addEventListener("click", (event) => {
  if (event.target.closest("a, .pc-new, [data-export]")) menu(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("pc-menu-open")) menu(false);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
