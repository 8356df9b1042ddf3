// Every page works without this. It renews the parts of a page that the server marked, asks before
// an order that can't be undone, and lets Ctrl+Enter send the form one writes in.
"use strict";

(() => {
  const main = document.getElementById("main");
  const every = Number(main?.dataset.renew ?? 0);
  const pause = document.querySelector("[data-pause]");
  const silent = document.querySelector("[data-silent]");
  let paused = false;

  // A part is replaced only where it changed, and never under the hands of somebody who uses it.
  function take(fresh) {
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
      if (!next || part.outerHTML === next.outerHTML) continue;
      const selection = getSelection();
      const selects = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
      if (part.contains(document.activeElement) || selects) continue;
      const scroll = part.querySelector(".wide")?.scrollLeft ?? 0;
      part.replaceWith(document.importNode(next, true));
      if (scroll > 0) {
        const now = document.querySelector(`[data-live="${part.dataset.live}"] .wide`);
        if (now) now.scrollLeft = scroll;
      }
    }
  }

  async function renew() {
    if (!paused && !document.hidden) {
      try {
        const answer = await fetch(location.href, {
          headers: { Accept: "text/html", "X-Renew": "1" },
          cache: "no-store",
        });
        if (answer.redirected) return location.reload(); // the session ended
        if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
        silent.hidden = answer.ok;
      } catch {
        silent.hidden = false; // the program is not there: try on
      }
    }
    setTimeout(renew, every);
  }

  if (every > 0) {
    setTimeout(renew, every);
    pause.hidden = false;
    pause.addEventListener("click", () => {
      paused = !paused;
      pause.textContent = paused ? "Go on" : "Pause";
      pause.setAttribute("aria-pressed", String(paused));
    });
  }

  document.addEventListener("submit", (event) => {
    const sure = event.target.dataset.sure;
    if (sure && !confirm(sure)) event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.target.form?.requestSubmit();
    }
  });
})();
