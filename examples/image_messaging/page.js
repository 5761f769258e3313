import { watch, draw } from "/web/feed.js";

const byId = (id) => document.getElementById(id);
const element = (name, className = "", text = "") => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};
const time = (microseconds) => new Date(microseconds / 1000).toLocaleTimeString();
const percent = (score) => (score === null ? "" : `${(100 * score).toFixed(1)} %`);

// A card for each source: its picture, and the labels beside it.

const kMostCameras = 16;
const cameras = new Map();

function cameraOf(source) {
  const known = cameras.get(source);
  if (known) return known;
  if (cameras.size === kMostCameras) {
    const [oldest, camera] = cameras.entries().next().value;
    camera.card.remove();
    cameras.delete(oldest);
  }
  byId("nothing")?.remove();
  const card = element("section", "card camera");
  const canvas = element("canvas");
  const beside = element("div");
  const title = element("h2");
  const top = element("p", "top");
  const scores = element("ol", "scores");
  beside.append(title, top, scores);
  card.append(canvas, beside);
  byId("live").append(card);
  const camera = { card, canvas, title, top, scores };
  cameras.set(source, camera);
  return camera;
}

function scoreLine({ label, score }) {
  const line = element("li");
  line.append(element("span", "", label), element("span", "number", percent(score)));
  if (score !== null) {
    const bar = element("div", "bar");
    const filled = element("div");
    filled.style.width = `${Math.min(100, 100 * score)}%`;
    bar.append(filled);
    line.append(bar);
  }
  return line;
}

function showFrame(header, bitmap) {
  const camera = cameraOf(header.source);
  draw(camera.canvas, bitmap);
  const name = header.source || "a source without a name";
  camera.title.textContent = `${name}, frame ${header.number}, ${time(header.captured_us)}`;
  camera.top.textContent = header.labels[0]?.label ?? (header.labelled ? "nothing found" : "no label came");
  camera.top.classList.toggle("quiet", header.labels.length === 0);
  camera.scores.replaceChildren(...header.labels.map(scoreLine));
}

// Counters come once a second.

const kCounters = [
  ["frames", "frames that came"],
  ["labelled", "labelled"],
  ["unlabelled", "no label in time"],
  ["late", "came after their turn"],
  ["unreadable", "not a picture"],
  ["published", "on the page", "apart"],
  ["shown", "painted by a browser"],
  ["dropped", "not painted by any"],
  ["waiting", "on their way"],
  ["latency_p50_ms", "capture to browser, median", "apart"],
  ["latency_p99_ms", "capture to browser, p99"],
  ["capture_sent", "sent by the capture", "apart"],
  ["capture_dropped", "dropped by the capture"],
  ["labellers", "labellers that run"],
  ["viewers", "browsers", "apart"],
  ["stored", "stored pictures"],
];

function showCounters(counters) {
  const lines = [];
  for (const [key, text, className] of kCounters) {
    if (counters[key] === undefined) continue;
    const value = key.endsWith("_ms") ? `${counters[key]} ms` : counters[key].toLocaleString();
    lines.push(element("dt", className, text), element("dd", className, value));
  }
  byId("counters").replaceChildren(...lines);
}

// What changed, the newest first.

const kMostChanges = 100;
let changes = [];

function showChanges() {
  if (changes.length === 0) return;
  byId("changes").replaceChildren(
    ...changes.map((change) => {
      const line = element("li");
      line.append(element("time", "", time(change.captured_us)), element("span", "", change.label || "nothing found"));
      line.append(element("span", "quiet", `${change.source || "?"}, frame ${change.frame}`));
      return line;
    }),
  );
  const labels = [...new Set(changes.map((change) => change.label))];
  byId("labels").replaceChildren(
    ...labels.map((label) => {
      const option = element("option");
      option.value = label;
      return option;
    }),
  );
}

// Stored pictures, by label and time. The form's times are local, the server's UTC.

function query() {
  const parameters = new URLSearchParams({ limit: 48 });
  const form = new FormData(byId("search"));
  if (form.get("label")) parameters.set("label", form.get("label"));
  for (const name of ["from", "to"]) {
    if (form.get(name)) parameters.set(name, new Date(form.get(name)).toISOString());
  }
  return parameters;
}

function pictureCard(picture) {
  const figure = element("figure");
  const link = element("a");
  link.href = `/pictures/${picture.file}`;
  const image = element("img");
  image.src = link.href;
  image.loading = "lazy";
  image.alt = picture.labels[0] || "nothing found";
  link.append(image);
  const caption = element("figcaption");
  caption.append(element("strong", "", image.alt), document.createTextNode(` ${percent(picture.details.labels?.[0]?.score ?? null)}`));
  caption.append(element("div", "", `${picture.source || "?"}, frame ${picture.frame}`));
  caption.append(element("div", "", new Date(picture.captured_us / 1000).toLocaleString()));
  figure.append(link, caption);
  return figure;
}

async function search() {
  const answer = await fetch(`/pictures?${query()}`);
  const body = await answer.json();
  if (!answer.ok) {
    byId("found").textContent = body.error;
    return;
  }
  byId("found").textContent = `${body.pictures.length} of ${body.stored.toLocaleString()}`;
  byId("pictures").replaceChildren(...body.pictures.map(pictureCard));
}

byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
byId("search").addEventListener("reset", () => setTimeout(search, 0));

async function start() {
  const [counters, before] = await Promise.all(["/counters", "/changes"].map(async (path) => (await fetch(path)).json()));
  showCounters(counters);
  changes = before.reverse();
  showChanges();
  await search();
  watch("/feed", {
    frame: showFrame,
    note: (note) => {
      if (note.kind === "counters") showCounters(note);
      if (note.kind === "change") {
        changes = [note, ...changes].slice(0, kMostChanges);
        showChanges();
        search();
      }
    },
    state: (state) => {
      byId("state").textContent = state === "live" ? "live" : "connection lost, trying again";
      byId("state").className = state === "live" ? "good" : "bad";
    },
  });
}
start();
