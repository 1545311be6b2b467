// What answers on the page: analogies, neighbours, the map of words. All it needs is in the page; it asks no server.
"use strict";

const ANSWERS = 5, NEIGHBOURS = 10, SUGGESTED = 3, MOST_LABELS = 200;
const byId = (id) => document.getElementById(id);
const spaces = JSON.parse(byId("spaces").textContent).map(decoded);

/** A model's words and their vectors, decoded from 8 bits a value and brought to length 1. */
function decoded({ name, words, dimensions, vectors, x, y }) {
  const values = Float32Array.from(Int8Array.from(atob(vectors), (letter) => letter.charCodeAt(0)));
  for (let start = 0; start < values.length; start += dimensions) {
    const row = values.subarray(start, start + dimensions);
    const length = Math.hypot(...row) || 1;
    row.forEach((value, i) => { row[i] = value / length; });
  }
  const row = (id) => values.subarray(id * dimensions, (id + 1) * dimensions);
  return { name, words, x, y, row, ids: new Map(words.map((word, id) => [word, id])) };
}

/** The words nearest to a vector by cosine, best first: [id, cosine], without those `left` out. */
function nearest(space, vector, left, number) {
  const length = Math.hypot(...vector) || 1;
  const found = [];
  space.words.forEach((_, id) => {
    if (left.includes(id)) return;
    const cosine = space.row(id).reduce((sum, value, i) => sum + value * vector[i], 0) / length;
    found.push([id, cosine]);
  });
  return found.sort((one, other) => other[1] - one[1]).slice(0, number);
}

/** Letters to put in, take out, change or swap with the next, to make one word the other. */
function edits(one, other) {
  const rows = Array.from({ length: one.length + 1 }, (_, i) => [i]);
  rows[0] = Array.from({ length: other.length + 1 }, (_, j) => j);
  for (let i = 1; i <= one.length; i++) {
    for (let j = 1; j <= other.length; j++) {
      const change = one[i - 1] === other[j - 1] ? 0 : 1;
      rows[i][j] = Math.min(rows[i][j - 1] + 1, rows[i - 1][j] + 1, rows[i - 1][j - 1] + change);
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (swapped) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[one.length][other.length];
}

/** The words spelled most like one, the most frequent first; as in `wikilm`, within a third of its letters or two. */
function alike(space, word) {
  let least = Math.min(Math.max(2, Math.floor(word.length / 3)), word.length - 1), found = [];
  for (const other of space.words) {
    if (Math.abs(other.length - word.length) > least) continue;
    const far = edits(word, other);
    if (far < least) [least, found] = [far, []];
    if (far === least) found.push(other);
  }
  return found.slice(0, SUGGESTED);
}

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A word as writing of its own, which may run from right to left. */
const apart = (word) => element("bdi", {}, word);
const quoted = (word) => ["“", apart(word), "”"];
const pressable = (word) => element("button", { type: "button", className: "word" }, word);

/** A table of a row a model, each with words and their cosines. */
function table(rows, ...captions) {
  const body = rows.map(([space, found]) => element("tr", {},
    element("th", { scope: "row" }, space.name),
    element("td", { className: "text" }, ...found.flatMap(([id, cosine]) => [
      element("span", { className: "answer" }, pressable(space.words[id]), ` ${cosine.toFixed(2)}`), " "]))));
  return element("table", { className: "answers" }, ...captions, element("tbody", {}, ...body));
}

/** What is said of those words that a space lacks. */
const lacking = (space, words) => [...new Set(words)].filter((word) => !space.ids.has(word)).flatMap((word) => {
  const near = alike(space, word).flatMap((other, i) => [i ? ", " : "", ...quoted(other)]);
  const number = space.words.length.toLocaleString("en");
  const told = near.length ? ["; nearest in spelling: ", ...near, ". "] : [", and none is spelled nearly so. "];
  return [...quoted(word), ` is not among the ${number} words held here`, ...told];
});

const holding = (words) => spaces.filter((space) => words.every((word) => space.ids.has(word)));

function answer(words) {
  const able = holding(words), [one, two, three] = words.map(apart);
  if (!able.length) return refuse(...lacking(spaces[0], words));
  byId("asked").replaceChildren(one, " - ", two, " + ", three, " = ?");
  const rows = able.map((space) => {
    const ids = words.map((word) => space.ids.get(word)), [a, b, c] = ids.map(space.row);
    return [space, nearest(space, a.map((value, i) => value - b[i] + c[i]), ids, ANSWERS)];
  });
  const caption = element("caption", {}, "The five best answers of each model, with their cosines");
  byId("answers").replaceChildren(table(rows, caption));
}

function refuse(...told) {
  byId("asked").replaceChildren(...told);
  byId("answers").replaceChildren();
}

/** The words in a box, in lower case if not held as typed; signs between them may be written out. */
const typed = (input) => input.value.split(/\s+/u).filter((word) => /[^-+=?\u2212]/u.test(word))
  .map((word) => holding([word]).length ? word : word.toLowerCase());

byId("question").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = typed(byId("three-words"));
  words.length === 3 ? answer(words) : refuse(`Type three words; these are ${words.length}.`);
});
byId("three-words").addEventListener("input", () => { // at once, where all three are known already
  const words = typed(byId("three-words"));
  if (words.length === 3 && holding(words).length) answer(words);
  else if (!byId("answers").hasChildNodes()) refuse("");  // what was said of other words
});

/** Fill a panel, and the line above it, with the neighbours of a word that is held; empty both without a word. */
function neighbours(word, panel) {
  const rows = holding([word]).map((space) => {
    const id = space.ids.get(word);
    return [space, nearest(space, space.row(id), [id], NEIGHBOURS)];
  });
  panel.previousElementSibling.replaceChildren(...(rows.length ? ["Nearest to ", ...quoted(word), ", by cosine"] : []));
  panel.replaceChildren(...(rows.length ? [table(rows)] : []));
}

document.addEventListener("click", (event) => {
  if (!event.target.matches("button.word")) return;
  const panel = event.target.closest("section").querySelector(".neighbours") ?? document.querySelector(".neighbours");
  neighbours(event.target.textContent, panel);
  panel.focus({ preventScroll: true }); // the button may be gone, or in another section
  panel.scrollIntoView({ block: "nearest" });
});

// The map: its first trace are the words, the second the labels, the third the word that was found.

const map = byId("map"), panel = map.closest("section").querySelector(".neighbours");
let shown = spaces[0], marked = null;

const range = (axis) => map.layout[axis].range;
const move = (x, y) => Plotly.relayout(map, { "xaxis.range": x, "yaxis.range": y });
const scaled = ([low, high], factor) => [0.5 - factor / 2, 0.5 + factor / 2].map((part) => low + part * (high - low));
const shifted = ([low, high], part) => [low + part * (high - low), high + part * (high - low)];
const extent = (values) => scaled([Math.min(...values), Math.max(...values)], 1.15);

const whole = () => move(extent(shown.x), extent(shown.y));
const zoom = (factor) => move(scaled(range("xaxis"), factor), scaled(range("yaxis"), factor));

/** Label as many words as go without covering one another, the marked one first, then the most frequent. */
function label() {
  const { xaxis, yaxis } = map._fullLayout;
  const brush = document.createElement("canvas").getContext("2d");
  brush.font = "12px system-ui, sans-serif";
  const boxes = [], chosen = [];
  for (const id of [...(marked === null ? [] : [marked]), ...shown.words.keys()]) {
    const x = xaxis.d2p(shown.x[id]), y = yaxis.d2p(shown.y[id]);
    const half = brush.measureText(shown.words[id]).width / 2 + 3;
    const box = { left: x - half, right: x + half, top: y - 24, bottom: y - 2 };
    if (box.left < 0 || box.right > xaxis._length || box.top < 0 || y > yaxis._length) continue;
    if (boxes.some((b) => b.left < box.right && box.left < b.right && b.top < box.bottom && box.top < b.bottom)) continue;
    boxes.push(box);
    if (chosen.push(id) === MOST_LABELS) break;
  }
  const of = (values) => [chosen.map((id) => values[id])];
  return Plotly.restyle(map, { x: of(shown.x), y: of(shown.y), text: of(shown.words) }, [1]);
}

/** Mark a word and say so, or that it is not held; null marks none and says nothing. */
function mark(word) {
  marked = shown.ids.get(word) ?? null;
  const told = () => (marked === null ? lacking(shown, [word]) : [...quoted(word), " is marked."]);
  byId("found").replaceChildren(...(word === null ? [] : told()));
  const of = (values) => [marked === null ? [] : [values[marked]]];
  return Plotly.restyle(map, { x: of(shown.x), y: of(shown.y) }, [2]);
}

/** Mark a word and move to it, with about an eighth of the map's width around it. */
function find(word) {
  mark(word);
  neighbours(word, panel);
  if (marked === null) return;
  const around = (values) => {
    const [low, high] = extent(values);
    return [values[marked] - (high - low) / 16, values[marked] + (high - low) / 16];
  };
  move(around(shown.x), around(shown.y));
}

map.on("plotly_relayout", label);
map.on("plotly_click", ({ points: [point] }) => {
  mark(point.text);
  label();
  neighbours(point.text, panel);
});
map.closest("figure").addEventListener("keydown", (event) => {
  const actions = {
    ArrowLeft: () => move(shifted(range("xaxis"), -0.2), range("yaxis")),
    ArrowRight: () => move(shifted(range("xaxis"), 0.2), range("yaxis")),
    ArrowUp: () => move(range("xaxis"), shifted(range("yaxis"), 0.2)),
    ArrowDown: () => move(range("xaxis"), shifted(range("yaxis"), -0.2)),
    "+": () => zoom(0.5), "-": () => zoom(2), 0: whole,
  };
  if (!(event.key in actions) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  actions[event.key]();
});
byId("find").addEventListener("submit", (event) => {
  event.preventDefault();
  const [word] = typed(byId("find-word"));
  if (word) find(word);
});
byId("find-word").addEventListener("input", () => {
  const [word] = typed(byId("find-word"));
  find(shown.ids.has(word) ? word : null); // of half a word nothing is said, and nothing stays marked
});
byId("find").addEventListener("click", ({ target: { dataset } }) => {
  if (dataset.zoom) dataset.zoom === "all" ? whole() : zoom(Number(dataset.zoom));
});
byId("model").addEventListener("change", ({ target }) => {
  const word = marked === null ? null : shown.words[marked];
  shown = spaces.find((space) => space.name === target.value);
  Plotly.restyle(map, { x: [shown.x], y: [shown.y], text: [shown.words] }, [0]);
  mark(word);
  whole();
});
let resized;
new ResizeObserver(() => {
  clearTimeout(resized);
  resized = setTimeout(label, 200);
}).observe(map);
byId("model").value = shown.name; // browsers keep what was chosen before a reload
whole();
