/* What the pages besides the chat do: speak the language chosen, and tell the library's size. */
import { begin, switching } from "/ui/words.js";

begin();
// What the server wrote in the other language is fetched again.
switching(() => location.reload());

fetch("/ui/start")
  .then((answer) => (answer.ok ? answer.json() : null))
  .then((state) => {
    if (state) document.getElementById("pc-library").textContent = state.library;
  })
  .catch(() => {
    /* The size is left out; what else fails says so itself. */
  });
