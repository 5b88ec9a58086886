// "+ Add" and "×" of the rows, and which fields the chosen type has.
"use strict";

const form = document.getElementById("register");

function add(side) {
  const row = document.getElementById(`${side}-row`).content.firstElementChild.cloneNode(true);
  document.getElementById(`${side}s`).append(row);
  return row;
}

function chosen() {
  form.dataset.kind = new FormData(form).get("kind");
  if (form.dataset.kind !== "multi-input") return;
  for (const side of ["input", "output"]) {
    if (document.getElementById(`${side}s`).childElementCount === 0) add(side);
  }
}

form.addEventListener("change", chosen);
form.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.add) add(button.dataset.add).querySelector("select").focus();
  if (button?.dataset.remove !== undefined) button.parentElement.remove();
});
chosen();
