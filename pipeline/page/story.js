// The story: what the vocabulary loses, what a model expects after each epoch, and the models that guess the next word.
{
  const { vocabulary, learning } = held("followed")() ?? {};
  byId("size")?.addEventListener("input", ({ target, target: { value } }) => {
    const size = vocabulary.sizes[value];
    [...byId("blanks").children].forEach((word, i) => word.classList.toggle("lost", vocabulary.ranks[i] > size));
    byId("lost").value = `${size.toLocaleString("en")} words: ${vocabulary.lost[value].toFixed(1)}% of the training split is lost.`;
    target.ariaValueText = byId("lost").value;
  });
  byId("epoch")?.addEventListener("input", ({ target: { value } }) => {
    const { bits, guesses } = learning.epochs[value - 1];
    byId("when").value = value;
    [...byId("surprise").children].forEach((row, i) => {
      const bar = row.querySelector(".bars i");
      bar.style.width = `${100 * bits[i] / learning.longest}%`;
      bar.title = `${learning.model}: ${bits[i]} bits`;
      row.querySelector(".guesses").replaceChildren(...guesses[i].flatMap((word, place) => [place ? ", " : "", apart(word)]));
    });
  });
  for (const [id, first] of [["size", vocabulary?.start], ["epoch", learning?.kept]]) if (byId(id)) byId(id).value = first; // browsers keep what was chosen
}

/** A matrix times a vector, from some row on, plus a column of biases. */
const times = (weights, vector, bias, from = 0, to = weights.rows) => Array.from({ length: to - from }, (_, i) => {
  const row = weights.row(from + i);
  let sum = bias ? bias.row(from + i)[0] : 0;
  for (let j = 0; j < row.length; j++) sum += row[j] * vector[j];
  return sum;
});

/** Operations of a unit's step on vectors; one number stands for a vector of equal ones. */
const each = (compute) => (one, other = one) =>
  Array.from({ length: Math.max(one.length, other.length) }, (_, i) => compute(one[i] ?? one[0], other[i] ?? other[0]));
const OPERATIONS = {
  add: each((a, b) => a + b), subtract: each((a, b) => a - b), multiply: each((a, b) => a * b),
  sigmoid: each((x) => 1 / (1 + Math.exp(-x))), tanh: each(Math.tanh), relu: each((x) => Math.max(0, x)),
};

/** The state after a step that models/recurrent/recorded.py wrote down, from x and the state before it. */
function step({ operations, state, weights }, values) {
  for (const [name, ...own] of operations) {
    if (name === "product") values.push(times(weights[own[0]], values[own[3]], null, own[1], own[2]));
    else if (name === "parameter") values.push(Array.from({ length: weights[own[0]].rows }, (_, i) => weights[own[0]].row(i)[0]));
    else if (name === "part") values.push(values[own[0]].slice(own[1], own[2]));
    else values.push(name === "number" ? own : OPERATIONS[name](...own.map((place) => values[place])));
  }
  return state.map((place) => values[place]);
}

/** A model with its weights decoded. */
const loaded = (model) => ({
  ...model, embedding: matrix(model.embedding), bias: matrix(model.bias), output: model.output && matrix(model.output),
  layers: model.layers.map((layer) => ({ ...layer, weights: Object.fromEntries(Object.entries(layer.weights).map(([name, own]) => [name, matrix(own)])) })),
});

/** The probability of each word id after these ids. */
function chances({ before, embedding, output, bias, layers }, ids) {
  const states = layers.map(({ size, state, weights }) => state.map((_, part) => [...(weights.initial?.row(part) ?? new Array(size).fill(0))]));
  let hidden;
  for (const id of [before, ...ids]) {
    hidden = [...embedding.row(id)];
    layers.forEach((layer, number) => { [hidden] = states[number] = step(layer, [hidden, ...states[number]]); });
  }
  const logits = times(output ?? embedding, hidden, bias), most = Math.max(...logits);
  const shares = logits.map((logit) => Math.exp(logit - most)), sum = shares.reduce((a, b) => a + b);
  return shares.map((share) => share / sum);
}

if (byId("begin")) {
  const data = held("models-held"), ids = once(() => new Map(data().words.map((word, i) => [word, i + 2])));
  const ready = once(() => data().models.map((model) => (model.layers ? loaded(model) : model)));

  /** The likeliest next words of a model: [word, probability]; undefined where it cannot say. */
  const next = (model, read, chosen) => (model.layers
    ? chances(model, read).map((share, id) => [id, share]).slice(2, -1).sort((a, b) => b[1] - a[1]).slice(0, 5)
      .map(([id, share]) => [data().words[id - 2], share]) : model.next[chosen]);

  /** The word of the vocabulary that someone means, as the stage tokens would have it, or the word as it is. */
  const meant = (typed) => {
    const lower = typed.toLowerCase(), plain = lower.replaceAll(/[^\p{L}\p{N}]/gu, "");
    return [typed, lower, plain].find((word) => ids().has(word)) ?? plain;
  };

  function guess() {
    const typed = byId("beginning").value.trim(), chosen = data().beginnings.indexOf(typed), unknown = data().words.length + 2;
    const words = data().of_tokens ? typed.split(/\s+/u).map(meant).filter(Boolean) : [], missing = words.filter((word) => !ids().has(word));
    const read = words.map((word) => ids().get(word) ?? unknown);
    byId("began").replaceChildren(...missing.flatMap((word) => ["“", apart(word), "” is not among the words: read as UNKNOWN. "]));
    const found = ready().map((model) => [model, next(model, read, chosen) ?? []]);
    const most = Math.max(...found.flatMap(([, best]) => best.map(([, share]) => share))); // one scale for all models
    byId("guessed").replaceChildren(...found.map(([{ name, colour }, best]) => element("div", { className: colour },
      element("p", { className: "name" }, name),
      best.length ? element("ol", {}, ...best.map(([word, share]) => element("li", {},
        apart(word), element("i", { style: `width: ${100 * share / most}%` }), element("span", {}, `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`))))
        : "only after the common beginnings")));
  }
  window.addEventListener("beforeprint", guess);
  byId("beginning").addEventListener("input", guess);
  byId("begin").addEventListener("submit", (event) => event.preventDefault());
  byId("begin").addEventListener("click", ({ target }) => {
    if (!target.matches(".example")) return;
    byId("beginning").value = target.textContent;
    guess();
  });
  new IntersectionObserver(([{ isIntersecting }], watch) => {
    if (isIntersecting) { guess(); watch.disconnect(); }
  }, { rootMargin: "50%" }).observe(byId("begin"));
}
