// Sends what the user entered as AICON's own pages do, without a reload: progress, stop, answers and downloads. Turns come from
// the server as finished documents; their nodes are taken over, no text becomes markup here.
"use strict";

const form = document.getElementById("run");
const transcript = document.getElementById("transcript");
const status = document.getElementById("status");
const stop = document.getElementById("stop");
const complaint = document.getElementById("complaint");
const submit = form.querySelector("[data-testid=submit]");
const prompt = document.getElementById("prompt");
const isChat = form.dataset.kind === "chat";
let running = null;

function word(name) {
  return document.getElementById("words").content.querySelector(`[data-name=${name}]`).textContent;
}

function complain(text) {
  complaint.textContent = text;
  complaint.hidden = text === "";
}

// As a front end would append them: a file field that nothing was chosen for is no part of the request.
function entered() {
  const data = new FormData();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" || value.name !== "" || value.size > 0) data.append(name, value);
  }
  return data;
}

function tooManyFiles() {
  return Array.from(form.querySelectorAll("input[data-max]")).find((input) => input.files.length > Number(input.dataset.max));
}

function question(data) {
  const turn = document.createElement("article");
  turn.className = "turn question";
  turn.dataset.testid = "question";
  const text = document.createElement("p");
  text.className = "plain";
  text.textContent = data.get("prompt");
  turn.append(text);
  for (const file of data.getAll("files")) {
    const name = document.createElement("p");
    name.className = "file";
    name.textContent = `${file.name} · ${file.size.toLocaleString()} B`;
    turn.append(name);
  }
  return turn;
}

function downloadTurn(request) {
  const given = request.getResponseHeader("content-disposition");
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(given);
  const plain = /filename="([^"]*)"/i.exec(given);
  const turn = document.createElement("article");
  turn.className = "turn answer";
  turn.dataset.testid = "answer";
  turn.dataset.status = "done";
  const link = document.createElement("a");
  link.className = "download";
  link.dataset.testid = "download";
  link.href = URL.createObjectURL(request.response);
  link.download = encoded ? decodeURIComponent(encoded[1]) : (plain?.[1] ?? "processed_files.zip");
  link.textContent = `${word("download")}: ${link.download} · ${request.response.size.toLocaleString()} B`;
  turn.append(link);
  return turn;
}

function answered(request) {
  if (request.response instanceof Blob) return downloadTurn(request);
  const turn = request.response?.querySelector("[data-testid=answer]");
  return turn ? document.adoptNode(turn) : null;
}

function finish(text) {
  running = null;
  submit.disabled = false;
  stop.hidden = true;
  status.textContent = text;
}

function show(turn, asked) {
  if (!isChat) transcript.replaceChildren(turn);
  else transcript.append(turn);
  if (turn.dataset.status === "done" && isChat) form.reset();
  if (turn.dataset.status === "error") asked?.remove();
  turn.scrollIntoView({ block: "nearest" });
  prompt?.focus();
}

function run() {
  complain("");
  const crowded = tooManyFiles();
  if (crowded) return complain(word("files") + crowded.dataset.max);
  const data = entered();
  const asked = isChat ? question(data) : null;
  if (asked) transcript.append(asked);
  const request = new XMLHttpRequest();
  running = request;
  submit.disabled = true;
  stop.hidden = false;
  status.textContent = word("waiting");
  request.open("POST", form.action);
  request.upload.addEventListener("progress", (event) => {
    const share = event.lengthComputable ? Math.floor((event.loaded / event.total) * 100) : 0;
    status.textContent = share < 100 ? `${word("sending")} ${share} %` : word("waiting");
  });
  request.addEventListener("readystatechange", () => {
    if (request.readyState !== XMLHttpRequest.HEADERS_RECEIVED) return;
    request.responseType = request.getResponseHeader("content-disposition") ? "blob" : "document";
  });
  request.addEventListener("load", () => {
    const turn = answered(request);
    finish("");
    if (turn) show(turn, asked);
    else complain(word("failed"));
  });
  const broken = (text) => () => {
    asked?.remove();
    finish("");
    complain(text);
  };
  request.addEventListener("error", broken(word("failed")));
  request.addEventListener("abort", broken(word("stopped")));
  request.send(data);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running === null) run();
});
stop.addEventListener("click", () => running?.abort());
// Enter sends, except the one that ends the composition of a syllable.
prompt?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

// The user sees the cost as it is recorded.
const cost = document.getElementById("cost");
new EventSource("/sandbox/live").addEventListener("state", (event) => {
  const mine = JSON.parse(event.data).users.find((user) => user.key === cost.dataset.user);
  if (mine !== undefined) cost.textContent = cost.dataset.unit.replace("#", mine.fields.won);
});
