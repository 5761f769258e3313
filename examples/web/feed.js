// Shows what a feed of this server sends.

const kFirstPause = 250;  // milliseconds
const kLongestPause = 4000;

// A frame is the size of its header in 4 bytes, the header as JSON, and the JPEG.
async function parse(data) {
  const size = new DataView(data).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, size)));
  let bitmap = null;
  try {
    bitmap = await createImageBitmap(new Blob([new Uint8Array(data, 4 + size)], { type: "image/jpeg" }));
  } catch (error) {
    console.warn(`frame ${header.number} of ${header.source}: ${error}`);
  }
  return { header, bitmap };
}

// What is done after the browser painted: the task that follows an animation frame.
function afterPainting(paint, then) {
  requestAnimationFrame(() => {
    paint();
    setTimeout(then, 0);
  });
}

/**
 * Follows a feed, and comes back to it when the connection breaks.
 *
 * @param path of the feed, such as "/feed"
 * @param on frame(header, bitmap) draws, before it returns; note(note) takes a message; state(text) is told "live" or
 *   "lost". Each may be missing.
 */
export function watch(path, on) {
  let pause = kFirstPause;
  const open = () => {
    const socket = new WebSocket(`ws://${location.host}${path}`);
    socket.binaryType = "arraybuffer";
    const answer = (header, painted) => {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(JSON.stringify({ source: header.source, number: header.number, painted }));
    };
    let before = Promise.resolve();  // frames are painted in the order in which they came
    socket.onopen = () => {
      pause = kFirstPause;
      on.state?.("live");
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") {
        on.note?.(JSON.parse(data));
        return;
      }
      const parsed = parse(data);
      before = before.then(() => parsed).then(({ header, bitmap }) => {
        if (!bitmap) {
          answer(header, false);
          return;
        }
        afterPainting(
          () => {
            on.frame?.(header, bitmap);
            bitmap.close();
          },
          () => answer(header, true));
      });
    };
    socket.onclose = () => {
      on.state?.("lost");
      setTimeout(open, pause);
      pause = Math.min(2 * pause, kLongestPause);
    };
  };
  open();
}

/**
 * Paints a picture, and what was found in it.
 *
 * @param boxes of {x, y, width, height, label, score}, in the picture's pixels
 */
export function draw(canvas, bitmap, boxes = []) {
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
  }
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const unit = Math.max(1, bitmap.width / 640);
  context.lineWidth = 2 * unit;
  context.font = `${Math.round(12 * unit)}px system-ui, sans-serif`;
  context.textBaseline = "bottom";
  for (const box of boxes) {
    context.strokeStyle = "#3ddc84";
    context.strokeRect(box.x, box.y, box.width, box.height);
    const text = `${box.label} ${Math.round(100 * box.score)}%`.trim();
    const top = Math.max(box.y, 16 * unit);
    context.fillStyle = "rgba(0, 0, 0, 0.65)";
    context.fillRect(box.x, top - 16 * unit, context.measureText(text).width + 8 * unit, 16 * unit);
    context.fillStyle = "#fff";
    context.fillText(text, box.x + 4 * unit, top - 2 * unit);
  }
}
