// What the bridge's tests share: a real bridge, real TCP servers, and a program's end of the gateway.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Gateway, webSocketClass } from '../../web/runtime/gateway.js';

/** @typedef {import('node:test').TestContext} TestContext */

export const PYTHON = '/usr/bin/python3';
export const BRIDGE = new URL('../../proxy/bridge.py', import.meta.url).pathname;

/**
 * Waits until `condition` holds; a minute without it is a failure.
 * @param {() => unknown} condition
 */
export async function until(condition) {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never came true: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/**
 * @param {TestContext} t
 * @param {string} text
 * @returns the path of an allow-list with that text
 */
export function allowList(t, text) {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'targets');
  writeFileSync(path, text);
  return path;
}

/**
 * Runs bridge.py to its end.
 * @param {string[]} args
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function runBridge(args) {
  const child = spawn(PYTHON, [BRIDGE, ...args]);
  let output = '';
  child.stdout.on('data', (data) => { output += data; });
  child.stderr.on('data', (data) => { output += data; });
  const [code] = await once(child, 'close');
  return { code, output };
}

/**
 * A bridge that listens on a free port; it ends with the test, or by kill().
 * @param {TestContext} t
 * @param {string} targets  the allow-list
 * @param {string[]} [args]
 * @param {Record<string, number>} [constants]  constants of bridge.py that are to be others, such as STALL
 */
export async function startBridge(t, targets, args = [], constants = {}) {
  const path = allowList(t, targets);
  const set = Object.entries(constants).map(([name, value]) => `bridge.${name} = ${value}`).join('; ');
  const program = set ? ['-c', `import sys; sys.path.insert(0, "${dirname(BRIDGE)}")
import bridge; ${set}; bridge.main(sys.argv[1:])`] : [BRIDGE];
  const child = spawn(PYTHON, [...program, '--listen', '127.0.0.1:0', '--targets', path, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } });
  const bridge = { url: '', path, log: '', pid: child.pid, kill: async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM'); // which ends its handlers too
    await once(child, 'exit');
  } };
  child.stderr.on('data', (data) => { bridge.log += data; });
  t.after(() => bridge.kill());
  let said = '';
  child.stdout.on('data', (data) => { said += data; });
  await until(() => said.includes('\n') || child.exitCode !== null);
  const match = /ws:\/\/127\.0\.0\.1:\d+/.exec(said);
  if (!match) throw new Error(`the bridge did not start: ${said}${bridge.log}`);
  bridge.url = match[0];
  return bridge;
}

/**
 * A TCP server on loopback.
 * @param {TestContext} t
 * @param {(socket: net.Socket) => void} serve
 * @returns {Promise<{ port: number, connections: number }>}
 */
export async function tcpServer(t, serve) {
  const result = { port: 0, connections: 0 };
  const sockets = new Set();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    result.connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  result.port = /** @type {net.AddressInfo} */ (server.address()).port;
  return result;
}

/** A port on which nothing listens. */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * A port whose listener's backlog is full: it answers no more SYNs.
 * @param {TestContext} t
 */
export async function silentPort(t) {
  const child = spawn(PYTHON, ['-c', `
import socket, sys
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
listener.listen(0)
callers = []
while True:
    caller = socket.socket()
    caller.settimeout(0.2)
    try:
        caller.connect(listener.getsockname())
    except socket.timeout:
        break
    callers.append(caller)
print(listener.getsockname()[1], flush=True)
sys.stdin.read()`], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const [line] = await once(child.stdout, 'data');
  return Number(line);
}

/** The program's end of one connection, with the waiting that the kernel would do. */
export class Program {
  /** @type {string | null} */ failure = null;
  connected = false;
  ended = false; // end of file was given
  released = 0; // how often the gateway closed the descriptor
  shut = false;
  closed = false;
  received = 0; // bytes the program has taken
  /** @type {Buffer[]} */ input = [];
  inputSize = 0;
  /** @type {Buffer[]} */ output = [];
  outputSize = 0;

  /**
   * @param {Lab} lab
   * @param {number} fd
   */
  constructor(lab, fd) {
    this.lab = lab;
    this.fd = fd;
  }

  /** Resolves when connect() would return: 0 or the errno's name. */
  async connect() {
    await until(() => this.connected || this.failure);
    return this.failure ?? 0;
  }

  /** @returns {Promise<Buffer | null>} what recv() would give; null is end of file */
  async recv(max = 65536) {
    await until(() => this.inputSize > 0 || this.ended || this.failure);
    if (this.inputSize === 0) {
      if (this.failure) throw new Error(this.failure);
      return null;
    }
    let bytes = /** @type {Buffer} */ (this.input.shift());
    if (bytes.length > max) {
      this.input.unshift(bytes.subarray(max));
      bytes = bytes.subarray(0, max);
    }
    this.inputSize -= bytes.length;
    this.received += bytes.length;
    this.lab.gateway.ready(this.fd, { writable: true });
    return bytes;
  }

  /** recv() until end of file or an error, which is thrown. */
  async recvAll() {
    const all = [];
    for (let bytes; (bytes = await this.recv());) all.push(bytes);
    return Buffer.concat(all);
  }

  /** @param {Uint8Array} bytes  send(), all of it */
  async send(bytes) {
    for (let at = 0; at < bytes.length;) {
      await until(() => this.outputSize < this.lab.size || this.failure);
      if (this.failure) throw new Error(this.failure);
      const piece = Buffer.from(bytes.subarray(at, at + this.lab.size - this.outputSize));
      this.output.push(piece);
      this.outputSize += piece.length;
      at += piece.length;
      this.lab.gateway.ready(this.fd, { readable: true });
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  shutdown() {
    this.shut = true;
    this.lab.gateway.ready(this.fd, { readable: true });
  }

  close(reset = false) {
    this.shut = this.closed = true;
    this.lab.gateway.closed(this.fd, reset);
  }
}

/** A kernel, as far as the gateway sees one. */
export class Lab {
  /** @type {Program[]} */ programs = [];
  /** @type {string[]} */ lines = [];
  /** Of all WebSockets: bytes that came out of them, and the most that one had not sent. */
  traffic = { received: 0, unsent: 0 };

  /**
   * @param {string | null} proxy
   * @param {{ size?: number, limits?: object }} [options]  size of each socket buffer
   */
  static async start(proxy, { size = 65536, limits } = {}) {
    return new Lab(proxy, size, limits, await webSocketClass());
  }

  /**
   * @param {string | null} proxy
   * @param {number} size
   * @param {object | undefined} limits
   * @param {typeof globalThis.WebSocket} Base
   */
  constructor(proxy, size, limits, Base) {
    this.size = size;
    const { traffic } = this;
    const WebSocket = class extends Base {
      /**
       * @param {string | URL} url
       * @param {string[]} protocols
       */
      constructor(url, protocols) {
        super(url, protocols);
        this.addEventListener('message', ({ data }) => { traffic.received += data.byteLength; });
      }

      /** @param {Uint8Array<ArrayBuffer>} bytes */
      send(bytes) {
        super.send(bytes);
        traffic.unsent = Math.max(traffic.unsent, this.bufferedAmount);
      }
    };
    /** @param {number} fd */
    const use = (fd) => {
      const program = this.programs[fd];
      if (program.released) throw new Error('used after close');
      return program;
    };
    /** @param {number} fd @param {Uint8Array} bytes */
    const write = (fd, bytes) => {
      const program = use(fd);
      if (program.closed) return -32;
      const taken = Buffer.from(bytes.subarray(0, size - program.inputSize));
      if (taken.length > 0) program.input.push(taken);
      program.inputSize += taken.length;
      return taken.length;
    };
    this.gateway = new Gateway({
      proxy,
      limits,
      WebSocket: /** @type {any} */ (WebSocket),
      read: (fd, max) => {
        const program = use(fd);
        const bytes = program.output.shift();
        if (!bytes) return program.shut ? 'eof' : null;
        if (bytes.length > max) program.output.unshift(bytes.subarray(max));
        const taken = bytes.subarray(0, max);
        program.outputSize -= taken.length;
        return new Uint8Array(taken);
      },
      write,
      exchange: (fd, bytes) => {
        const { shut, output, inputSize } = use(fd);
        if (shut || output.length > 0 || size - inputSize < bytes.length) return false;
        write(fd, bytes);
        return null; // the programs here answer later
      },
      connected: (fd) => { use(fd).connected = true; },
      failed: (fd, errno) => { use(fd).failure = errno; },
      end: (fd) => { use(fd).ended = true; },
      close: (fd) => {
        const program = use(fd);
        program.released++;
        program.ended = true;
      },
      console: (pid, text) => this.lines.push(`${pid}: ${text}`),
    });
  }

  /** @param {string} target */
  connect(target) {
    const program = new Program(this, this.programs.length);
    this.programs.push(program);
    this.gateway.connect({ fd: program.fd, pid: 100 + program.fd, target });
    return program;
  }
}
