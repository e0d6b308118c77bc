/**
 * Makes an element. Texts become text nodes: names from recipes and data sets are never read as markup. Properties `on…` listen;
 * others are attributes, left out where false, null or undefined.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  fill(element, ...children);
  return element;
}

/** Puts children, in place of what there was; lists are flattened, nothing is left out. */
export function fill(element, ...children) {
  const shown = children.flat(3).filter((child) =>
    child !== undefined && child !== null && child !== false
  );
  element.replaceChildren(...shown);
}

/** Says something to screen readers. */
export function say(text) {
  document.getElementById("status").textContent = text;
}

/**
 * A table: headings, then rows whose first cell names them. Cells are texts, numbers or nodes; a column of whole numbers has no decimals.
 * Columns stand to the right, as numbers do, but for those that are named as texts.
 */
export function table(caption, columns, rows, texts = []) {
  const whole = columns.map((_, i) =>
    rows.every((row) => typeof row[i] !== "number" || Number.isInteger(row[i]))
  );
  const side = (i) => i > 0 && !texts.includes(columns[i]) && "number";
  const heading = (text, i) => h("th", { scope: "col", class: side(i) }, text);
  const shown = (value, i) =>
    typeof value === "number" ? value.toFixed(whole[i] ? 0 : 1) : value ?? "";
  const cell = (value, i) =>
    i === 0 ? h("th", { scope: "row" }, value) : h("td", { class: side(i) }, shown(value, i));
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, columns.map(heading))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell)))),
    ),
  );
}

/** A section with a heading. */
export function section(title, ...content) {
  return h("section", {}, h("h2", {}, title), ...content);
}

/** A control with its label; the control has an id. */
export function field(control, text) {
  return h("div", { class: "field" }, h("label", { for: control.id }, text), control);
}

/** A slider of whole numbers from 0 on. */
export function slider(id, max, oninput) {
  return h("input", { type: "range", id, min: 0, max, step: 1, oninput });
}

/** Puts choices into a select, `[value, text]`; what was chosen before stays, where it is among them. */
export function offer(select, choices) {
  const before = select.value;
  fill(select, choices.map(([value, text]) => h("option", { value }, text)));
  if (choices.some(([value]) => value === before)) select.value = before;
}

/** Seconds for people. */
export function duration(seconds) {
  const whole = Math.max(Math.round(seconds), 0);
  const [d, hours, m, s] = [
    Math.floor(whole / 86400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  if (d > 0) return `${d} d ${hours} h`;
  if (hours > 0) return `${hours} h ${m} min`;
  return m > 0 ? `${m} min ${s} s` : `${s} s`;
}

/** A state in words, coloured. */
export function badge(state) {
  return h("span", { class: `badge ${state}` }, state);
}
