// Keeps the console's numbers and lists current. Rows that stay keep their nodes: nothing flickers, a selection survives.
// The server brings finished texts; they become text nodes and never markup.
"use strict";

const root = document.getElementById("console");

function fill(scope, fields) {
  for (const slot of scope.querySelectorAll("[data-field]")) {
    const text = fields[slot.dataset.field];
    if (text !== undefined && slot.textContent !== text) slot.textContent = text;
  }
}

function sync(list, rows) {
  const template = document.getElementById(list.dataset.row).content.firstElementChild;
  const gone = new Map(Array.from(list.children, (row) => [row.dataset.key, row]));
  let place = list.firstElementChild;
  for (const { key, fields } of rows) {
    let row = gone.get(key);
    gone.delete(key);
    if (row === undefined) {
      row = template.cloneNode(true);
      row.dataset.key = key;
    }
    fill(row, fields);
    if (row === place) place = place.nextElementSibling;
    else list.insertBefore(row, place);
  }
  for (const row of gone.values()) row.remove();
}

const events = new EventSource("/sandbox/live");
events.addEventListener("open", () => (root.dataset.live = "on"));
events.addEventListener("error", () => (root.dataset.live = "off"));
events.addEventListener("state", (event) => {
  const state = JSON.parse(event.data);
  fill(document.getElementById("totals"), state.totals);
  root.dataset.conflicts = state.has_conflicts ? "yes" : "no";
  root.dataset.uses = state.uses.length > 0 ? "some" : "none";
  for (const name of ["users", "uses"]) {
    const list = document.getElementById(name);
    if (list !== null && list.dataset.fixed === undefined) sync(list, state[name]);
  }
});
