
// The table of accounts. Text goes into the page as text only (textContent), never as markup.

const { rows, order, labels } = JSON.parse(document.getElementById("data").textContent);
const CHUNK = 200; // rows that are drawn at a time
const body = document.querySelector("#table tbody");
const more = document.getElementById("more");
const blank = document.getElementById("row").content.firstElementChild;
const controls = ["words", "state", "link", "code", "change"]
  .map((name) => document.getElementById(name))
  .filter(Boolean);
let sorting = { field: "state", descending: false };
let selected = [];

function timeOf(text) {
  return text.slice(0, 16).replace("T", " ");
}

function fill(element, selector, text) {
  const found = element.querySelector(selector);
  if (text) found.textContent = text;
  return found;
}

function drawn(row) {
  const line = blank.cloneNode(true);
  fill(line, ".id", row.id);
  fill(line, ".name bdi", row.name);
  fill(line, ".region", row.region);
  fill(line, ".state", row.state).dataset.state = row.state;
  if (row.change) fill(line, ".change", `${row.change} (${row.before})`).dataset.change = row.change;
  fill(line, ".link .title", labels[row.link] ?? row.link);
  // A break is allowed behind each underscore.
  fill(line, ".link code", row.code.replaceAll("_", "_\u200b"));
  fill(line, ".at", timeOf(row.at));
  fill(line, ".reason bdi", row.reason);
  fill(line, ".remedy bdi", row.remedy);
  line.querySelector(".remedy").hidden = !row.remedy;
  for (const cell of line.querySelectorAll("td")) cell.classList.toggle("empty", !cell.textContent.trim());
  const strip = row.link || row.state === "COMPLIANT"
    ? document.querySelector(`template[data-strip="${row.link}"]`)
    : null;
  if (strip) line.querySelector(".what").prepend(strip.content.firstElementChild.cloneNode(true));
  return line;
}

function drawMore(count) {
  const lines = document.createDocumentFragment();
  const start = body.children.length;
  for (const row of selected.slice(start, start + count)) lines.append(drawn(row));
  body.append(lines);
  const left = selected.length - body.children.length;
  more.hidden = left === 0;
  more.textContent = `Show ${Math.min(left, CHUNK).toLocaleString("en")} more of ${left.toLocaleString("en")}`;
}

function show() {
  const wanted = { words: "", state: "", link: "", code: "", change: "" };
  for (const control of controls) wanted[control.id] = control.value;
  selected = sorted(matching(rows, wanted), sorting.field, sorting.descending, order);
  document.getElementById("shown").textContent =
    `${selected.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} results`;
  for (const header of document.querySelectorAll("#table [data-sort]")) {
    const cell = header.parentElement;
    if (header.dataset.sort !== sorting.field) cell.removeAttribute("aria-sort");
    else cell.setAttribute("aria-sort", sorting.descending ? "descending" : "ascending");
  }
  body.replaceChildren();
  drawMore(CHUNK);
}

function reset() {
  for (const control of controls) control.value = "";
}

for (const control of controls) control.addEventListener("input", show);
document.getElementById("reset").addEventListener("click", () => {
  reset();
  show();
});
for (const header of document.querySelectorAll("#table [data-sort]")) {
  header.addEventListener("click", () => {
    const field = header.dataset.sort;
    sorting = { field, descending: field === sorting.field && !sorting.descending };
    show();
  });
}
for (const button of document.querySelectorAll("button.filter")) {
  button.addEventListener("click", () => {
    reset();
    document.getElementById(button.dataset.filter).value = button.dataset.value;
    show();
    document.getElementById("all").scrollIntoView();
    document.getElementById("shown").focus({ preventScroll: true });
  });
}
more.addEventListener("click", () => {
  const first = body.children.length;
  drawMore(CHUNK);
  // The button has moved; whoever reads by keyboard goes on at the first new row.
  body.children[first].tabIndex = -1;
  body.children[first].focus();
});
addEventListener("beforeprint", () => drawMore(Infinity));
for (const element of document.querySelectorAll("[data-time]")) {
  element.textContent = `${timeOf(element.dataset.time)} UTC`;
}
for (const element of document.querySelectorAll(".controls, #table")) element.hidden = false;
show();
