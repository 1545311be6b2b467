// The story: what the vocabulary loses, what a model expects after each epoch, and the models that guess the next word.
{
  const { vocabulary, learning } = held("followed")() ?? {};
  byId("size")?.addEventListener("input", ({ target, target: { value } }) => {
    const size = vocabulary.sizes[value];
    [...byId("blanks").children].forEach((word, i) => word.classList.toggle("lost", vocabulary.ranks[i] > size));
    byId("lost").value = `${size.toLocaleString("en")} words: ${vocabulary.lost[value].toFixed(1)}% of the text is lost.`;
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

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const ACTIVATIONS = { tanh: Math.tanh, relu: (x) => Math.max(0, x), sigmoid };

/** A matrix times a vector, from some row on, plus a column of biases. */
const times = (weights, vector, bias, from = 0, to = weights.rows) => Array.from({ length: to - from }, (_, i) => {
  const row = weights.row(from + i);
  let sum = bias ? bias.row(from + i)[0] : 0;
  for (let j = 0; j < row.length; j++) sum += row[j] * vector[j];
  return sum;
});

/** The units' equations (models/recurrent/equations.py): the state after a step; x and u are the products, gate by gate. */
const UNITS = {
  elman: ({ x, u, h, act }) => [h.map((_, i) => act(x[i] + u[i]))],
  rated: ({ x, u, h, n, act }) => [h.map((old, i) => old + sigmoid(x[i] + u[i]) * (act(x[n + i] + u[n + i]) - old))],
  mingru: ({ x, h, n }) => [h.map((old, i) => old + sigmoid(x[i]) * (x[n + i] - old))],
  gru: ({ x, u, h, n, act, layer }) => {
    const reset = h.map((_, i) => sigmoid(x[i] + u[i]));
    const own = layer.hidden_bias ? h.map((_, i) => reset[i] * (u[2 * n + i] + layer.hidden_bias.row(i)[0]))
      : times(layer.hidden_weight, h.map((old, i) => old * reset[i]), null, 2 * n);
    return [h.map((old, i) => old + sigmoid(x[n + i] + u[n + i]) * (act(x[2 * n + i] + own[i]) - old))];
  },
  lstm: ({ x, u, h, c, n }) => {
    const sum = (gate, i) => x[gate * n + i] + u[gate * n + i];
    const cell = c.map((old, i) => sigmoid(sum(1, i)) * old + sigmoid(sum(0, i)) * Math.tanh(sum(2, i)));
    return [h.map((_, i) => sigmoid(sum(3, i)) * Math.tanh(cell[i])), cell];
  },
};

/** A model with its weights decoded. */
const loaded = (model) => ({
  ...model, embedding: matrix(model.embedding), bias: matrix(model.bias), output: model.output && matrix(model.output),
  layers: model.layers.map((layer) => Object.fromEntries(Object.entries(layer).map(([name, own]) => [name, matrix(own)]))),
});

/** The probability of each word id after these ids. */
function chances({ unit, activation, before, embedding, output, bias, layers }, ids) {
  const act = ACTIVATIONS[activation];
  const states = layers.map((layer) => {
    const n = layer.bias.rows / { elman: 1, rated: 2, mingru: 2, gru: 3, lstm: 4 }[unit];
    return [0, 1].map((part) => (layer.initial ? [...layer.initial.row(part)] : new Array(n).fill(0)));
  });
  let hidden;
  for (const id of [before, ...ids]) {
    hidden = [...embedding.row(id)];
    layers.forEach((layer, number) => {
      const [h, c] = states[number], x = times(layer.input_weight, hidden, layer.bias);
      const u = layer.hidden_weight && times(layer.hidden_weight, h);
      states[number] = UNITS[unit]({ x, u, h, c, n: h.length, act, layer });
      [hidden] = states[number];
    });
  }
  const logits = times(output ?? embedding, hidden, bias), most = Math.max(...logits);
  const shares = logits.map((logit) => Math.exp(logit - most)), sum = shares.reduce((a, b) => a + b);
  return shares.map((share) => share / sum);
}

if (byId("begin")) {
  const data = held("models-held"), ids = once(() => new Map(data().words.map((word, i) => [word, i + 2])));
  const ready = once(() => data().models.map((model) => (model.layers ? loaded(model) : model)));

  /** The likeliest next words of a model: [word id, probability]; undefined where it cannot say. */
  const next = (model, read, chosen) => (model.layers
    ? chances(model, read).map((share, id) => [id, share]).slice(2, -1).sort((a, b) => b[1] - a[1]).slice(0, 5) : model.next[chosen]);

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
      best.length ? element("ol", {}, ...best.map(([id, share]) => element("li", {},
        apart(data().words[id - 2]), element("i", { style: `width: ${100 * share / most}%` }), element("span", {}, `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`))))
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
