/* Asking once more before something is deleted. */
import { plain } from "/ui/words.js";

const byId = (id) => document.getElementById(id);

/* Whether the person says yes; Escape and "Cancel" say no. */
export function confirmed(title, text) {
  const dialog = byId("pc-confirm");
  byId("pc-confirm-title").textContent = plain(title);
  byId("pc-confirm-text").textContent = plain(text);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}
