const DONE = { approve: "approved", reject: "rejected", redo: "redone", keep_original: "kept", undo: "undone" };
const GLANCE = 150; // ms of a clock that nobody sets: no person judges a picture faster; a key that bounces does
const BEAT = 30_000, IDLE = 300_000, RETRY = 4_000;

function makeDesk(root) {
  const find = (selector) => root.querySelector(selector);
  const course = makeCourse();
  const viewer = makeViewer(root, () => draw());
  const over = find(".over");
  let component, data, words, beat = 0, touched = Date.now(), since = 0, shownId, saidOf, timer = 0;
  let counted, decidedThen = 0, arrived = 0;

  // ── what a person does ──────────────────────────────────────────────────────────────────────────────────────────
  const acts = {
    approve: () => decide("approve"),
    keep_original: () => decide("keep_original"),
    reject: () => open(() => rejectPanel(words, (reason) => decide("reject", { words: reason }))),
    redo: () => open((one) =>
      redoPanel(one, data, words, (recipe, note) => decide("redo", { recipe, words: note }))),
    undo: () => undo(),
    next: () => move(() => course.next()),
    back: () => move(() => course.back()),
    mode: () => { viewer.toggleMode(); drawTools(); },
    zoom: () => { viewer.toggleZoom(); drawTools(); },
  };

  function decide(action, more) {
    if (performance.now() - since < GLANCE) return;
    if (action === "approve" && !viewer.isSeen()) { say(words.waitImage); return; }
    const one = course.decide(action, more);
    if (!one) return;
    close();
    say(fill(words[DONE[action]], { name: one.name }), one.id);
    draw();
    send();
  }

  function undo(id) {
    const one = course.undo(id);
    close();
    say(one ? fill(words.undone, { name: one.name }) : words.undoneAlready);
    draw();
    if (one) send();
  }

  function move(step) {
    close();
    step();
    draw();
    send();
  }

  function send() {
    beat += 1;
    component.setStateValue("sent", course.message(beat));
  }

  // ── panels over the picture ─────────────────────────────────────────────────────────────────────────────────────
  function open(build) {
    const one = course.current();
    if (!one || course.decisionOn(one.id)) return;
    over.replaceChildren(...build(one), keyButton("plain", "", words.cancel, "Esc", close));
    over.hidden = false;
  }

  function close() {
    over.hidden = true;
    over.replaceChildren();
  }

  // ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────
  const KEYS = { a: "approve", r: "reject", d: "redo", o: "keep_original", u: "undo", v: "mode", z: "zoom",
    ArrowRight: "next", ArrowLeft: "back" };
  const PANS = { ArrowRight: [-80, 0], ArrowLeft: [80, 0], ArrowDown: [0, -80], ArrowUp: [0, 80] };

  /** Before Streamlit's own keys, of which R would run the page again. */
  function onKey(event) {
    touched = Date.now();
    const target = event.composedPath()[0];
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !root.host.isConnected) return;
    if (event.key === "Escape" && !over.hidden) { close(); return take(event); }
    if (target.matches && target.matches("input, textarea, select, [contenteditable]")) return;
    if (document.querySelector('[role="dialog"]')) return;
    if (!over.hidden) return keyInPanel(event);
    if (viewer.zoomed && event.shiftKey && PANS[event.key]) { viewer.shift(...PANS[event.key]); return take(event); }
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || event.shiftKey && event.key.length > 1) return;
    take(event);
    if (!event.repeat) acts[act]();
  }

  function keyInPanel(event) {
    const key = event.key.toLowerCase();
    const choice = over.querySelectorAll(".choice")[Number(key) - 1];
    const known = key === "t" || KEYS[key] || KEYS[event.key] || choice;
    if (!known) return;
    take(event);
    if (event.repeat) return;
    if (key === "t") over.querySelector("input")?.focus();
    else if (choice && key !== "0") choice.click();
  }

  function take(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  // ── what is on the screen ───────────────────────────────────────────────────────────────────────────────────────
  function draw() {
    if (!words) return;
    const one = course.current();
    if (one && one.id !== shownId) {
      since = performance.now();
      if (shownId && find(".desk").getBoundingClientRect().top < 0) find(".desk").scrollIntoView();
    }
    shownId = one && one.id;
    viewer.show(one);
    viewer.prepare([...course.recent(), one, ...course.upcoming()].filter(Boolean));
    once(".facts", `${shownId} ${one && one.reasons}`, (place) => drawFacts(place, one, words));
    drawState(one);
    drawTools();
    drawCount();
    find(".desk").dataset.saved = !course.hasUnanswered();
  }

  /** Drawn again only when it changes: what is open stays open, and what has the focus keeps it. */
  function once(selector, what, build) {
    const place = find(selector);
    if (place.dataset.drawn === what) return;
    place.dataset.drawn = what;
    build(place);
  }

  function drawState(one) {
    const decision = one && course.decisionOn(one.id);
    const state = find(".desk").dataset.state = one ? (decision ? "decided" : "open") : "end";
    find(".desk").dataset.before = course.hasBefore();
    const build = { open: choosing, decided: () => standing(one, decision), end: () => [] }[state];
    once(".acts", decision ? `${decision.action} ${one.id}` : state, (place) => place.replaceChildren(...build()));
    find(".end").replaceChildren(...(one ? [] : ending()));
  }

  function choosing() {
    const keep = keyButton("keep", "image", words.keep_original, "O", acts.keep_original);
    keep.querySelector(".label").dataset.short = words.keepShort;
    return [
      keyButton("yes", "check", words.approve, "A", acts.approve),
      keyButton("no", "close", words.reject, "R", acts.reject),
      keyButton("", "autorenew", words.redo, "D", acts.redo),
      keep,
    ];
  }

  function standing(one, decision) {
    return [
      make("p", { class: "standing", text: fill(words[DONE[decision.action]], { name: one.name }) }),
      keyButton("", "undo", words.undo, "", () => undo(one.id)),
    ];
  }

  function ending() {
    const left = data.left - course.uncounted();
    if (course.hasUnanswered()) return [make("p", { class: "word", text: words.fetching })];
    if (course.hasSkipped()) {
      return [make("h3", { text: words.skippedTitle }),
        keyButton("yes", "undo", words.again, "", () => move(() => course.again()))];
    }
    if (left > 0) return [make("h3", { text: words.othersTitle }), make("p", { text: words.othersText })];
    const more = data.elsewhere && fill(words[`elsewhere_${data.elsewhere === 1 ? "one" : "many"}`], { n: data.elsewhere });
    return [make("h3", { text: more ? words.hereTitle : words.endTitle }), more && make("p", { text: more }),
      data.today && make("p", {}, make("b", { text: data.today })), make("p", { text: words.endText })].filter(Boolean);
  }

  function drawTools() {
    const side = viewer.mode === "side", zoomed = viewer.zoomed;
    const back = keyButton("tool", "arrow_back", words.previous, "←", acts.back);
    back.disabled = !course.hasBefore();
    once(".tools", `${side} ${zoomed} ${back.disabled}`, (place) => place.replaceChildren(
      back,
      keyButton("tool", "arrow_forward", words.next, "→", acts.next),
      keyButton("tool", side ? "compare" : "view_column_2", side ? words.slider : words.side, "V", acts.mode),
      keyButton("tool", zoomed ? "zoom_out_map" : "zoom_in", zoomed ? words.fit : words.zoom, "Z", acts.zoom),
    ));
  }

  function drawCount() {
    const left = Math.max(0, data.left - course.uncounted()), decided = Math.max(0, data.decided + course.uncounted());
    const told = (name, n) => n > 0 && fill(words[`${name}_${n === 1 ? "one" : "many"}`], { n });
    // What was asked for again comes back, perhaps in the moment of a decision: then the number would seem to stand still.
    if (decided > decidedThen) arrived = 0;
    if (left + decided > counted) arrived += left + decided - counted;
    [counted, decidedThen] = [left + decided, decided];
    find(".count").textContent = [told("left", left) || fill(words.left_many, { n: 0 }), told("decided", decided),
      told("arrived", arrived)].filter(Boolean).join(" · ");
  }

  /** What was done last; `id`: of the picture, to take it back. */
  function say(text, id) {
    saidOf = id;
    find(".last").replaceChildren(make("span", { text, title: text }),
      ...(id ? [keyButton("plain", "", words.undo, "U", () => undo(id))] : []));
  }

  function warn({ one, error }) {
    if (one && one.id === saidOf) say("");
    const box = make("div", { class: "alert" },
      make("p", {}, make("b", { text: fill(words.failed, { name: one ? one.name : "" }) }), ` ${error}`),
      one && keyButton("plain", "", words.back, "", () => { box.remove(); move(() => course.look(one.id)); }),
      keyButton("plain", "", words.close, "", () => box.remove()));
    find(".alerts").append(box);
  }

  function fit() {
    const top = find(".desk").getBoundingClientRect().top + (document.querySelector('[data-testid="stMain"]')?.scrollTop || 0);
    find(".desk").style.setProperty("--room", `${Math.round(window.innerHeight - top - 12)}px`);
  }

  // ── life ────────────────────────────────────────────────────────────────────────────────────────────────────────
  const touch = () => { touched = Date.now(); };
  function onTime() {
    const due = !data.saved || Date.now() - touched < IDLE;
    if (document.visibilityState === "visible" && due) send();
    plan();
  }
  function plan() {
    clearTimeout(timer);
    timer = setTimeout(onTime, data.saved ? BEAT : RETRY);
  }
  /** The browser asks before it closes a page whose last decisions are still on their way. */
  const keepOpen = (event) => { if (course.hasUnanswered()) event.preventDefault(); };
  const listened = [[window, "keydown", onKey, true], [window, "pointerdown", touch, true], [window, "resize", fit, false],
    [window, "beforeunload", keepOpen, false]];
  for (const [where, what, how, early] of listened) where.addEventListener(what, how, early);

  return {
    update(now) {
      component = now;
      const first = !data;
      data = now.data;
      words = data.words;
      if (first) { viewer.speak(words); fit(); }
      course.hear(data).forEach(warn);
      find(".offline").textContent = data.saved ? "" : words.offline;
      draw();
      plan();
    },
    leave() {
      clearTimeout(timer);
      viewer.leave();
      for (const [where, what, how, early] of listened) where.removeEventListener(what, how, early);
    },
  };
}

const desks = new WeakMap();

export default function (component) {
  const root = component.parentElement;
  if (!desks.has(root)) desks.set(root, makeDesk(root));
  desks.get(root).update(component);
  return () => {
    desks.get(root)?.leave();
    desks.delete(root);
  };
}
