/** What the servers' tests share: a server that runs on Linux or in the lab, and scripted sessions with it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Input, Lab } from '../../web/runtime/lab.js';
import { collector } from '../runtime/lab.js';

/** @typedef {import('node:test').TestContext} TestContext */

const build = join(dirname(fileURLToPath(import.meta.url)), '../../build');
const PATIENCE = 30_000; // ms: what is not there then does not come

/**
 * The promise, or a failure that says what did not come, and what was there instead.
 * @template T
 * @param {Promise<T>} promise
 * @param {() => string} what
 * @returns {Promise<T>}
 */
export async function inTime(promise, what) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(what())), PATIENCE);
  });
  try {
    return /** @type {T} */ (await Promise.race([promise, late]));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A server on a free port, as a program for Linux; it ends with the test, which fails if it has ended before.
 * @param {TestContext | { after: (end: () => void) => void }} t  or, at a file's top, node:test's own `after`
 * @param {string} name
 * @param {string[]} args  after the port
 */
export async function startServer(t, name, ...args) {
  const child = spawn(join(build, 'native/bin', name), ['0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const log = collector();
  child.stdout.on('data', (bytes) => log.onData(bytes, () => {}));
  t.after(() => {
    assert.equal(child.exitCode ?? child.signalCode, null, `${name} has ended by itself`);
    child.kill();
  });
  const said = await inTime(log.until(/waiting on port \d+\n/), () => `${name} does not wait on a port`);
  const port = Number(/** @type {RegExpExecArray} */ (/port (\d+)\n$/.exec(said))[1]);
  return {
    port, child,
    /** Waits for a line of its log. @param {RegExp} pattern */
    logged: (pattern) => inTime(log.until(pattern), () => `${name}'s log has no ${pattern}: ${log.text}`),
    dial: () => dial(port),
  };
}

/** @param {number} port */
export async function dial(port) {
  const session = new Session(port);
  await once(session.socket, 'connect');
  return session;
}

/** One client's side of a conversation. Text is Latin-1: a character is a byte. */
export class Session {
  text = '';
  ended = false; // the other side has ended, in order or not
  /** @type {Set<() => void>} */
  #waiting = new Set();

  /** @param {number} port */
  constructor(port) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setNoDelay(true);
    const changed = () => this.#waiting.forEach((check) => check());
    this.socket.on('data', (bytes) => {
      this.text += bytes.toString('latin1');
      changed();
    });
    for (const event of ['end', 'close']) this.socket.on(event, () => {
      this.ended = true;
      changed();
    });
    this.socket.on('error', () => {});
  }

  /** @param {() => boolean} condition @param {string} what */
  async #until(condition, what) {
    const come = new Promise((/** @type {(_: void) => void} */ resolve) => {
      const check = () => {
        if (!condition() && !this.ended) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
    const tail = () => `${what} did not come; there is ${JSON.stringify(this.text.slice(-600))}${this.ended ? ', and the end' : ''}`;
    await inTime(come, tail);
    assert.ok(condition(), tail());
  }

  /**
   * Waits for the pattern, and takes the text up to its end away.
   * @param {RegExp | string} pattern
   */
  async expect(pattern) {
    const find = () => {
      if (typeof pattern !== 'string') return pattern.exec(this.text);
      const index = this.text.indexOf(pattern);
      return index < 0 ? null : { index, 0: pattern };
    };
    await this.#until(() => !!find(), typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern));
    const match = /** @type {{ index: number, 0: string }} */ (find());
    return this.take(match.index + match[0].length);
  }

  /** Waits for so many bytes, and takes them away. @param {number} size */
  async take(size) {
    await this.#until(() => this.text.length >= size, `${size} bytes`);
    const text = this.text.slice(0, size);
    this.text = this.text.slice(size);
    return text;
  }

  /** Waits for the other side's end, and takes away what came before it. */
  async end() {
    await this.#until(() => this.ended, 'the end');
    return this.take(this.text.length);
  }

  /** @param {string | Buffer} data */
  send(data) {
    this.socket.write(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  }

  /** Sends each byte in a segment of its own. @param {string} text */
  async sendSlowly(text) {
    for (const byte of Buffer.from(text, 'latin1')) await new Promise((sent) => this.socket.write(Buffer.of(byte), sent));
  }

  /** Sends no more, but listens. */
  finish() {
    this.socket.end();
  }

  /** Is gone, in the middle of whatever it was. */
  reset() {
    this.socket.resetAndDestroy();
  }

  /** Stops reading, so that what is sent to it has nowhere to go. */
  stick() {
    this.socket.pause();
  }
}

/**
 * A lab in which a server runs on carol, and a client, tests/lab/talk.c, on alice.
 * @param {TestContext} t
 * @param {string} name
 * @param {string[]} args  the port, and what follows it
 */
export async function startInLab(t, name, ...args) {
  const lab = await Lab.boot({ onLog: (line) => t.diagnostic(line) });
  t.after(() => lab.shutdown());
  const program = (/** @type {string} */ path) => readFileSync(join(build, path));
  await lab.install(`/bin/${name}`, program(`programs/${name}.wasm`));
  await lab.install('/tmp/talk', program('tests/lab/talk.wasm'));
  const log = collector();
  await lab.spawn({ path: `/bin/${name}`, argv: [name, ...args], host: 'carol', stdout: log, stderr: log });
  await inTime(log.until(/waiting on port \d+\n/), () => `${name} does not wait on a port: ${log.text}`);
  return {
    lab,
    /** Waits for a line of its log. @param {RegExp} pattern */
    logged: (pattern) => inTime(log.until(pattern), () => `${name}'s log has no ${pattern}: ${log.text}`),
    /** A conversation from alice with a port of carol's. @param {string[]} options  talk's */
    async talk(...options) {
      const stdin = new Input(), out = collector();
      const { exited } = await lab.spawn({ path: '/tmp/talk', argv: ['talk', 'carol', args[0], ...options], stdin, stdout: out, stderr: out });
      return {
        out, exited,
        /** @param {string} text */
        send: (text) => stdin.write(new TextEncoder().encode(text)),
        finish: () => stdin.end(),
        /** @param {RegExp} pattern */
        expect: (pattern) => inTime(out.until(pattern), () => `${pattern} did not come; there is ${JSON.stringify(out.text)}`),
      };
    },
  };
}
