/** What the commands' tests share: a lab with commands and tests' programs, and the same on Linux. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Lab } from '../../web/runtime/lab.js';
import { collector } from '../runtime/lab.js';

export const build = new URL('../../build/', import.meta.url);
/** @param {string} name  of a program of tests/tools/ */
export const native = (name) => fileURLToPath(new URL(`native/tests/tools/${name}`, build));
/** @param {string} name  a command of src/bin/ */
export const nativeCommand = (name) => fileURLToPath(new URL(`native/bin/${name}`, build));

/**
 * @param {import('node:test').TestContext} t
 * @param {{ commands?: string[], programs?: string[], symbolize?: import('../../web/runtime/lab.js').Symbolize }} [what]
 */
export async function startLab(t, { commands = [], programs = [], symbolize } = {}) {
  /** @type {(error: Error) => void} */
  let fail = () => {};
  const failure = new Promise((_, reject) => (fail = reject));
  failure.catch(() => {});
  const lab = await Lab.boot({ symbolize, onFailure: (message) => fail(new Error(`the kernel failed: ${message}`)) });
  t.after(() => lab.shutdown());
  for (const name of commands) await lab.install(`/bin/${name}`, await readFile(new URL(`programs/${name}.wasm`, build)));
  for (const name of programs) await lab.install(`/bin/${name}`, await readFile(new URL(`tests/tools/${name}.wasm`, build)));
  /** @param {string[]} argv @param {Partial<Parameters<Lab['spawn']>[0]>} [more] */
  const start = async (argv, more = {}) => {
    const out = collector(), err = collector();
    const process = await lab.spawn({ path: `/bin/${argv[0]}`, argv, stdout: out, stderr: err, ...more });
    return { ...process, exited: /** @type {typeof process.exited} */ (Promise.race([process.exited, failure])), out, err };
  };
  return {
    lab, start,
    /** Runs a command to its end. @param {string[]} argv @param {Partial<Parameters<Lab['spawn']>[0]>} [more] */
    async run(argv, more) {
      const { exited, out, err } = await start(argv, more);
      return { ...(await exited), out: out.text, err: err.text };
    },
  };
}

/** Runs a command of Linux's; it must succeed. @param {string} command @param {string[]} args */
export function linux(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 20_000 });
  assert.equal(error, undefined);
  return { status, out: stdout, err: stderr };
}
