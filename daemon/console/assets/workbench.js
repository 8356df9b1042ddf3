// The workbench sends its form by itself while somebody types, and shows what the server makes of
// it. Without this the button Try does the same.
"use strict";

(() => {
  const form = document.querySelector("form.bench");
  if (!form) return;
  const rules = document.getElementById("rules");
  const pause = 300;
  let timer = 0;
  let sent = 0;

  async function tryOut() {
    const mine = ++sent;
    const answer = await fetch(form.getAttribute("action"), {
      method: "POST",
      headers: { "X-Renew": "1", Accept: "text/html" },
      body: new URLSearchParams(new FormData(form)),
    }).catch(() => null);
    if (!answer || mine !== sent) return; // something newer is on its way
    if (answer.redirected) return location.reload(); // the session ended
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const name of ["problems", "outcome"]) {
      const next = fresh.querySelector(`[data-live="${name}"]`);
      const part = document.querySelector(`[data-live="${name}"]`);
      if (!next || !part) continue;
      const open = part.querySelector("details")?.open ?? false;
      part.replaceWith(document.importNode(next, true));
      const details = document.querySelector(`[data-live="${name}"] details`);
      if (details) details.open = open;
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(tryOut, pause);
  });

  // A problem's place leads to that place in the text.
  document.addEventListener("click", (event) => {
    const place = event.target.closest("[data-line]");
    if (!place) return;
    const lines = rules.value.split("\n");
    const before = lines.slice(0, Number(place.dataset.line) - 1);
    const at = before.reduce((sum, line) => sum + line.length + 1, 0) + Number(place.dataset.column) - 1;
    rules.focus();
    rules.setSelectionRange(at, at);
    const height = parseFloat(getComputedStyle(rules).lineHeight);
    rules.scrollTop = Math.max(0, (before.length - 5) * height);
  });
})();
