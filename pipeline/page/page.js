// What holds for the whole page: tables sort, the contents follow, links open what they name.
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

  /** Open the folded section that the address names. */
  const open = () => document.getElementById(location.hash.slice(1))?.querySelector("details.fold")?.setAttribute("open", "");
  window.addEventListener("hashchange", open);
  open();

  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      const link = links.get(target.id);
      link?.setAttribute("aria-current", "true");
      if (link) link.closest("ol").scrollLeft = link.offsetLeft - 40;
    }
  }, { rootMargin: "-20% 0px -75%" });
  document.querySelectorAll("header, main > section").forEach((section) => seen.observe(section));

  /** Say where a table goes on beyond its edge. */
  const sized = new ResizeObserver((entries) => entries.forEach(({ target: { parentNode: box } }) =>
    box.classList.toggle("more", box.scrollWidth > box.clientWidth + 1)));
  document.querySelectorAll(".scroll > table").forEach((table) => sized.observe(table));
}
