// The map of words on a canvas, drawn when it comes into view: it is for neighbourhoods, not for differences.

const MOST_LABELS = 200, REACH = 12; // pixels from a click to the word that it takes
const map = byId("map"), brush = map.getContext("2d"), panel = map.closest("details").querySelector(".neighbours");
let shown = null, marked = null;

/** A model's words with their places, from -1 to 1, and clusters. */
function placed({ words, places: [x, y], clusters, names, name }) {
  const known = words.slice(0, x.length), scaled = (places) => places.map((place) => place / 999);
  return { words: known, x: scaled(x), y: scaled(y), clusters, names, name, ids: indexed(known) };
}

// `map.view` is what is seen: the middle, and half the width or height, whichever is shorter.
const scale = () => Math.min(map.clientWidth, map.clientHeight) / 2 / map.view.reach;
const across = (x) => map.clientWidth / 2 + (x - map.view.x) * scale();
const down = (y) => map.clientHeight / 2 - (y - map.view.y) * scale();

function move(view) {
  map.view = { ...map.view, ...view };
  map.view.reach = Math.min(1.1, Math.max(0.01, map.view.reach));
  draw();
}
const whole = () => move({ x: 0, y: 0, reach: 1.1 });
const zoom = (factor) => move({ reach: map.view.reach * factor });

/** Label as many words as go without covering one another: those asked about and marked, then the most frequent. */
function label(first) {
  const boxes = [];
  brush.font = "12px system-ui, sans-serif";
  for (const id of new Set([...first, ...shown.words.keys()])) {
    const x = across(shown.x[id]), y = down(shown.y[id]), half = brush.measureText(shown.words[id]).width / 2 + 3;
    const box = { word: shown.words[id], x, y, left: x - half, right: x + half, top: y - 20, bottom: y - 4 };
    if (box.left < 0 || box.right > map.clientWidth || box.top < 0 || y > map.clientHeight) continue;
    if (boxes.some((b) => b.left < box.right && box.left < b.right && b.top < box.bottom && box.top < b.bottom)) continue;
    if (boxes.push(box) === MOST_LABELS) break;
  }
  return boxes;
}

function draw() {
  if (!shown) return;
  const ratio = window.devicePixelRatio, style = getComputedStyle(map);
  const colours = [...byId("clusters").children].map((item) => getComputedStyle(item.firstChild).backgroundColor);
  [map.width, map.height] = [map.clientWidth * ratio, map.clientHeight * ratio];
  brush.scale(ratio, ratio);
  shown.words.forEach((_, id) => {
    brush.fillStyle = colours[shown.clusters[id]];
    brush.beginPath();
    brush.arc(across(shown.x[id]), down(shown.y[id]), 5 - 3 * Math.min(1, id / 1000), 0, 7);
    brush.fill();
  });
  if (marked !== null) {
    brush.strokeStyle = style.color;
    brush.lineWidth = 2.5;
    brush.beginPath();
    brush.arc(across(shown.x[marked]), down(shown.y[marked]), 8, 0, 7);
    brush.stroke();
  }
  map.labels = label(marked === null ? [] : [marked]);
  brush.textAlign = "center";
  brush.lineWidth = 3;
  brush.strokeStyle = style.backgroundColor;
  brush.fillStyle = style.color;
  for (const { word, x, y } of map.labels) {
    brush.strokeText(word, x, y - 8);
    brush.fillText(word, x, y - 8);
  }
}

/** Show a model's map as a whole, with its clusters. */
function show(name) {
  const word = marked === null ? null : shown.words[marked];
  shown = placed(spaces().find((space) => space.name === name));
  byId("clusters").replaceChildren(...shown.names.map((names, i) =>
    element("li", {}, element("i", { className: `k${i}` }), names)));
  byId("words").replaceChildren(...shown.words.map((value) => element("option", { value })));
  mark(word);
  whole();
}

/** Mark a word, and say so, or that it is not on the map; null marks none and says nothing. */
function mark(word) {
  marked = shown.ids.get(word) ?? null;
  const told = () => (marked === null ? lacking([word], shown.words, "map") : [...quoted(word), " is marked."]);
  byId("found").replaceChildren(...(word === null ? [] : told()));
}

/** Mark a word and its neighbours, without moving. */
function take(word) {
  mark(word);
  neighbours(word, panel, shown.name);
  draw();
}

/** Mark a word and move to it. */
function find(word) {
  take(word);
  if (marked !== null) move({ x: shown.x[marked], y: shown.y[marked], reach: 0.15 });
}

/** The word whose label or point is at a place of the canvas, in pixels. */
function wordAt(x, y) {
  const over = map.labels.find((box) => box.left <= x && x <= box.right && box.top <= y && y <= box.bottom);
  if (over) return over.word;
  const far = shown.words.map((_, id) => Math.hypot(across(shown.x[id]) - x, down(shown.y[id]) - y));
  const near = far.indexOf(Math.min(...far));
  return far[near] <= REACH ? shown.words[near] : null;
}

let from = null, dragged = false; // where the pointer went down, until it comes up
map.addEventListener("pointerdown", (event) => {
  from = { x: event.clientX, y: event.clientY, view: map.view };
  dragged = false;
});
map.addEventListener("pointermove", (event) => {
  if (!from) return map.style.setProperty("cursor", wordAt(event.offsetX, event.offsetY) === null ? "grab" : "pointer");
  const [x, y] = [event.clientX - from.x, event.clientY - from.y];
  dragged ||= Math.hypot(x, y) > 4;
  if (dragged) {
    map.setPointerCapture(event.pointerId);
    move({ x: from.view.x - x / scale(), y: from.view.y + y / scale() });
  }
});
for (const end of ["pointerup", "pointercancel"]) map.addEventListener(end, () => { from = null; });
map.addEventListener("click", (event) => {
  const word = dragged ? null : wordAt(event.offsetX, event.offsetY);
  if (word !== null) take(word);
});
map.addEventListener("wheel", (event) => {
  if (event.deltaY > 0 && map.view.reach >= 1.1) return; // all is seen: the page scrolls on
  event.preventDefault();
  const factor = 1.0015 ** event.deltaY, { x, y } = map.view;
  const [u, v] = [x + (event.offsetX - map.clientWidth / 2) / scale(), y - (event.offsetY - map.clientHeight / 2) / scale()];
  move({ x: u + (x - u) * factor, y: v + (y - v) * factor, reach: map.view.reach * factor });
}, { passive: false });
map.closest("figure").addEventListener("keydown", (event) => {
  start();
  const step = map.view.reach * 0.4, { x, y } = map.view;
  const actions = {
    ArrowLeft: () => move({ x: x - step }), ArrowRight: () => move({ x: x + step }),
    ArrowUp: () => move({ y: y + step }), ArrowDown: () => move({ y: y - step }),
    "+": () => zoom(0.5), "-": () => zoom(2), 0: whole,
  };
  if (!(event.key in actions) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  actions[event.key]();
});

byId("find").addEventListener("submit", (event) => {
  event.preventDefault();
  const word = spelled(byId("find-word").value.trim());
  if (word) find(word);
});
byId("find").addEventListener("click", ({ target: { dataset } }) => {
  if (dataset.zoom) dataset.zoom === "all" ? whole() : zoom(Number(dataset.zoom));
});
byId("model").addEventListener("change", ({ target }) => show(target.value));

/** Decode and draw the map that the box names, once. */
function start() {
  if (!shown) show(byId("model").value);
}
byId("model").selectedIndex = 0; // browsers keep what was chosen before a reload
for (const used of ["click", "input", "submit"]) byId("find").addEventListener(used, start, { capture: true });
new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) start(); }).observe(map);
new ResizeObserver(draw).observe(map);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
for (const [event, scheme] of [["beforeprint", "light"], ["afterprint", ""]]) { // paper is light, also of a dark screen
  window.addEventListener(event, () => { map.style.colorScheme = scheme; start(); draw(); });
}
follow(); // the address may ask a question
