/** What the runtime's tests share: a lab with programs compiled from C, and terminals to type into. */
import assert from 'node:assert/strict';
import { HOME, Lab } from '../../web/runtime/lab.js';
import { Toolchain } from '../../web/runtime/toolchain.js';

/** @type {Promise<Toolchain> | undefined} */
let toolchain;

/**
 * Compiles a program as the page does.
 * @param {string} text
 * @param {string} [name]
 */
export async function compile(text, name = 'program.c') {
  toolchain ??= Toolchain.load();
  const { ok, wasm, plain } = await (await toolchain).compile({ files: { [name]: text }, main: name });
  assert.ok(ok && wasm, plain);
  return wasm;
}

/**
 * A lab that ends with the test, and in which a failure of the kernel is the test's.
 * @param {import('node:test').TestContext} t
 * @param {{ onSlept?: (pid: number) => void, servers?: string[] }} [options]
 */
export async function startLab(t, { onSlept, servers } = {}) {
  /** @type {string[]} */
  const log = [];
  /** @type {(error: Error) => void} */
  let fail = () => {};
  const failure = new Promise((_, reject) => (fail = reject));
  failure.catch(() => {});
  const lab = await Lab.boot({
    onSlept,
    servers,
    onLog: (line) => log.push(line),
    onFailure: (message) => fail(new Error(`the kernel failed: ${message}`)),
    symbolize: async (program, offsets) => (await (toolchain ??= Toolchain.load())).symbolize(program, offsets),
  });
  t.after(() => lab.shutdown());
  /** @type {<T>(promise: Promise<T>) => Promise<T>} the same, unless the kernel fails first */
  const orFailure = (promise) => /** @type {any} */ (Promise.race([promise, failure]));
  return {
    lab, log, orFailure,
    /** @param {string} name @param {string} text */
    install: async (name, text) => lab.install(`${HOME}/${name}`, await compile(text, `${name}.c`)),
    /**
     * Starts a program and collects what it prints.
     * @param {string[]} argv
     * @param {Partial<Parameters<Lab['spawn']>[0]>} [more]
     */
    async start(argv, more = {}) {
      const out = collector(), err = collector();
      const process = await lab.spawn({ path: `${HOME}/${argv[0]}`, argv, stdout: out, stderr: err, ...more });
      return { ...process, exited: orFailure(process.exited), slept: orFailure(process.slept), out, err };
    },
  };
}

/** Takes output at once, and lets a test wait for a text in it. */
export function collector() {
  let text = '';
  /** @type {Set<() => void>} */
  const checks = new Set();
  const decoder = new TextDecoder();
  return {
    get text() {
      return text;
    },
    /** @param {Uint8Array} bytes @param {() => void} done */
    onData(bytes, done) {
      text += decoder.decode(bytes, { stream: true });
      done();
      for (const check of checks) check();
    },
    /**
     * Waits for the pattern, and takes the text up to its end away.
     * @param {RegExp} pattern
     * @returns {Promise<string>}
     */
    until(pattern) {
      return new Promise((resolve) => {
        const check = () => {
          const match = pattern.exec(text);
          if (!match) return;
          checks.delete(check);
          const end = match.index + match[0].length;
          resolve(text.slice(0, end));
          text = text.slice(end);
        };
        checks.add(check);
        check();
      });
    },
  };
}
