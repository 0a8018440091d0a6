const AGAIN = [500, 2_000, 8_000]; // ms until a picture that did not come is asked for once more

/** Before and after: under a slider or side by side, whole or pixel by pixel. Pictures are kept ready to be shown. */
function makeViewer(root, onLoad) {
  const find = (selector) => root.querySelector(selector);
  const frame = find(".frame"), range = find("input[type=range]");
  const panes = { before: find(".pane.before"), after: find(".pane.after") };
  const ready = new Map(); // side and address → <img>, loading or loaded
  const pan = { x: 0.5, y: 0.5 }; // of a picture larger than its pane: which part of it
  let words = {}, shown = null, mode = "slider", isChosen = false, zoomed = false;

  function picture(side, url) {
    const name = `${side} ${url}`;
    if (!ready.has(name)) {
      const image = make("img", { draggable: "false", decoding: "async" });
      let asked = 0;
      image.isComing = true;
      image.onload = image.onerror = ({ type }) => {
        const wait = type === "error" ? AGAIN[asked++] : undefined;
        image.isComing = wait !== undefined;
        if (image.isComing) setTimeout(() => { if (ready.get(name) === image) image.src = url; }, wait);
        arrange();
        onLoad();
      };
      image.src = url;
      ready.set(name, image);
    }
    return ready.get(name);
  }

  function has(side) {
    const image = shown && shown[side] && picture(side, shown[side]);
    return Boolean(image && image.complete && image.naturalWidth);
  }

  function place(side) {
    const pane = panes[side], url = shown && shown[side];
    if (!url) return pane.replaceChildren(make("p", { class: "word", text: words.noBefore }));
    const image = picture(side, url);
    image.alt = fill(words[side + "Alt"], { name: shown.name });
    const isHere = has(side);
    if (!isHere && !image.isComing) pane.replaceChildren(make("p", { class: "word", text: words.broken }));
    else if (!isHere) pane.replaceChildren(image, make("p", { class: "word", text: words.loading }));
    else if (pane.firstChild !== image || pane.childNodes.length > 1) pane.replaceChildren(image);
    return image;
  }

  function arrange() {
    if (!shown) return;
    for (const side of ["before", "after"]) size(side, place(side));
    frame.classList.toggle("zoomed", zoomed);
  }

  /** Under the slider both fill the same square, so that the product lies on itself. */
  function size(side, image) {
    if (!image) return;
    if (!zoomed || !has(side)) { image.removeAttribute("style"); return; }
    const like = mode === "slider" && has("after") ? picture("after", shown.after) : image;
    const dots = window.devicePixelRatio || 1;
    const wide = like.naturalWidth / dots, high = like.naturalHeight / dots;
    const { clientWidth, clientHeight } = panes[side];
    const left = (clientWidth - wide) * (wide > clientWidth ? pan.x : 0.5);
    const top = (clientHeight - high) * (high > clientHeight ? pan.y : 0.5);
    image.style.cssText = `inset:auto;left:0;top:0;width:${wide}px;height:${high}px;` +
      `transform:translate(${Math.round(left)}px,${Math.round(top)}px)`;
  }

  function slide(percent) {
    const at = Math.min(100, Math.max(0, percent));
    range.value = at;
    frame.style.setProperty("--at", at + "%");
  }

  function shift(x, y) {
    const image = has("after") ? picture("after", shown.after) : null;
    if (!image || !zoomed) return;
    const dots = window.devicePixelRatio || 1;
    const hidden = { x: image.naturalWidth / dots - panes.after.clientWidth, y: image.naturalHeight / dots - panes.after.clientHeight };
    for (const [axis, by] of [["x", x], ["y", y]]) {
      if (hidden[axis] > 0) pan[axis] = Math.min(1, Math.max(0, pan[axis] - by / hidden[axis]));
    }
    arrange();
  }

  let drag = null;
  frame.onpointerdown = (event) => {
    if (event.button !== 0) return;
    const onBar = event.target.closest && event.target.closest(".bar");
    drag = { x: event.clientX, y: event.clientY, slides: mode === "slider" && (onBar || !zoomed) };
    frame.setPointerCapture(event.pointerId);
    if (drag.slides) slideTo(event);
  };
  frame.onmousedown = (event) => event.preventDefault(); // the keys stay where they are
  frame.onpointermove = (event) => {
    if (!drag) return;
    if (drag.slides) slideTo(event);
    else shift(event.clientX - drag.x, event.clientY - drag.y);
    Object.assign(drag, { x: event.clientX, y: event.clientY });
  };
  frame.onpointerup = frame.onpointercancel = () => { drag = null; };
  range.oninput = () => slide(Number(range.value));

  function slideTo(event) {
    const box = frame.getBoundingClientRect();
    slide(((event.clientX - box.left) / box.width) * 100);
  }

  const wide = matchMedia("(min-width: 700px)");

  function turn(to) {
    mode = to;
    find(".desk").dataset.mode = mode;
  }

  const watcher = new ResizeObserver(arrange);
  watcher.observe(frame);

  return {
    speak(spoken) {
      words = spoken;
      find(".tag.left").textContent = words.before;
      find(".tag.right").textContent = words.after;
      range.setAttribute("aria-label", words.compare);
    },
    show(one) {
      if (!shown || !one || shown.id !== one.id) {
        Object.assign(pan, { x: 0.5, y: 0.5 });
        slide(50);
        // Half under the slider, a changed label looks right: what is doubted is seen whole, unless a person chose.
        if (one && !isChosen && wide.matches) turn(one.verdict === "good" ? "slider" : "side");
      }
      shown = one;
      arrange();
    },
    /** The whole pictures of `cases`, and of none that were looked at long ago. */
    prepare(cases) {
      const wanted = new Set(cases.flatMap((one) => [`before ${one.before}`, `after ${one.after}`]));
      for (const name of [...ready.keys()]) if (!wanted.has(name)) ready.delete(name);
      for (const one of cases) for (const side of ["after", "before"]) if (one[side]) picture(side, one[side]);
    },
    isSeen: () => has("after"),
    toggleMode() { isChosen = true; turn(mode === "slider" ? "side" : "slider"); arrange(); },
    toggleZoom() { zoomed = !zoomed; arrange(); },
    get mode() { return mode; },
    get zoomed() { return zoomed; },
    shift,
    leave: () => watcher.disconnect(),
  };
}
