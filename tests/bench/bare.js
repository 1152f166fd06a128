/** A Worker that does what client.c does with nothing but a WebSocket to the bridge. */
const BLOCK = 65536;
const UNSENT = 4 << 20; // bytes

/**
 * Opens the WebSocket; the first message says that the TCP connection exists.
 * @param {string} url
 * @param {string} line
 * @param {(ws: WebSocket) => void} start
 * @param {(bytes: number, ws: WebSocket) => void} onBytes
 */
function connect(url, line, start, onBytes) {
  const ws = new WebSocket(url, ['binary']);
  ws.binaryType = 'arraybuffer';
  let connected = false;
  ws.onmessage = ({ data }) => {
    if (connected) return onBytes(data.byteLength, ws);
    connected = true;
    ws.send(new TextEncoder().encode(line));
    start(ws);
  };
  ws.onclose = ({ code, reason }) => postMessage(`closed: ${code} ${reason}`);
}

/** @param {WebSocket} ws @param {number} value */
function finish(ws, value) {
  ws.onclose = null;
  ws.close(1000);
  postMessage(value);
}

/** @param {string} url @param {number} n */
function up(url, n) {
  const block = new Uint8Array(BLOCK);
  let start = 0;
  let left = n;
  const send = (/** @type {WebSocket} */ ws) => {
    for (; left > 0 && ws.bufferedAmount < UNSENT; left -= BLOCK) ws.send(left < BLOCK ? block.subarray(0, left) : block);
    if (left > 0) setTimeout(send, 1, ws);
  };
  connect(url, `up ${n}\n`, (ws) => {
    start = performance.now();
    send(ws);
  }, (_, ws) => finish(ws, n / 1e3 / (performance.now() - start)));
}

/** @param {string} url @param {number} n */
function down(url, n) {
  let start = 0;
  let left = n;
  connect(url, `down ${n}\n`, () => { start = performance.now(); }, (bytes, ws) => {
    left -= bytes;
    if (left <= 0) finish(ws, n / 1e3 / (performance.now() - start));
  });
}

/** @param {string} url @param {number} n */
function ping(url, n) {
  const byte = new Uint8Array(1);
  let start = 0;
  let left = n;
  connect(url, `ping ${n}\n`, (ws) => {
    start = performance.now();
    ws.send(byte);
  }, (_, ws) => {
    if (--left > 0) ws.send(byte);
    else finish(ws, ((performance.now() - start) * 1e3) / n);
  });
}

const tasks = { up, down, ping };
onmessage = ({ data: { url, what, n } }) => tasks[/** @type {keyof typeof tasks} */ (what)](url, n);
