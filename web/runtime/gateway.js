// Connections to the outside: bytes between the kernel's descriptors and WebSockets to the bridge
// (proxy/bridge.py says what goes over one). It runs in the kernel Worker and knows nothing of
// system calls.

/**
 * The kernel's side. `fd` is the Worker's non-blocking end of one connection to the outside.
 * @typedef {object} GatewayKernel
 * @property {string | null} proxy  the bridge: ws://HOST:PORT/ or wss://..., or null if there is none
 * @property {(fd: number, max: number) => Uint8Array | null | 'eof'} read  what the program has sent,
 *   in memory that is not shared, and good until the next call; null: nothing now; 'eof': it has shut
 *   down or closed, and everything before was read
 * @property {(fd: number, bytes: Uint8Array) => number} write  for the program to receive: how many
 *   were taken, 0 when its buffer is full, negative when it will receive no more
 * @property {(fd: number, bytes: Uint8Array, ms: number) => Uint8Array | null | false} exchange  writes
 *   all the bytes and reads what the program sends within that time, as `read` does; null: nothing, or
 *   later; false: not now, and nothing was written
 * @property {(fd: number) => void} connected  the TCP connection exists
 * @property {(fd: number, errno: string) => void} failed  connect() fails with that errno name; or, on
 *   a connection, sending fails at once and receiving when what was written before has been read
 * @property {(fd: number) => void} [end]  the program receives end of file after what was written, and
 *   may go on sending. Without it the target's end of file is a close
 * @property {(fd: number) => void} close  always the last call for this fd, after `failed` too
 * @property {(pid: number, text: string) => void} console  a line for the user, without line end
 * @property {typeof globalThis.WebSocket} [WebSocket]
 * @property {{ unsent?: number, held?: number, patience?: number }} [limits]  see LIMITS
 */

const MESSAGE = 65536; // bytes read from the kernel for one message
const DRAIN_MS = 2; // a WebSocket does not tell when it has sent: how often to look
const RESET = 4000; // close code whose reason is an errno name
const LINGER_MS = 0.2; // how long to look for what a program answers at once
const OVERHEAD = 256; // bytes of memory that a message held costs besides its own
const NOTHING = new Uint8Array(0);

const LIMITS = {
  unsent: 4 << 20, // bytes given to a WebSocket that it has not sent, before the program must wait
  held: 64 << 20, // memory for what the program has not read, before the connection is reset
  patience: 30_000, // ms for the WebSocket to open, and again for the TCP connection to exist
};

/**
 * The WebSocket class of this place: a browser's own, and the package ws under Node of any version.
 * @returns {Promise<typeof globalThis.WebSocket>}
 */
export async function webSocketClass() {
  if (typeof process === 'undefined' || !process.versions?.node) return globalThis.WebSocket;
  return /** @type {any} */ ((await import('ws')).WebSocket);
}

export class Gateway {
  /** @type {Map<number, Connection>} */
  #connections = new Map();
  /** @type {GatewayKernel} */
  #kernel;

  /** @param {GatewayKernel} kernel */
  constructor(kernel) {
    this.#kernel = kernel;
  }

  /**
   * The program `pid` connects to `target`, "ADDRESS:PORT". `connected` or `failed` follows, perhaps
   * before this returns.
   * @param {{ fd: number, pid: number, target: string }} request
   */
  connect({ fd, pid, target }) {
    const forget = () => this.#connections.delete(fd);
    const connection = new Connection(this.#kernel, { fd, pid, target, forget });
    this.#connections.set(fd, connection);
    connection.open();
  }

  /**
   * There is something to read(fd), or room to write(fd).
   * @param {number} fd
   * @param {{ readable?: boolean, writable?: boolean }} ready
   */
  ready(fd, { readable, writable }) {
    const connection = this.#connections.get(fd);
    if (writable) connection?.receive();
    if (readable) connection?.send();
  }

  /**
   * The program has closed its end. What it sent before is still read and passed on, unless `reset`:
   * it closed with bytes unread, or asked for a reset.
   * @param {number} fd
   * @param {boolean} [reset]
   */
  closed(fd, reset = false) {
    this.#connections.get(fd)?.programClosed(reset);
  }
}

/** One connection: a descriptor and a WebSocket. It may outlive its descriptor. */
class Connection {
  /** @type {'opening' | 'dialling' | 'open' | 'over'} */
  state = 'opening';
  /** @type {WebSocket | null} */
  ws = null;
  /** Received, and not yet taken by the kernel. @type {Uint8Array[]} */
  held = [];
  heldSize = 0;
  ended = false; // the target has ended: end of file comes after the bytes held
  /** The errno name that comes after them, and after end of file. @type {string | null} */
  failure = null;
  received = false; // the program has been told that the target has ended
  asked = false; // the program has sent something, and received nothing since
  sent = false; // the target has been told that the program has ended
  closed = false; // the program has closed
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  patience;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  drain;

  /**
   * @param {GatewayKernel} kernel
   * @param {{ fd: number, pid: number, target: string, forget: () => void }} request
   */
  constructor(kernel, { fd, pid, target, forget }) {
    this.kernel = kernel;
    this.fd = fd;
    this.pid = pid;
    this.target = target;
    this.forget = forget;
    this.limits = { ...LIMITS, ...kernel.limits };
  }

  open() {
    const { proxy } = this.kernel;
    if (!proxy) {
      this.say(`${this.target} is outside the lab, and no bridge to the outside is set. ` +
        '"make serve" starts one; proxy/README.md says more.');
      return this.fail('ENETUNREACH');
    }
    const Socket = this.kernel.WebSocket ?? globalThis.WebSocket;
    try {
      const url = new URL(proxy);
      url.searchParams.set('token', this.target);
      this.ws = new Socket(url, ['binary']);
    } catch (error) {
      this.say(`the bridge's address cannot be used: ${proxy}: ${/** @type {Error} */ (error).message}`);
      return this.fail('ENETUNREACH');
    }
    this.ws.binaryType = 'arraybuffer';
    this.ws.addEventListener('open', () => this.opened());
    this.ws.addEventListener('message', ({ data }) => this.message(new Uint8Array(data)));
    this.ws.addEventListener('close', ({ code, reason }) => this.webSocketClosed(code, reason));
    this.ws.addEventListener('error', () => {}); // 'close' follows, and says the same
    this.wait(() => this.unreachable());
  }

  opened() {
    if (this.state !== 'opening') return;
    this.state = 'dialling';
    this.wait(() => {
      this.hangUp('ETIMEDOUT');
      this.fail('ETIMEDOUT');
    });
  }

  /** @param {Uint8Array} bytes */
  message(bytes) {
    if (this.state === 'dialling') {
      clearTimeout(this.patience);
      this.state = 'open';
      this.kernel.connected(this.fd);
      if (bytes.length > 0) this.hold(bytes);
      this.send();
    } else if (this.state === 'open' && !this.closed && !this.ended) {
      if (bytes.length > 0) {
        return this.asked ? this.converse(bytes) : this.hold(bytes);
      }
      this.ended = true;
      this.receive();
    }
  }

  /**
   * The program may ask again at once, and to look for that is quicker than to be told of it: also for
   * the program, and for the processors, which the way to the target needs then.
   * @param {Uint8Array} bytes  the answer to what it has asked
   */
  converse(bytes) {
    const next = this.held.length === 0 && this.kernel.exchange(this.fd, bytes, LINGER_MS);
    this.asked = Boolean(next);
    if (next) this.ws?.send(/** @type {Uint8Array<ArrayBuffer>} */ (next));
    else if (next === false) this.hold(bytes);
  }

  /** @param {Uint8Array} bytes  for the program */
  hold(bytes) {
    this.held.push(bytes);
    this.heldSize += bytes.length + OVERHEAD;
    this.receive();
    if (this.heldSize <= this.limits.held) return;
    this.say(`${this.target} sends faster than the program reads, and a page cannot make it wait: ` +
      `with ${Math.round(this.limits.held / 1048576)} MiB unread the connection is reset.`);
    this.hangUp('ENOBUFS');
    this.lost();
  }

  /** Gives the program what is held, and then what comes after that. */
  receive() {
    if (this.closed) return;
    let whole = 0; // messages taken whole
    for (const bytes of this.held) {
      const taken = this.kernel.write(this.fd, bytes);
      this.heldSize -= taken < 0 ? bytes.length : taken;
      if (taken >= 0 && taken < bytes.length) {
        this.held[whole] = bytes.subarray(taken);
        break;
      }
      whole++;
    }
    this.held.splice(0, whole);
    this.heldSize -= whole * OVERHEAD;
    if (this.held.length > 0) return;
    if (this.ended && !this.received) {
      this.received = true;
      this.kernel.end?.(this.fd);
    }
    if (this.failure) this.fail(this.failure);
    else if (this.received && (this.state === 'over' || !this.kernel.end)) this.release();
    else this.releaseIfDone();
  }

  /** The connection was reset: Linux says EPIPE if end of file came before. */
  lost() {
    this.failure = this.ended ? 'EPIPE' : 'ECONNRESET';
    this.receive();
  }

  /**
   * Sends what the program has written, as far as the WebSocket keeps up, and never so much at a time
   * that other events wait.
   */
  send() {
    let sum = 0;
    while (this.state === 'open' && !this.sent && this.ws) {
      const { unsent } = this.limits;
      if (sum >= unsent || this.ws.bufferedAmount >= unsent) return this.sendLater();
      const bytes = this.kernel.read(this.fd, MESSAGE);
      if (bytes === null) return;
      if (bytes !== 'eof') {
        this.ws.send(/** @type {Uint8Array<ArrayBuffer>} */ (bytes));
        sum += bytes.length;
        this.asked = true;
      } else {
        this.ws.send(NOTHING);
        this.sent = true;
        this.releaseIfDone();
      }
    }
  }

  sendLater() {
    this.drain ??= setTimeout(() => {
      this.drain = undefined;
      this.send();
    }, DRAIN_MS);
  }

  /** @param {boolean} reset */
  programClosed(reset) {
    this.closed = true;
    this.held = [];
    if (reset || this.state !== 'open') {
      this.hangUp('ECONNRESET');
      return this.release();
    }
    this.send();
    this.releaseIfDone();
  }

  /** Leaves the descriptor once nothing more will be read from it or written to it. */
  releaseIfDone() {
    if (!this.sent || !(this.received || this.closed)) return;
    if (this.closed) this.ws?.send(NOTHING); // the second one: the bridge closes when all has arrived
    this.release();
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  webSocketClosed(code, reason) {
    clearTimeout(this.patience);
    const was = this.state;
    if (was === 'over') return;
    this.state = 'over';
    const [errno, ...explanation] = reason.split(' ');
    if (was === 'opening') return this.unreachable();
    if (code === RESET && /^E[A-Z0-9]+$/.test(errno)) {
      if (errno === 'EACCES') this.refused(explanation.join(' '));
      return was === 'open' ? this.lost() : this.fail(errno);
    }
    if (code === 1000 && was === 'open') {
      this.ended = true;
      return this.receive();
    }
    if (!this.closed || !this.sent) {
      this.say(`the bridge at ${this.kernel.proxy} went away, and the connection to ${this.target} ` +
        'with it. Start it again, then run the program again.');
    }
    return was === 'open' ? this.lost() : this.fail('ENETUNREACH');
  }

  unreachable() {
    this.say(`no answer from the bridge at ${this.kernel.proxy}. "make serve" starts one on this ` +
      'machine; then run the program again.');
    this.hangUp('ENETUNREACH');
    this.fail('ENETUNREACH');
  }

  /** @param {string} explanation */
  refused(explanation) {
    this.say(explanation ? `the bridge refused ${this.target}: ${explanation}` :
      `the bridge does not allow ${this.target}. The file proxy/targets, where it runs, lists what it ` +
      'allows.');
  }

  /** @param {string} errno */
  fail(errno) {
    if (this.fd < 0) return;
    this.kernel.failed(this.fd, errno);
    this.release();
  }

  /** The descriptor's last call; the WebSocket may have something left to send. */
  release() {
    if (this.fd < 0) return;
    this.forget();
    this.kernel.close(this.fd);
    this.fd = -1;
    this.closed = true;
    if (this.state !== 'open') this.state = 'over';
  }

  /** @param {string} errno  closes the WebSocket so that the bridge resets the connection */
  hangUp(errno) {
    clearTimeout(this.patience);
    this.state = 'over';
    this.ws?.close(RESET, errno);
  }

  /** @param {() => void} tooLong */
  wait(tooLong) {
    clearTimeout(this.patience);
    this.patience = setTimeout(tooLong, this.limits.patience);
  }

  /** @param {string} text */
  say(text) {
    this.kernel.console(this.pid, `portside: ${text}`);
  }
}
