// The plane through the three words of a question: they stand in it exactly, and so does a - b + c; other words are dropped onto it.
const PLANE = { width: 460, height: 310, margin: 45 };

/** Draw the question a - b + c of a model, with the words found, best first. */
function drawPlane(figure, space, words, found) {
  const rows = words.map((word) => space.row(space.ids.get(word))), [a, b, c] = rows;
  const minus = (one, other) => one.map((value, i) => value - other[i]);
  const dot = (one, other) => one.reduce((sum, value, i) => sum + value * other[i], 0);
  const unit = (vector) => { const length = Math.hypot(...vector) || 1; return vector.map((value) => value / length); };
  const right = unit(minus(a, b)), slant = minus(c, b), along = dot(slant, right);
  const up = unit(slant.map((value, i) => value - along * right[i]));
  const place = (vector) => {
    const from = minus(vector, b), x = dot(from, right), y = dot(from, up);
    return { x, y, off: Math.sqrt(Math.max(0, dot(from, from) - x * x - y * y)) };
  };
  const [pa, pb, pc] = rows.map(place), sum = { x: pa.x + pc.x, y: pa.y + pc.y };
  const answers = found.map(([id]) => ({ word: space.words[id], ...place(space.row(id)) }));
  const [best] = answers, gap = Math.hypot(best.x - sum.x, best.y - sum.y, best.off);

  const all = [pa, pb, pc, sum, ...answers], { width, height, margin } = PLANE;
  const [left, low] = [Math.min(...all.map((p) => p.x)), Math.min(...all.map((p) => p.y))];
  const span = Math.max((Math.max(...all.map((p) => p.x)) - left) / (width - 2 * margin), (Math.max(...all.map((p) => p.y)) - low) / (height - 2 * margin)) || 1;
  const at = ({ x, y }) => [margin + (x - left) / span, height - margin - (y - low) / span];
  const line = (from, to, name) => drawn("line", { x1: at(from)[0], y1: at(from)[1], x2: at(to)[0], y2: at(to)[1], class: name });
  const boxes = all.map((point) => { const [x, y] = at(point); return { left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 }; });
  /** Return the label of a point, placed where it covers nothing; a runner-up without room has none. */
  const label = (point, word, name) => {
    const [x, y] = at(point), long = word.length * 7.5;
    const tries = [[0, -10, "middle"], [0, 20, "middle"], [10, 4, "start"], [-10, 4, "end"], [10, -14, "start"], [-10, -14, "end"], [10, 22, "start"], [-10, 22, "end"]].map(([dx, dy, anchor]) => {
      const start = x + dx - { start: 0, middle: long / 2, end: long }[anchor];
      return { x: x + dx, y: y + dy, anchor, left: start, right: start + long, top: y + dy - 12, bottom: y + dy + 3 };
    });
    const clear = tries.find((box) => boxes.every((b) => b.right < box.left || box.right < b.left || b.bottom < box.top || box.bottom < b.top)) ?? (name === "other" ? null : tries[0]);
    if (!clear) return "";
    boxes.push(clear);
    return drawn("text", { x: clear.x, y: clear.y, "text-anchor": clear.anchor, class: name }, word);
  };
  const dotAt = (point, name, r) => drawn("circle", { cx: at(point)[0], cy: at(point)[1], r, class: name });
  const told = `The plane of ${words.join(", ")}: ${best.word} is ${best.off.toFixed(2)} off it, ${gap.toFixed(2)} from the ring.`;
  const drawing = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": told, class: "plane" });
  drawing.append(
    line(pb, pa, "side"), line(pc, sum, "side"), line(pb, pc, "side thin"), line(pa, sum, "side thin"), line(sum, best, "gap"),
    ...answers.slice(1).map((one) => dotAt(one, "other", 3)), ...[pa, pb, pc].map((one) => dotAt(one, "given", 5)),
    dotAt(sum, "sum", 6), dotAt(best, "best", 6),
    ...[pa, pb, pc].map((one, i) => label(one, words[i], "given")), label(best, best.word, "best"), label(sum, "?", "sum"),
    ...answers.slice(1).map((one) => label(one, one.word, "other")));
  figure.replaceChildren(drawing, element("figcaption", {},
    `${space.name}: the plane through the three words, exactly; the ring is ${words[0]} - ${words[1]} + ${words[2]}. `, apart(best.word),
    ` is dropped onto it from ${best.off.toFixed(2)} away; its gap to the ring is ${gap.toFixed(2)}. Vectors have length 1. Small: the runners-up.`),
    element("button", { type: "button", className: "take save" }, "Save as SVG"));
}
