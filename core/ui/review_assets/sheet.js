const leftOut = new WeakMap(); // of each sheet: the ids a person took out

export default function ({ data, parentElement, setStateValue }) {
  if (!leftOut.has(parentElement)) leftOut.set(parentElement, new Set());
  const out = leftOut.get(parentElement), sheet = parentElement.querySelector(".sheet"), { words, cases } = data;
  const shown = cases.map((one) => one.id).join();
  if (sheet.dataset.shown === shown) return;
  sheet.dataset.shown = shown;
  sheet.replaceChildren(...cases.map(card));

  function card(one) {
    const icon = make("span", { class: "icon", "aria-hidden": "true" }), word = make("span");
    const button = make("button", { type: "button", class: "card", title: one.name },
      make("span", { class: "pictures" },
        make("img", { class: "after", src: one.after, alt: fill(words.after, one), loading: "lazy" }),
        one.before && make("img", { class: "before", src: one.before, alt: fill(words.before, one), loading: "lazy" })),
      make("span", { class: "name", text: one.name }),
      make("span", { class: "mark" }, icon, word));
    const mark = () => {
      const isIn = !out.has(one.id);
      button.setAttribute("aria-pressed", isIn);
      icon.textContent = isIn ? "check_box" : "check_box_outline_blank";
      word.textContent = isIn ? words.in : words.out;
    };
    button.onclick = () => {
      if (!out.delete(one.id)) out.add(one.id);
      mark();
      setStateValue("left_out", [...out]);
    };
    mark();
    return button;
  }
}
