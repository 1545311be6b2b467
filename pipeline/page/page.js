// What answers on the page: analogies, neighbours, the map of words. All it needs is in the page; it asks no server.
"use strict";

const ANSWERS = 5, NEIGHBOURS = 10, MOST_LABELS = 200;
const byId = (id) => document.getElementById(id);
const spaces = Object.entries(JSON.parse(byId("spaces").textContent)).map(([name, coded]) => decoded(name, coded));

/** A model's words and their vectors, decoded from 8 bits a value and brought to length 1. */
function decoded(name, { words, dimensions, vectors, x, y }) {
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

/** The id of a word, or of the known one that is spelled most like it; of several, of the most frequent. */
function known(space, word) {
  if (space.ids.has(word)) return space.ids.get(word);
  let best = 0, least = Infinity;
  space.words.forEach((other, id) => {
    const edits = distance(word, other, least);
    if (edits < least) [best, least] = [id, edits];
  });
  return best;
}

/** Levenshtein's: letters to put in, take out or change to make one word the other; Infinity from `most` on. */
function distance(one, other, most) {
  if (Math.abs(one.length - other.length) >= most) return Infinity;
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[other.length];
}

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

const pressable = (word) => element("button", { type: "button", className: "word" }, word);

/** A table of a row a model, each with words and their cosines. */
function table(caption, rows) {
  const body = rows.map(([space, found]) => element("tr", {},
    element("th", { scope: "row" }, space.name),
    element("td", { className: "text" }, ...found.flatMap(([id, cosine]) => [
      element("span", { className: "answer" }, pressable(space.words[id]), ` ${cosine.toFixed(2)}`), " "]))));
  return element("table", { className: "answers" }, element("caption", {}, caption), element("tbody", {}, ...body));
}

/** What stood in for words that are not known: ["queeen is not known: queen"]. */
function replaced(words, ids) {
  const notes = spaces.flatMap((space, number) => words.map((word, i) => [word, space.words[ids[number][i]]]))
    .filter(([word, used]) => word !== used).map(([word, used]) => `“${word}” is not known here; nearest: “${used}”.`);
  return [...new Set(notes)].join(" ");
}

function answer(words) {
  const ids = spaces.map((space) => words.map((word) => known(space, word)));
  const used = ids[0].map((id) => spaces[0].words[id]);
  byId("asked").textContent = `${used[0]} - ${used[1]} + ${used[2]} = ? ${replaced(words, ids)}`;
  const rows = spaces.map((space, number) => {
    const [a, b, c] = ids[number].map((id) => space.row(id));
    return [space, nearest(space, a.map((value, i) => value - b[i] + c[i]), ids[number], ANSWERS)];
  });
  byId("answers").replaceChildren(table("The five best answers of each model, with their cosines", rows));
}

/** The words in a box; signs between them may be written out. */
const typed = (input) => input.value.toLowerCase().split(/\s+/u).filter((word) => /[^-+=?\u2212]/u.test(word));

byId("question").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = typed(byId("three-words"));
  if (words.length === 3) return answer(words);
  byId("asked").textContent = `Type three words; these are ${words.length}.`;
  byId("answers").replaceChildren();
});
byId("three-words").addEventListener("input", () => { // at once, where all three are known already
  const words = typed(byId("three-words"));
  if (words.length === 3 && words.every((word) => spaces[0].ids.has(word))) answer(words);
});

/** Fill a panel with the neighbours of a word, or of the known one nearest to it in spelling. */
function neighbours(word, panel) {
  const ids = spaces.map((space) => [known(space, word)]);
  const rows = spaces.map((space, number) => {
    const [id] = ids[number];
    return [space, nearest(space, space.row(id), [id], NEIGHBOURS)];
  });
  const caption = `Nearest to “${spaces[0].words[ids[0][0]]}”, by cosine`;
  panel.replaceChildren(table([caption, replaced([word], ids)].filter(Boolean).join(". "), rows));
}

document.addEventListener("click", (event) => {
  if (!event.target.matches("button.word")) return;
  const panel = event.target.closest("section").querySelector(".neighbours") ?? document.querySelector(".neighbours");
  neighbours(event.target.textContent, panel);
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

function mark(id) {
  marked = id;
  const of = (values) => [id === null ? [] : [values[id]]];
  return Plotly.restyle(map, { x: of(shown.x), y: of(shown.y) }, [2]);
}

/** Move to a word, with about an eighth of the map's width around it. */
function find(word) {
  const id = known(shown, word), found = shown.words[id];
  const unknown = `“${word}” is not known here; nearest: “${found}”.`;
  byId("found").textContent = found === word ? `“${word}” is marked.` : unknown;
  mark(id);
  const around = (values) => {
    const [low, high] = extent(values);
    return [values[id] - (high - low) / 16, values[id] + (high - low) / 16];
  };
  move(around(shown.x), around(shown.y));
  neighbours(found, panel);
}

map.on("plotly_relayout", label);
map.on("plotly_click", ({ points: [point] }) => {
  mark(point.pointNumber);
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
  if (shown.ids.has(word)) find(word);
});
byId("find").addEventListener("click", ({ target: { dataset } }) => {
  if (dataset.zoom) dataset.zoom === "all" ? whole() : zoom(Number(dataset.zoom));
});
byId("model").addEventListener("change", ({ target }) => {
  const word = marked === null ? null : shown.words[marked];
  shown = spaces.find((space) => space.name === target.value);
  Plotly.restyle(map, { x: [shown.x], y: [shown.y], text: [shown.words] }, [0]);
  mark(word === null ? null : known(shown, word));
  whole();
});
let resized;
new ResizeObserver(() => {
  clearTimeout(resized);
  resized = setTimeout(label, 200);
}).observe(map);
byId("model").value = shown.name; // browsers keep what was chosen before a reload
whole();
