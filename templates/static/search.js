/* Search: loaded, with its index, when it is first asked for. The index is what
   ht_sim/publish/search.py writes: of each page its href, its name and its entries. */
"use strict";

(() => {
  const MOST = 20; // results that are listed
  const KINDS = ["page", "section", "figure", "claim", "reference"]; // the first first
  const root = new URL("..", document.currentScript.src);

  const words = (text) =>
    text.normalize("NFKD").replace(/[\p{M}'’]/gu, "").toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) || [];

  // -- what matches -------------------------------------------------------------------

  // How many letters to add, drop, change or swap until a word starts as typed.
  function slips(typed, word) {
    let before;
    let row = Array.from({ length: word.length + 1 }, (_, j) => j);
    for (let i = 1; i <= typed.length; i++) {
      const next = [i];
      for (let j = 1; j <= word.length; j++) {
        const differs = typed[i - 1] === word[j - 1] ? 0 : 1;
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + differs);
        if (before && typed[i - 1] === word[j - 2] && typed[i - 2] === word[j - 1])
          next[j] = Math.min(next[j], before[j - 2] + 1);
      }
      [before, row] = [row, next];
    }
    return Math.min(...row);
  }

  // 4 for the word itself, 3 for its start; 1 for either with a slip or two, which are
  // allowed where no word starts as typed.
  function likeness(typed, word, strict) {
    if (word.startsWith(typed)) return word === typed ? 4 : 3;
    const allowed = strict || typed.length < 4 ? 0 : typed.length < 8 ? 1 : 2;
    return allowed && slips(typed, word) <= allowed ? 1 : 0;
  }

  function prepared(pages) {
    return pages.flatMap(({ href, name, entries }) =>
      entries.map(([kind, anchor, title, text]) => {
        const names = kind === "page" ? `${name} ${name.replaceAll(" ", "")}` : "";
        return {
          kind, title, name,
          href: new URL(href + (anchor && `#${anchor}`), root).href,
          rank: KINDS.indexOf(kind.split(",")[0]),
          heads: words(`${title} ${names}`),
          others: words(text),
        };
      }));
  }

  // Returns what says how well an entry answers to one word; in its title three times.
  function scorer(entries, typed) {
    const known = new Map();
    const strict = entries.some(({ heads, others }) =>
      [...heads, ...others].some((word) => word.startsWith(typed)));
    const like = (word) => {
      if (!known.has(word)) known.set(word, likeness(typed, word, strict));
      return known.get(word);
    };
    const best = (list) => Math.max(0, ...list.map(like));
    return ({ heads, others }) => 3 * best(heads) || best(others);
  }

  // Every word that is typed must be there.
  function found(entries, typed) {
    const scorers = typed.map((one) => scorer(entries, one));
    return entries
      .map((entry) => ({ entry, each: scorers.map((score) => score(entry)) }))
      .filter(({ each }) => !each.includes(0))
      .map(({ entry, each }) => ({ entry, score: each.reduce((a, b) => a + b) }))
      .sort((a, b) => b.score - a.score || a.entry.rank - b.entry.rank)
      .map(({ entry }) => entry);
  }

  // -- what is seen -------------------------------------------------------------------

  const made = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const field = made("input", {
    type: "text", id: "search-field", autocomplete: "off", spellcheck: false,
    inputMode: "search", enterKeyHint: "go",
  });
  const label = made("label", { htmlFor: field.id },
    "Search pages, sections, figures, claims and references");
  const close = made("button", { type: "button" }, "close");
  const said = made("p");
  said.setAttribute("role", "status");
  const list = made("ol");
  list.setAttribute("aria-busy", "true"); // until the index is there
  const dialog = made("dialog", { className: "search" },
    label, field, close, said, list);
  dialog.setAttribute("aria-label", "Search");

  let entries;

  function line({ kind, name, title, href }) {
    const where = kind === "page" || kind === "reference" ? kind : `${kind} · ${name}`;
    const link = made("a", { href },
      made("span", {}, where), " ", title);
    link.addEventListener("click", () => dialog.close());
    return made("li", {}, link);
  }

  function show() {
    const typed = words(field.value);
    const results = entries && typed.length ? found(entries, typed) : [];
    list.replaceChildren(...results.slice(0, MOST).map(line));
    const count = `${results.length} result${results.length === 1 ? "" : "s"}`;
    const more = results.length > MOST ? `, the first ${MOST} here` : "";
    if (entries) said.textContent = typed.length ? count + more : "";
  }

  // Arrows walk from the field through the results; Enter in the field opens the first.
  dialog.addEventListener("keydown", (event) => {
    const stops = [field, ...list.querySelectorAll("a")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = stops[stops.indexOf(document.activeElement) + step];
    if (step) event.preventDefault();
    if (step && next) next.focus();
    const enters = event.key === "Enter" && !event.isComposing;
    if (enters && event.target === field && stops[1]) stops[1].click();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  close.addEventListener("click", () => dialog.close());
  field.addEventListener("input", show);
  document.body.append(dialog);

  const index = made("script", { src: new URL("search-index.js", root).href });
  index.onload = () => {
    entries = prepared(window.holdingTogether.index);
    list.removeAttribute("aria-busy");
    show();
  };
  index.onerror = () => {
    said.textContent = "There is no index here; a build of all pages makes it.";
  };
  document.head.append(index);

  window.holdingTogether.search = () => {
    if (!dialog.open) dialog.showModal();
    field.focus();
    field.select();
  };
  window.holdingTogether.search();
})();
