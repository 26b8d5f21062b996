/* The one script of every page. It plays precomputed figures: nothing is fetched and
   nothing is computed but which of the drawn states to show. */
"use strict";

document.documentElement.classList.add("js");

// A figure that is not the first of its page has its changes in a script of its own,
// which reads: holdingTogether.states["slug"] = {…};
window.holdingTogether = { states: {} };

(() => {
  const CALM = 300; // milliseconds without a change before it is spoken and in the URL

  const figures = new Map(); // slug -> what explorable() returns

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

  function column(runs) {
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
    const columns = data.columns.map(column);
    const place = (state) =>
      (state % stride) * (data.states / stride) + Math.floor(state / stride);
    const elements = [svg, ...svg.querySelectorAll("*")];
    const slots = data.slots.flatMap(([attribute, values, which, used]) => {
      const list = unpacked(values);
      const uses = sums(used).map((number) => columns[number]);
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

  // -- the controls: each is a choice among data-texts ------------------------------

  function control(element, figure) {
    const texts = JSON.parse(element.dataset.texts);
    const common = { element, texts, name: element.dataset.control };
    if (element.type === "range") {
      const output = figure.querySelector(`output[for="${element.id}"]`);
      return { ...common, event: "input",
        initial: Number(element.defaultValue),
        get: () => Number(element.value),
        set(index) { element.value = index; output.textContent = texts[index]; } };
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
      step() { this.set((this.get() + 1) % texts.length); },
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
    const controls = [...figure.querySelectorAll("[data-control]")]
      .map((element) => control(element, figure));
    let data, play, waiting, timer;

    function take(changes) {
      data = changes;
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
      if (!play) return;
      play(state());
      for (const { element } of controls)
        if (element.type === "range")
          element.setAttribute("aria-valuetext", data.spoken[state()]);
    }

    // A slider speaks its own value; only what other controls do is announced.
    function say(aloud) {
      said.setAttribute("aria-live", aloud ? "polite" : "off");
      if (data) said.textContent = data.spoken[state()];
    }

    function changed(aloud) {
      load();
      requestFrame();
      clearTimeout(timer);
      timer = setTimeout(() => {
        say(aloud);
        const choices = controls.map(({ name, texts, get }) => [name, texts[get()]]);
        history.replaceState(null, "", `#${slug}:${new URLSearchParams(choices)}`);
      }, CALM);
    }

    let frame = 0;
    function requestFrame() {
      frame ||= requestAnimationFrame(() => { frame = 0; show(); });
    }

    // Go to the state that an address names; what it does not name is as at first.
    function choose(choices) {
      for (const { texts, name, initial, set } of controls) {
        const wanted = choices.get(name);
        const index = texts.findIndex((text) => alike(text, wanted));
        set(index < 0 ? initial : index);
      }
    }

    for (const each of controls)
      each.element.addEventListener(each.event, () => {
        if (each.step) each.step();
        changed(each.element.type !== "range");
      });
    figure.querySelector("[data-reset]").addEventListener("click", () => {
      choose(new Map());
      changed(true);
    });
    choose(new Map()); // some browsers keep the controls of the last visit
    said.id ||= `${slug}-spoken`;
    svg.setAttribute("aria-describedby", said.id);
    figure.querySelector(".controls").hidden = false;
    if (inline) take(JSON.parse(inline.textContent));
    return { figure, load, choose, requestFrame, say };
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

  // What scrolls must take the keyboard's focus; what does not must not.
  function focusWhatScrolls() {
    const observer = new ResizeObserver((entries) => {
      for (const { target } of entries) {
        const scrolls = target.scrollWidth > target.clientWidth;
        if (scrolls) target.tabIndex = 0;
        else target.removeAttribute("tabindex");
        target.classList.toggle("scrolls", scrolls);
      }
    });
    for (const frame of document.querySelectorAll(".frame, .maths-block, .table, pre"))
      observer.observe(frame);
  }

  // A still stands until its button is pressed: nothing moves by itself.
  function playOnRequest(button) {
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

  document.addEventListener("DOMContentLoaded", () => {
    for (const figure of document.querySelectorAll("[data-explorable]"))
      figures.set(figure.dataset.explorable, explorable(figure));
    for (const button of document.querySelectorAll("[data-play]"))
      playOnRequest(button);
    loadWhenNear();
    focusWhatScrolls();
    printInFull();
    readAddress();
    addEventListener("hashchange", readAddress);
  });
})();
