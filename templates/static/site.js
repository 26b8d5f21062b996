/* The one script of every page. It plays precomputed figures: nothing is fetched and
   nothing is computed but which of the drawn states to show. */
"use strict";

document.documentElement.classList.add("js");

// The typefaces that the stylesheet has in it are unpacked before anything is drawn.
for (const face of document.fonts) if (face.display === "block") face.load();

// A figure that is not the first of its page has its changes in a script of its own,
// which reads: holdingTogether.states["slug"] = {…};
window.holdingTogether = { states: {} };

(() => {
  const CALM = 300; // milliseconds without a change before it is spoken and in the URL
  const PACE = 200; // milliseconds between the values that a step of a guide passes
  const LONGEST = 1000; // milliseconds that a whole step may take
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const figures = new Map(); // slug -> what explorable() returns

  // -- the theme: the system's, unless the reader has chosen one ---------------------

  const root = document.documentElement;
  const THEMES = ["system", "light", "dark"];

  function remembered() {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // where nothing may be kept
    }
  }

  function showTheme(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  }

  function chooseTheme(button) {
    const name = () => root.dataset.theme ?? "system";
    const say = () => (button.textContent = `theme: ${name()}`);
    button.hidden = false;
    button.addEventListener("click", () => {
      showTheme(THEMES[(THEMES.indexOf(name()) + 1) % THEMES.length]);
      try {
        localStorage.setItem("theme", name());
      } catch {
        // it holds for this page alone
      }
      say();
    });
    say();
  }

  showTheme(remembered()); // before anything is drawn

  // -- the changes: see ht_sim/publish/explorable.py -------------------------------

  const sums = (numbers) => {
    let sum = 0;
    return numbers.map((number) => (sum += number));
  };

  const repeated = (times, step, start) => {
    let value = start;
    for (let i = 0; i < times; i++) value = step(value);
    return value;
  };

  // Path data that differs in numbers only comes as rows of hundredths.
  function unpacked(values) {
    if (Array.isArray(values)) return values;
    const [along, down] = values.sums;
    const rows = values.rows.map((row) => repeated(along, sums, row));
    for (let i = 1; down && i < rows.length; i++)
      rows[i] = rows[i].map((number, j) => number + rows[i - 1][j]);
    const [first, ...pieces] = values.pieces;
    return rows.map((row) =>
      pieces.reduce((path, piece, j) => path + row[j] / 100 + piece, first));
  }

  // "0|19" is made of two others, each of which is worked out once: columnOf knows it.
  function column(runs, length, columnOf) {
    if (typeof runs === "string") {
      const [one, other] = runs.split("|").map(columnOf);
      return one.map((value, i) => value | other[i]);
    }
    const switched = (row, place) => row.filter((each) => each <= place).length % 2;
    if (Array.isArray(runs[0]))
      return runs.flatMap((row) => Array.from({ length }, (_, i) => switched(row, i)));
    const uses = [];
    for (let i = 0; i < runs.length; i += 2)
      for (let j = 0; j < runs[i + 1]; j++) uses.push(runs[i]);
    return uses;
  }

  function put(element, attribute, value) {
    if (attribute === "#text") element.textContent = value;
    else if (attribute === "#markup") element.innerHTML = value;
    else if (value === null) element.removeAttribute(attribute);
    else element.setAttribute(attribute, value);
  }

  // Returns a function that takes the drawing from the state it shows to another.
  function player(svg, data) {
    const { stride } = data;
    const length = data.states / stride;
    const columns = [];
    const columnOf = (number) =>
      (columns[number] ??= column(data.columns[number], length, columnOf));
    const place = (state) =>
      (state % stride) * (data.states / stride) + Math.floor(state / stride);
    const elements = [svg, ...svg.querySelectorAll("*")];
    const slots = data.slots.flatMap(([attribute, values, which, used]) => {
      const list = unpacked(values);
      const uses = sums(used).map(columnOf);
      return sums(which).map((number, i) => ({
        element: elements[number], attribute, list, uses: uses[i],
      }));
    });
    let shown = place(data.default);
    return (state) => {
      const next = place(state);
      for (const { element, attribute, list, uses } of slots)
        if (uses[next] !== uses[shown]) put(element, attribute, list[uses[next]]);
      shown = next;
    };
  }

  // -- the controls: each takes one of data-texts -----------------------------------

  function control(element, figure) {
    const texts = JSON.parse(element.dataset.texts);
    const shared = element.dataset.shared && JSON.parse(element.dataset.shared);
    const common = { element, texts, shared, name: element.dataset.control };
    if (element.type === "range") {
      const output = figure.querySelector(`output[for="${element.id}"]`);
      return { ...common, event: "input",
        initial: Number(element.defaultValue),
        get: () => Number(element.value),
        set(index) { element.value = index; output.textContent = texts[index]; } };
    }
    if (element.type === "fieldset") {
      const options = [...element.elements];
      return { ...common, event: "change",
        initial: options.findIndex((option) => option.defaultChecked),
        get: () => options.findIndex((option) => option.checked),
        after: (index, end = index) => end, // straight there: names have no order
        set(index) { options[index].checked = true; } };
    }
    if (element.type === "checkbox")
      return { ...common, event: "change",
        initial: Number(element.defaultChecked),
        get: () => Number(element.checked),
        set(index) { element.checked = index === 1; } };
    const counter = element.querySelector("span");
    return { ...common, event: "click",
      initial: Number(element.dataset.value),
      get: () => Number(element.dataset.value),
      after: (index) => (index + 1) % texts.length,
      set(index) {
        element.dataset.value = index;
        counter.textContent = `· ${index + 1} of ${texts.length}`;
      } };
  }

  // -- one figure -------------------------------------------------------------------

  function explorable(figure) {
    const slug = figure.dataset.explorable;
    const svg = figure.querySelector(".frame svg");
    const said = figure.querySelector(".spoken");
    const inline = figure.querySelector("script.changes");
    const here = figure.querySelector(".here");
    const steps = figure.querySelectorAll("[data-step]");
    const cells = figure.querySelectorAll(".numbers :is(caption, td)");
    const controls = [...figure.querySelectorAll("[data-control]")]
      .map((element) => control(element, figure));
    let data, play, waiting, timer, walking;

    function take(changes) {
      data = changes;
      if (data.drawing) svg.innerHTML = data.drawing;
      play = player(svg, data);
      show();
      say(false);
    }

    function load() {
      if (data || waiting || !figure.dataset.src) return;
      waiting = document.createElement("script");
      waiting.src = figure.dataset.src;
      waiting.onload = () => take(window.holdingTogether.states[slug]);
      document.head.append(waiting);
    }

    const state = () =>
      controls.reduce((sum, { texts, get }) => sum * texts.length + get(), 0);

    function show() {
      for (const each of controls) each.set(each.get());
      nameState();
      if (!play) return;
      play(state());
      cells.forEach((cell, i) => { cell.textContent = data.numbers[i][state()]; });
      for (const { element } of controls)
        if (element.type === "range")
          element.setAttribute("aria-valuetext", data.spoken[state()]);
    }

    // The state's address: in the link to it, and that of a step that leads to it.
    function nameState() {
      const choices = controls.map(({ name, texts, get }) => [name, texts[get()]]);
      const address = `${new URLSearchParams(choices)}`;
      here.setAttribute("href", `#${slug}:${address}`);
      for (const step of steps)
        step.setAttribute("aria-current", step.dataset.step === address && "step");
    }

    // A slider speaks its own value; only what other controls do is announced. The long
    // text names the picture as it stood at first; then the sentence does.
    function say(aloud) {
      said.setAttribute("aria-live", aloud ? "polite" : "off");
      if (!data) return;
      said.textContent = data.spoken[state()];
      const name = state() === data.default ? `${slug}-alt` : said.id;
      svg.setAttribute("aria-labelledby", name);
    }

    function changed(aloud) {
      load();
      requestFrame();
      clearTimeout(timer);
      timer = setTimeout(() => {
        say(aloud);
        history.replaceState(null, "", here.getAttribute("href"));
      }, CALM);
    }

    let frame = 0;
    function requestFrame() {
      frame ||= requestAnimationFrame(() => { frame = 0; show(); });
    }

    // Where an address puts a control; what it does not name is as at first.
    function place({ texts, name, initial }, choices) {
      const wanted = choices.get(name);
      const index = texts.findIndex((text) => alike(text, wanted));
      return index < 0 ? initial : index;
    }

    function choose(choices) {
      clearTimeout(walking);
      for (const each of controls) each.set(place(each, choices));
    }

    // The controls move one after another, value by value; a button goes round.
    function walk(choices) {
      clearTimeout(walking);
      const moves = controls.flatMap((each) => {
        const passed = [];
        const end = place(each, choices);
        for (let at = each.get(); at !== end; passed.push([each, at]))
          at = each.after ? each.after(at, end) : at + Math.sign(end - at);
        return still.matches ? passed.slice(-1) : passed;
      });
      const pace = still.matches ? 0 : Math.min(PACE, LONGEST / moves.length);
      const next = () => {
        if (!moves.length) return changed(true); // it is said even if nothing moved
        move(...moves.shift(), true);
        walking = setTimeout(next, pace);
      };
      next();
    }

    function move(each, index, aloud) {
      each.set(index);
      changed(aloud);
      if (each.shared)
        for (const other of figures.values())
          if (other.figure !== figure) other.follow(each.name, each.shared[index]);
    }

    // Another figure's control of this name moved: take the value nearest to its.
    function follow(name, value) {
      for (const each of controls) {
        if (!each.shared || each.name !== name) continue;
        const far = each.shared.map((one) => Math.abs(one - value));
        clearTimeout(walking);
        each.set(far.indexOf(Math.min(...far)));
        requestFrame();
        say(false);
      }
    }

    for (const each of controls)
      each.element.addEventListener(each.event, () => {
        clearTimeout(walking);
        const index = each.after ? each.after(each.get()) : each.get();
        move(each, index, each.element.type !== "range");
      });
    figure.querySelector("[data-reset]").addEventListener("click", () => {
      choose(new Map());
      changed(true);
    });
    for (const step of steps) {
      step.hidden = false;
      step.addEventListener("click", () =>
        walk(new URLSearchParams(step.dataset.step)));
    }
    choose(new Map()); // some browsers keep the controls of the last visit
    said.id ||= `${slug}-spoken`;
    svg.setAttribute("aria-describedby", said.id);
    figure.querySelector(".controls").hidden = false;
    if (inline) take(JSON.parse(inline.textContent));
    return { figure, load, choose, follow, requestFrame, say };
  }

  // "0.3" names the value that is shown as "0.30".
  function alike(text, wanted) {
    return text === wanted || (Boolean(wanted) && Number(text) === Number(wanted));
  }

  // -- the page ---------------------------------------------------------------------

  // #slug:rate=0.3&pass=3 names a state; any other hash is an ordinary anchor.
  function readAddress() {
    const [, slug, choices] = /^#([^:]+):(.*)$/.exec(location.hash) || [];
    const named = figures.get(slug);
    if (!named) return;
    named.choose(new URLSearchParams(choices));
    named.load();
    named.requestFrame();
    named.say(false);
    named.figure.scrollIntoView({ behavior: "instant" });
  }

  function loadWhenNear() {
    const observer = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries)
        if (isIntersecting) {
          figures.get(target.dataset.explorable).load();
          observer.unobserve(target);
        }
    }, { rootMargin: "1000px" });
    for (const { figure } of figures.values())
      if (figure.dataset.src) observer.observe(figure);
  }

  // What scrolls must take the keyboard's focus; what does not must not. Its hint
  // points back at the end.
  function focusWhatScrolls() {
    const atEnd = ({ target }) => target.classList.toggle("ended",
      target.scrollLeft + target.clientWidth > target.scrollWidth - 2);
    const observer = new ResizeObserver((entries) => {
      for (const { target } of entries) {
        const scrolls = target.scrollWidth > target.clientWidth;
        if (scrolls) target.tabIndex = 0;
        else target.removeAttribute("tabindex");
        target.classList.toggle("scrolls", scrolls);
        atEnd({ target });
      }
    });
    for (const frame of document.querySelectorAll(".frame, .maths-block, .table, pre")) {
      observer.observe(frame);
      frame.addEventListener("scroll", atEnd);
    }
  }

  // A still stands until its button is pressed: nothing moves by itself, and nothing
  // at all for those who ask for less motion.
  function playOnRequest(button) {
    if (still.matches) return;
    const image = button.parentElement.querySelector("img[data-gif]");
    const poster = image.getAttribute("src");
    let playing = false;
    button.hidden = false;
    button.addEventListener("click", () => {
      playing = !playing;
      image.setAttribute("src", playing ? image.dataset.gif : poster);
      button.textContent = playing ? "stop" : "play";
    });
  }

  // A citation shows its source, as the page's own list has it, while it is pointed
  // at or has the focus; Escape takes it away, and it may be pointed at itself.
  function previewSources() {
    const note = document.createElement("div");
    note.className = "preview";
    note.id = "preview";
    note.setAttribute("role", "tooltip");
    let leaving = 0;
    let described = null;
    const hide = () => {
      described?.removeAttribute("aria-describedby");
      note.remove();
    };
    const stay = () => clearTimeout(leaving);
    const leave = () => (leaving = setTimeout(hide, CALM));
    note.addEventListener("pointerenter", stay);
    note.addEventListener("pointerleave", leave);
    addEventListener("keydown", (event) => event.key === "Escape" && hide());
    for (const link of document.querySelectorAll(".citation a")) {
      const key = link.hash.replace("#ref-", "source-");
      const source = document.getElementById(decodeURIComponent(key));
      if (!source) continue;
      const show = () => {
        stay();
        hide();
        described = link;
        link.setAttribute("aria-describedby", note.id);
        note.replaceChildren(...source.cloneNode(true).childNodes);
        document.body.append(note);
        const [line] = link.getClientRects();
        const room = root.clientWidth - note.offsetWidth - 8;
        note.style.left = `${scrollX + Math.max(8, Math.min(line.left, room))}px`;
        note.style.top = `${scrollY + line.bottom + 4}px`;
      };
      link.addEventListener("pointerenter", show);
      link.addEventListener("pointerleave", leave);
      link.addEventListener("focus", show);
      link.addEventListener("blur", hide);
    }
  }

  // The list of contents marks the section that is being read.
  function followContents() {
    const links = new Map();
    for (const link of document.querySelectorAll(".contents a"))
      links.set(document.getElementById(decodeURIComponent(link.hash.slice(1))), link);
    const mark = () => {
      const passed = [...links.keys()].filter(
        (heading) => heading && heading.getBoundingClientRect().top < innerHeight / 3,
      );
      for (const [heading, link] of links)
        if (heading === passed.at(-1)) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
    };
    const seen = new IntersectionObserver(mark, { rootMargin: "0px 0px -66% 0px" });
    for (const heading of links.keys()) if (heading) seen.observe(heading);
  }

  function printInFull() {
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = [...document.querySelectorAll("details:not([open])")];
      for (const details of closed) details.open = true;
    });
    addEventListener("afterprint", () => {
      for (const details of closed) details.open = false;
      closed = [];
    });
  }

  // The search is loaded when it is first asked for.
  function searchOnRequest(button) {
    let script;
    button.hidden = false;
    button.addEventListener("click", () => {
      if (window.holdingTogether.search) window.holdingTogether.search();
      else if (!script) {
        script = document.createElement("script");
        script.src = button.dataset.search;
        document.head.append(script);
      }
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const figure of document.querySelectorAll("[data-explorable]"))
      figures.set(figure.dataset.explorable, explorable(figure));
    for (const button of document.querySelectorAll("[data-play]"))
      playOnRequest(button);
    loadWhenNear();
    focusWhatScrolls();
    printInFull();
    for (const button of document.querySelectorAll(".theme")) chooseTheme(button);
    previewSources();
    followContents();
    for (const button of document.querySelectorAll("[data-search]"))
      searchOnRequest(button);
    readAddress();
    addEventListener("hashchange", readAddress);
  });
})();
