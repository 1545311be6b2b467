// What holds for the whole page: matrices and elements, tables that sort, links that open, what can be copied and saved.
"use strict";

const byId = (id) => document.getElementById(id);

/** The value of a function that is called once, at its first use: nobody waits for vectors before a question. */
function once(make) {
  let made;
  return () => made ??= make();
}
const held = (id) => once(() => JSON.parse(byId(id)?.textContent ?? "null"));

/** A matrix in 8 bits: each row's values are shares of its largest. */
function matrix({ largest, shares }) {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const most = new Float32Array(bytes(largest)), values = Float32Array.from(new Int8Array(bytes(shares)));
  const columns = values.length / most.length, row = (id) => values.subarray(id * columns, (id + 1) * columns);
  most.forEach((scale, id) => row(id).forEach((value, i, own) => { own[i] = value * scale / 127; }));
  return { rows: most.length, row };
}

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A word as writing of its own, which may run from right to left. */
const apart = (word) => element("bdi", {}, word);

/** An element of a drawing, or one that is there, with these attributes. */
function drawn(tag, properties, ...children) {
  const made = tag instanceof Element ? tag : document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Put text where it can be pasted, and say so on the button. */
async function copy(text, button) {
  const label = button.dataset.label ??= button.textContent, copied = navigator.clipboard?.writeText(text) ?? Promise.reject();
  button.textContent = await copied.then(() => "Copied", () => "The browser forbids it");
  setTimeout(() => { button.textContent = label; }, 1500);
}

{
  /** The number that a cell begins with; otherwise, or if letters follow as in 5-gram, its text. */
  const value = (cell) => {
    const text = (cell.firstChild?.textContent ?? "").trim(), number = Number.parseFloat(text.replaceAll(",", ""));
    return Number.isNaN(number) || /^\S*\p{L}/u.test(text) ? text : number;
  };

  /** Sort a table by a column: numbers from the greatest, text from a to z; a second press turns the order round. */
  function sort(head) {
    const table = head.closest("table"), body = table.tBodies[0], column = [...head.parentNode.cells].indexOf(head);
    const keys = new Map([...body.rows].map((row) => [row, value(row.cells[column] ?? row.cells[0])]));
    const numeric = [...keys.values()].some((key) => typeof key === "number");
    const descending = head.ariaSort ? head.ariaSort === "ascending" : numeric;
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.ariaSort = descending ? "descending" : "ascending";
    const order = (one, other) => {
      const [a, b] = [keys.get(one), keys.get(other)];
      if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1; // cells without a number come last
      return (typeof a === "number" ? a - b : a.localeCompare(b)) * (descending ? -1 : 1);
    };
    body.append(...[...body.rows].sort(order));
  }

  for (const head of document.querySelectorAll("table.sorts thead th")) {
    const press = document.createElement("button");
    press.className = "sort";
    press.append(...head.childNodes);
    head.append(press);
    press.addEventListener("click", () => sort(head));
  }

  /** Open the fold that the address names. */
  const open = () => {
    const fold = byId(location.hash.slice(1))?.closest("details.fold");
    if (fold && !fold.open) {
      fold.open = true;
      fold.scrollIntoView();
    }
  };
  window.addEventListener("hashchange", open);
  open();

  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  /** Mark where one is in the contents: the last section whose head has come up, or at the page's end the last. */
  function markPlace() {
    const sections = [...document.querySelectorAll("main > section")], root = document.documentElement;
    const ended = scrollY > 0 && scrollY + innerHeight > root.scrollHeight - 2;
    const now = ended ? sections.at(-1) : sections.findLast((section) => section.getBoundingClientRect().top < innerHeight / 4);
    const link = links.get(now?.id);
    if (!link || link.ariaCurrent) return;
    for (const other of links.values()) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    link.closest("ol").scrollLeft = link.offsetLeft - 40;
  }
  document.addEventListener("scroll", markPlace, { passive: true });
  markPlace();

  /** Say where a table goes on beyond its edge. */
  const sized = new ResizeObserver((entries) => entries.forEach(({ target: { parentNode: box } }) =>
    box.classList.toggle("more", box.scrollWidth > box.clientWidth + 1)));
  document.querySelectorAll(".scroll > table").forEach((table) => sized.observe(table));

  /** A cell's text, with what stands in small print in brackets. */
  const told = (cell) => {
    const own = cell.cloneNode(true);
    for (const small of own.querySelectorAll("small")) small.replaceWith(` (${small.textContent})`);
    return own.textContent.replaceAll(/\s+/gu, " ").trim();
  };
  const csv = (table) => [...table.rows].map((row) => [...row.cells].map((cell) => `"${told(cell).replaceAll('"', '""')}"`).join(",")).join("\n");
  for (const table of document.querySelectorAll("#results .scroll > table")) {
    const button = element("button", { type: "button", className: "take" }, "Copy as CSV");
    button.addEventListener("click", () => copy(csv(table), button));
    table.parentNode.after(button);
  }

  const TAKEN = ["fill", "stroke", "stroke-width", "stroke-dasharray", "vector-effect", "font-family", "font-size", "font-weight", "text-anchor"];
  /** A chart as a file of its own, in light colours on white: its style is written into its elements, its legend below it. */
  function standalone(svg) {
    document.documentElement.style.colorScheme = "light";
    const { width, height } = svg.getBoundingClientRect(), own = svg.cloneNode(true), parts = [...svg.querySelectorAll("*")];
    [...own.querySelectorAll("*")].forEach((part, i) => {
      const style = getComputedStyle(parts[i]);
      for (const name of TAKEN) part.style.setProperty(name, style.getPropertyValue(name));
    });
    const items = [...svg.closest("figure").querySelectorAll(".legend li, .axis")];
    const written = items.map((item, i) => drawn("text", { x: 10, y: height + 60 + 18 * i, "font-size": 13, "font-family": "sans-serif",
      fill: item.matches(".level, .axis") ? "#555" : getComputedStyle(item.firstElementChild).backgroundColor }, `${item.matches(".axis") ? (item.matches(".below") ? "across: " : "up: ") : ""}${item.textContent}`));
    document.documentElement.style.colorScheme = "";
    const plot = own.classList.contains("plot");
    if (plot) own.append(drawn("svg", { x: 60, y: 10, width, height, overflow: "visible" }, ...own.childNodes));
    own.prepend(drawn("rect", { width: "100%", height: "100%", fill: "white" }));
    if (plot) own.append(...written);
    return drawn(own, { xmlns: "http://www.w3.org/2000/svg", width: width + 80, height: height + 50 + 18 * items.length }).outerHTML;
  }
  document.addEventListener("click", ({ target }) => {
    if (!target.matches(".save")) return;
    const svg = target.closest("figure").querySelector("svg");
    const link = element("a", { download: `${(svg.getAttribute("aria-label") ?? "figure").split(":")[0]}.svg` });
    link.href = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(svg))}`;
    link.click();
  });
  const saving = () => element("button", { type: "button", className: "take save" }, "Save as SVG");
  for (const svg of document.querySelectorAll("figure > svg")) svg.closest("figure").append(saving());

  byId("cite").addEventListener("click", ({ target }) => {
    const told = [...document.querySelectorAll("#run .facts > div")].map((row) => [...row.children].map((part) => part.innerText).join(": ")).filter((row) => !row.startsWith("reports"));
    copy(`${document.title}. ${told.join(". ")}.`, target);
  });
}
