"use strict";

// Which rows are shown, in which order. It knows no page, so that it can be tested without one.

const numeric = new Intl.Collator("en", { numeric: true });

function textOf(row) {
  // Words are looked for in what people see, so a NUL keeps one cell's end from the next one's beginning.
  row.text ??= [row.id, row.name, row.region, row.state, row.link, row.code, row.reason, row.remedy, row.change]
    .join("\0")
    .toLowerCase();
  return row.text;
}

// `wanted`: words, and the values of state, link, code and change, each "" for any.
function matching(rows, wanted) {
  const words = wanted.words.toLowerCase().split(/\s+/).filter(Boolean);
  const fields = ["state", "link", "code", "change"].filter((field) => wanted[field]);
  return rows.filter(
    (row) =>
      fields.every((field) => row[field] === wanted[field]) &&
      words.every((word) => textOf(row).includes(word)),
  );
}

// A new array; what has no value stays at the end, and equals stay in their order.
function sorted(rows, field, descending, order) {
  const places = order[field] && new Map(order[field].map((value, place) => [value, place]));
  const compare = places
    ? (one, other) => places.get(one) - places.get(other)
    : field === "at"
      ? (one, other) => Date.parse(one) - Date.parse(other)
      : numeric.compare;
  const [filled, empty] = [rows.filter((row) => row[field]), rows.filter((row) => !row[field])];
  const sign = descending ? -1 : 1;
  return [...filled.sort((one, other) => sign * compare(one[field], other[field])), ...empty];
}
