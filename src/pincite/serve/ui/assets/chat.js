/* Shows the passage a marker points to, keeps the newest turn in view, and lets an input method
   finish a word before Enter sends the question. */
(() => {
  "use strict";

  const show = (id) => {
    const source = document.getElementById(id);
    const section = source && source.closest(".pc-sources");
    if (!section) return;
    for (const other of document.querySelectorAll(".pc-sources")) {
      other.classList.toggle("is-current", other === section);
    }
    for (const lit of document.querySelectorAll(".is-lit")) lit.classList.remove("is-lit");
    source.classList.add("is-lit");
    source.scrollIntoView({ block: "nearest" });
    source.focus({ preventScroll: true });
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[data-source]");
    if (!link) return;
    event.preventDefault();
    show(link.dataset.source);
  });

  const composing = (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) {
      event.stopPropagation();
    }
  };
  document.addEventListener("keydown", composing, true);
  document.addEventListener("keypress", composing, true);

  let opened = false;
  const open = () => {
    const header = document.querySelector(".pc-header");
    const box = document.querySelector("#pc-box textarea:enabled");
    if (opened || !header || !box) return;
    opened = true;
    document.documentElement.lang = header.dataset.language;
    // Not where it would bring up a keyboard on the screen.
    if (matchMedia("(pointer: fine)").matches) box.focus();
  };

  let seen = "";
  const follow = () => {
    open();
    const last = [...document.querySelectorAll(".pc-turn")].pop();
    const state = last ? last.id + last.lastElementChild.className : "";
    if (last && state !== seen) last.scrollIntoView({ block: "start" });
    seen = state;
  };
  new MutationObserver(follow).observe(document.body, {
    childList: true,
    subtree: true,
    attributeFilter: ["disabled"],
  });
})();
