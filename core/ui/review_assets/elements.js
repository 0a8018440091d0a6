/** A new element: `text` and functions are set as properties, the rest as attributes; null and false are left out. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (typeof value === "function") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter(Boolean));
  return element;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A button with its icon, its word and its key; the key is hidden where there is no keyboard. */
function keyButton(kind, icon, label, key, onclick) {
  return make(
    "button",
    { type: "button", class: kind, onclick, "aria-keyshortcuts": key || null },
    make("span", { class: "icon", "aria-hidden": "true", text: icon }),
    make("span", { class: "label", text: label }),
    key && make("kbd", { text: key, "aria-hidden": "true" }),
  );
}
