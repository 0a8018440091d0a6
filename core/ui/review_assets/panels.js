/** What is asked before a rejection, and before another picture is made. Each answer is one key away. */
function rejectPanel(words, reject) {
  const input = line(words.otherReason, () => reject(input.value));
  return [
    make("h3", { text: words.rejectTitle }),
    make("div", { class: "choices" },
      ...words.reasons.map((reason, n) => keyButton("choice", "", reason, String(n + 1), () => reject(reason)))),
    make("div", { class: "write" }, input, make("kbd", { text: "T", "aria-hidden": "true" }),
      keyButton("no", "close", words.reject, "", () => reject(input.value))),
  ];
}

/** `redo`: takes the recipe's id and the note. Recipes for other kinds of articles wait behind one line. */
function redoPanel(one, { recipes, notes }, words, redo) {
  const note = line(words.note, () => redo(one.same.id, note.value));
  const others = recipes.filter((recipe) => recipe.id !== one.same.id);
  const [fitting, elsewhere] = [others.filter((recipe) => !recipe.elsewhere), others.filter((recipe) => recipe.elsewhere)];
  const numbered = [...fitting, ...elsewhere];
  const choice = (recipe, n) =>
    keyButton("choice", "", recipe.label, n < 9 ? String(n + 1) : "", () => redo(recipe.id, note.value));
  const choices = (some) => make("div", { class: "choices" }, ...some.map((one) => choice(one, numbered.indexOf(one) + 1)));
  return [
    make("h3", { text: words.redoTitle }),
    notes ? make("div", { class: "write" }, note, make("kbd", { text: "T", "aria-hidden": "true" }))
      : make("p", { class: "hint", text: words.sameAgain }),
    make("div", { class: "choices" }, choice({ id: one.same.id, label: fill(words.same, { name: one.same.label }) }, 0)),
    ...(words.kinds ? [make("h4", { text: words.other }), make("p", { class: "hint", text: words.kinds }), choices(fitting)]
      : [make("details", {}, make("summary", { text: words.other }), choices(fitting))]),
    elsewhere.length && make("details", {}, make("summary", { text: words.elsewhere }), choices(elsewhere)),
  ].filter(Boolean);
}

function line(placeholder, send) {
  const input = make("input", { type: "text", maxlength: "300", placeholder, "aria-label": placeholder });
  input.onkeydown = (event) => { if (event.key === "Enter" && !event.isComposing) send(); };
  return input;
}
