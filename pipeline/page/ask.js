// What answers on the page: analogies and neighbours. All it needs is in the page; it asks no server.
const ANSWERS = 5, NEIGHBOURS = 10, SUGGESTED = 3;
const data = held("spaces");
const spaces = once(() => data().spaces.map((space) => decoded({ words: data().spaces[0].words, ...space })));
const indexed = (words) => new Map(words.map((word, id) => [word, id]));

/** A model with its words' vectors, brought to length 1. */
function decoded(space) {
  const { row } = matrix(space.vectors);
  space.words.forEach((_, id) => {
    const own = row(id), length = Math.hypot(...own) || 1;
    own.forEach((value, i) => { own[i] = value / length; });
  });
  return { ...space, row, ids: indexed(space.words) };
}

/** The words nearest to a vector by cosine, best first: [id, cosine], without those `left` out. */
function nearest(space, vector, left, number) {
  const length = Math.hypot(...vector) || 1;
  const cosine = (id) => space.row(id).reduce((sum, value, i) => sum + value * vector[i], 0) / length;
  const found = space.words.map((_, id) => [id, cosine(id)]).filter(([id]) => !left.includes(id));
  return found.sort((one, other) => other[1] - one[1]).slice(0, number);
}

/** The most frequent words that begin as one does, but for its last two letters. */
const alike = (words, word) => words.filter((other) => other.startsWith(word.slice(0, Math.max(2, word.length - 2)))).slice(0, SUGGESTED);

const quoted = (word) => ["“", apart(word), "”"];
const pressable = (word) => element("button", { type: "button", className: "word" }, word);
const separated = (parts, between) => parts.flatMap((part, i) => (i ? [between, ...part] : part));

/** A table of a row a model, each with the words nearest to a word or a sum, and their cosines. */
function table(rows, sought) {
  const body = rows.map(([space, found]) => element("tr", {},
    element("th", { scope: "row" }, space.name),
    element("td", { className: "text" }, ...found.flatMap(([id, cosine]) => [
      element("span", { className: "answer" }, pressable(space.words[id]), ` ${cosine.toFixed(2)}`), " "]))));
  const caption = element("caption", {}, "Nearest to ", ...sought, ", with cosines");
  return element("table", { className: "answers" }, caption, element("tbody", {}, ...body));
}

const holding = (words) => spaces().filter((space) => words.every((word) => space.ids.has(word)));
const isHeld = (word) => holding([word]).length > 0;

/** The vector that a question asks for: a - b + c, only c, or the vector of its one word. */
const sought = (space, ids) => {
  const [a, b, c] = ids.map(space.row);
  return !c ? a : byId("third").checked ? c : a.map((value, i) => value - b[i] + c[i]);
};

/** For each model that holds all the words: the words nearest to what is sought. */
const nearestTo = (words) => holding(words).map((space) => {
  const ids = words.map((word) => space.ids.get(word));
  return [space, nearest(space, sought(space, ids), ids, words.length === 3 ? ANSWERS : NEIGHBOURS)];
});

const UNSEEN = /[\u00ad\u200b\u200e\u200f\u2060\ufeff]/gu; // which copies from web pages bring
const spelled = (word) => { // the lower case of I is ı where only that is held
  const plain = word.replaceAll(UNSEEN, "").normalize("NFC"), lower = plain.toLowerCase().replaceAll("i\u0307", "i");
  return [word, plain, lower, plain.toLocaleLowerCase("tr")].find(isHeld) ?? lower;
};

/** The message about words that the page or its map lacks; the vocabulary may have more. */
const lacking = (words, known, holder) => [...new Set(words)].filter((word) => !known.includes(word)).flatMap((word) => {
  const near = separated(alike(known, word).map(quoted), ", ");
  const hint = near.length ? [" Words that begin alike: ", ...near, ". "] : [" No word begins alike. "];
  return [...quoted(word), ` is not among the ${known.length.toLocaleString("en")} words of the ${holder}.`, ...hint];
});

// As keyboards of any language have them: 国王－男人＋女人, الملك، الرجل، المرأة
const MARK = /([-\u2212\u2013\uff0d+\uff0b=\uff1d?\uff1f\u061f,;\u060c\u061b\u3001\uff0c\uff1b])/u, MINUS = /^[-\u2212\u2013\uff0d]$/u;
const SEPARATES = /[+\uff0b,;\u060c\u061b\u3001\uff0c\uff1b]/u; // whatever stands beside it: a hyphen may be of a word
const isMark = (token) => token.length === 1 && MARK.test(token);

/** The words and marks of what was typed: `king, man, woman`, `king - man + woman`, `king-man+woman?`. */
const tokens = (text) => text.split(/\s+/u).filter(Boolean).flatMap((run) => {
  const parts = run.split(MARK).filter(Boolean);
  const whole = isHeld(spelled(run)) || !(SEPARATES.test(run) || parts.every((part) => isMark(part) || isHeld(spelled(part))));
  return whole ? [run] : parts;
});

/** The words of a question, as `wikilm analogy` takes them: the one with a minus is second. */
function asked(text) {
  const found = tokens(text), plus = [], minus = [];
  found.forEach((token, i) => {
    if (!isMark(token)) (MINUS.test(found[i - 1] ?? "") ? minus : plus).push(spelled(token));
  });
  if (!plus.length && !minus.length) return found.filter(isHeld); // where punctuation is kept, a mark is a word, too
  return minus.length === 1 && plus.length === 2 ? [plus[0], minus[0], plus[1]] : [...plus, ...minus];
}

/** Answer words that are all held; three are also drawn. */
function answer(words) {
  const analogy = words.length === 3, rows = nearestTo(words), third = analogy && byId("third").checked;
  const title = () => (third ? [apart(words[2])] : words.flatMap((word, i) => [["", " - ", " + "][i], apart(word)]));
  const command = `wikilm ${analogy && !third ? "analogy" : "neighbours"} ${(third ? words.slice(2) : words).join(" ")}`;
  const link = `#ask=${words.map(encodeURIComponent).join("+")}`;
  byId("asked").replaceChildren(...title(), analogy ? " = ?" : "");
  byId("answers").replaceChildren(
    table(rows, title()),
    element("p", { className: "note" }, element("code", {}, command), data().whole ? " gives the same. " : " searches more words. ",
      element("a", { href: link }, "Link to this question"), "."));
  const chosen = rows.find(([space]) => space.name === byId("drawn")?.value) ?? rows[0];
  const drawable = analogy && !third && new Set(words).size === 3;
  byId("plane").hidden = !drawable;
  if (drawable) drawPlane(byId("plane"), chosen[0], words, chosen[1]);
  return link;
}

function refuse(...told) {
  byId("asked").replaceChildren(...told);
  byId("answers").replaceChildren();
  byId("plane").hidden = true;
  if (location.hash.startsWith("#ask=")) history.replaceState(null, "", "#ask");
}

/** Answer what is in the box, or say why not; returns the link to the question, if there is an answer. */
function respond() {
  const words = asked(byId("three-words").value);
  if (words.length !== 1 && words.length !== 3) return refuse(`Type one word or three; these are ${words.length}.`);
  return holding(words).length ? answer(words) : refuse(...lacking(words, spaces()[0].words, "page"));
}

byId("question").addEventListener("submit", (event) => {
  event.preventDefault();
  const link = respond();
  if (link) history.replaceState(null, "", link);
  byId("asked").scrollIntoView({ block: "nearest" });
});
byId("question").addEventListener("change", ({ target }) => { if (target.matches("#drawn, #third") && byId("answers").hasChildNodes()) respond(); });
byId("question").addEventListener("click", ({ target }) => {
  if (!target.matches(".example")) return;
  byId("three-words").value = target.textContent;
  byId("question").requestSubmit();
});
byId("three-words").addEventListener("input", () => { // at once, where all three are known already
  const words = asked(byId("three-words").value);
  if (words.length === 3 && holding(words).length) answer(words);
  else refuse(""); // what was said of other words
});

/** Ask what the address says: `#ask=king+man+woman`. */
function follow() {
  if (!location.hash.startsWith("#ask=")) return;
  byId("three-words").value = new URLSearchParams(location.hash.slice(1)).get("ask"); // a stray % stays as it is
  respond();
  byId("ask").scrollIntoView();
}
window.addEventListener("hashchange", follow);
window.addEventListener("beforeprint", () => { byId("three-words").value ||= byId("three-words").placeholder; respond(); });

/** The first of the chosen questions stands answered when its screen comes near. */
new IntersectionObserver(([{ isIntersecting }], watch) => {
  if (!isIntersecting) return;
  watch.disconnect();
  if (byId("three-words").value) return;
  byId("three-words").value = byId("three-words").placeholder;
  respond();
}, { rootMargin: "50%" }).observe(byId("ask"));

/** Fill a panel with the neighbours of a word in the models that hold it, or in one of them; empty it without one. */
function neighbours(word, panel, name) {
  const rows = nearestTo([word]).filter(([space]) => !name || space.name === name);
  panel.replaceChildren(...(rows.length ? [table(rows, quoted(word))] : []));
}

document.addEventListener("click", ({ target }) => {
  if (!target.matches("button.word")) return;
  target.closest("[popover]")?.hidePopover();
  const panel = (target.closest("details, section").querySelector(".neighbours")) ?? document.querySelector(".neighbours");
  neighbours(target.textContent, panel);
  panel.focus({ preventScroll: true }); // the button may be gone, or in another section
  panel.scrollIntoView({ block: "nearest" });
});
