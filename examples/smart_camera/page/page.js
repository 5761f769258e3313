// The page of the smart camera: live pictures by the feed, all figures by /api/state, once a second.
import { draw, watch } from "/web/feed.js";

const byId = (id) => document.getElementById(id);
const time = (microseconds) => new Date(microseconds / 1000).toLocaleTimeString();
const people = (count) => (count === 1 ? "1 person" : `${count} people`);
const milliseconds = (latency) =>
  latency && latency.count > 0 ? `${latency.p50_ms} / ${latency.p99_ms} ms` : "no figure yet";

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function show(id, text) {
  byId(id).textContent = text;
  byId(id).hidden = !text;
}

function definitions(list, pairs) {
  list.replaceChildren(
    ...pairs.map(([term, text]) =>
      element("div", {}, element("dt", { textContent: term }), element("dd", { textContent: text }))));
}

// ---- cameras

const cameras = new Map();

function cameraCard(name) {
  const known = cameras.get(name);
  if (known) return known;
  const card = {
    canvas: element("canvas", { width: 640, height: 480 }),
    people: element("span", { className: "people number" }),
    state: element("span", { className: "badge quiet", textContent: "waiting" }),
    trouble: element("p", { className: "trouble", hidden: true }),
    figures: element("dl"),
  };
  card.canvas.setAttribute("aria-label", `live picture of ${name}`);
  const top = element("header", {}, element("h2", { textContent: name }), card.state, card.people);
  card.root = element("article", { className: "card camera" }, top, card.canvas, card.trouble, card.figures);
  byId("cameras").append(card.root);
  byId("search").elements.source.append(element("option", { value: name, textContent: name }));
  cameras.set(name, card);
  return card;
}

function showFrame(header, bitmap) {
  const card = cameraCard(header.source);
  draw(card.canvas, bitmap, header.boxes);
  card.people.textContent = people(header.people);
}

function showCamera(camera, place) {
  const card = cameraCard(camera.name);
  card.root.style.order = place;
  const kSilent = 3000;  // milliseconds
  const silent = !(camera.silent_ms < kSilent);
  card.state.textContent = camera.away ? "away" : silent ? "silent" : camera.live === false ? "file" : "live";
  card.state.className = `badge ${camera.away ? "bad" : silent ? "quiet" : "good"}`;
  card.trouble.textContent = camera.away ? `It is tried again: ${camera.why}` : "";
  card.trouble.hidden = !camera.away;
  const figures = [["frames a second", (camera.frames_a_second ?? 0).toFixed(1)]];
  if ("sent" in camera) {
    figures.push(["sent", camera.sent], ["processed", camera.processed], ["dropped", camera.dropped]);
    if (camera.reconnects > 0) figures.push(["came back", `${camera.reconnects} times`]);
  } else {
    figures.push(["processed", camera.frames]);
  }
  figures.push(["capture to here, p50 / p99", milliseconds(camera.latency)]);
  definitions(card.figures, figures);
}

// ---- detectors

async function post(path) {
  try {
    const answer = await fetch(path, { method: "POST" });
    show("detector-problem", answer.ok ? "" : (await answer.json()).error);
  } catch (error) {
    show("detector-problem", `The server does not answer: ${error.message}`);
  }
  refresh();
}

function detectorRow(detector, controls) {
  const up = detector.state === "starting" || detector.state === "running";
  const cell = (text, className = "") => element("td", { textContent: text, className });
  const state = detector.state === "failed" ? `ended with code ${detector.code}` : detector.state ?? "";
  const look = detector.state === "running" ? "good" : detector.state === "failed" ? "bad" : "quiet";
  const row = element("tr", {}, cell(detector.name), cell(detector.pid ?? "", "number"),
    cell(detector.frames, "number"), cell(state, look));
  const action = element("td");
  if (controls && detector.state !== "stopping") {
    const what = up ? "stop" : "start";
    const button = element("button", { type: "button", textContent: up ? "Stop" : "Start" });
    button.setAttribute("aria-label", `${button.textContent} ${detector.name}`);
    button.onclick = () => post(`/api/detectors/${what}?name=${encodeURIComponent(detector.name)}`);
    action.append(button);
  }
  row.append(action);
  return row;
}

// ---- everything that is not a picture

function showLag(lag) {
  byId("lag-card").hidden = lag.length === 0;
  byId("lag").replaceChildren(...lag.map(({ partition, records }) => {
    const kMuch = 10;
    return element("tr", {}, element("td", { textContent: partition }),
      element("td", { className: "number", textContent: records }),
      element("td", { className: "bar" }, element("meter", { min: 0, max: kMuch, high: kMuch / 2, value: records })));
  }));
}

let stored = -1;
let rows = "";

async function refresh() {
  let state;
  try {
    state = await (await fetch("/api/state")).json();
  } catch {
    return;  // the feed says that the connection is lost
  }
  state.cameras.forEach(showCamera);
  definitions(byId("figures"), [
    ["processed", state.frames], ["shown", state.shown], ["dropped", state.dropped],
    ["capture to browser, p50 / p99", milliseconds(state.latency)], ["viewers", state.viewers],
  ]);
  byId("add-detector").hidden = !state.controls;
  const now = JSON.stringify([state.detectors, state.controls]);
  if (now !== rows) {
    byId("detectors").replaceChildren(...state.detectors.map((each) => detectorRow(each, state.controls)));
  }
  rows = now;
  showLag(state.lag);
  if (state.stored !== stored) search();
  stored = state.stored;
}

function showAlert(alert) {
  const list = byId("alerts");
  if (list.firstElementChild?.className === "quiet") list.replaceChildren();
  const text = `${time(alert.captured_us)}  ${alert.camera}: ${people(alert.people)}`;
  list.prepend(element("li", { textContent: text, title: `frame ${alert.frame}` }));
  const kMost = 50;
  while (list.children.length > kMost) list.lastElementChild.remove();
}

async function loadAlerts() {
  const alerts = await (await fetch("/api/alerts")).json();
  if (alerts.length > 0) byId("alerts").replaceChildren();
  alerts.reverse().forEach(showAlert);
}

// ---- stored pictures

async function enlarge(picture, text) {
  const blob = await (await fetch(`/pictures/${encodeURIComponent(picture.file)}`)).blob();
  const bitmap = await createImageBitmap(blob);
  const boxes = picture.details.boxes.map(
    ([x, y, width, height, label, score]) => ({ x, y, width, height, label, score }));
  draw(byId("enlarged").querySelector("canvas"), bitmap, boxes);
  byId("enlarged-text").textContent = text;
  byId("enlarged").showModal();
}

function figure(picture) {
  const when = new Date(picture.captured_us / 1000);
  const text = `${when.toLocaleString()} ${picture.source}: ${people(picture.count)} (frame ${picture.frame})`;
  const image = element("img", { src: `/pictures/${encodeURIComponent(picture.file)}`, alt: text, loading: "lazy" });
  const button = element("button", { type: "button" }, image);
  button.onclick = () => enlarge(picture, text);
  const before = picture.details.before >= 0 ? `, before: ${picture.details.before}` : "";
  return element("figure", {}, button,
    element("figcaption", {
      textContent: `${time(picture.captured_us)} ${picture.source}, ${people(picture.count)}${before}`,
    }));
}

async function search() {
  const query = new URLSearchParams({ limit: 24 });
  for (const [name, value] of new FormData(byId("search"))) {
    if (value) query.set(name, name === "from" || name === "to" ? new Date(value).toISOString() : value);
  }
  const answer = await fetch(`/api/pictures?${query}`);
  const found = await answer.json();
  show("search-problem", answer.ok ? "" : found.error);
  if (!answer.ok) return;
  byId("pictures").replaceChildren(...found.map(figure));
  byId("stored").textContent = found.length < 24 ? `${found.length} found` : "the newest 24";
}

byId("search").onsubmit = (event) => {
  event.preventDefault();
  search();
};
byId("search").onreset = () => setTimeout(search, 0);
byId("add-detector").onclick = () => post("/api/detectors/start");

watch("/feed", {
  frame: showFrame,
  note: (note) => {
    if (note.kind === "alert") showAlert(note);
  },
  state: (text) => {
    byId("connection").textContent = text;
    byId("connection").className = `badge ${text === "live" ? "good" : "bad"}`;
    if (text === "live") loadAlerts();
  },
});
refresh();
setInterval(refresh, 1000);
