/** What these tests share: a lab with programs of Debian's in /usr/bin, and conversations with them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Input, Lab } from '../../web/runtime/lab.js';
import { inTime } from '../lab/session.js';
import { collector } from '../runtime/lab.js';

const build = fileURLToPath(new URL('../../build', import.meta.url));
const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);

/**
 * A lab that ends with the test.
 * @param {import('node:test').TestContext} t
 * @param {object} has
 * @param {string[]} has.programs          of build/debian
 * @param {string[]} [has.servers]         of src/lab, each on a host of its own
 * @param {Record<string, string>} [has.files]
 */
export async function startLab(t, { programs, servers = [], files = {} }) {
  const lab = await Lab.boot({ servers, onLog: (line) => t.diagnostic(line), onFailure: (message) => t.diagnostic(message) });
  t.after(() => lab.shutdown());
  for (const name of programs)
    await lab.install(`/usr/bin/${name}`, new Uint8Array(readFileSync(join(build, `debian/${name}.wasm`))));
  for (const [path, text] of Object.entries(files)) await lab.install(path, bytes(text), 0o644);

  /** Starts a program: `nc -l -p 99` on a host. @param {string} host @param {string} line */
  async function start(host, line) {
    const argv = line.split(' '), stdin = new Input(), out = collector();
    const { exited, slept, kill } = await lab.spawn({ path: `/usr/bin/${argv[0]}`, argv, host, stdin, stdout: out, stderr: out });
    const said = () => `${line}: ${JSON.stringify(out.text)}`;
    return {
      kill,
      slept: () => inTime(slept, () => `it does not wait: ${said()}`),
      /** @param {string} text */
      type: (text) => stdin.write(bytes(text)),
      endInput: () => stdin.end(),
      /** @param {RegExp} pattern */
      expect: (pattern) => inTime(out.until(pattern), () => `${pattern} did not come: ${said()}`),
      /** What it had still to say, once it has ended. @param {number} [status]  what it is to end with */
      async end(status = 0) {
        const { code } = await inTime(exited, () => `it does not end: ${said()}`);
        assert.equal(code, status, said());
        return out.text;
      },
    };
  }

  return {
    start,
    /** A server, which waits. @param {string} host @param {string} line */
    async serve(host, line) {
      const server = await start(host, line);
      await server.slept();
      return server;
    },
    /** Runs a program to its end. @param {string} host @param {string} line @param {string} [input] @param {number} [status] */
    async run(host, line, input = '', status = 0) {
      const program = await start(host, line);
      program.type(input);
      program.endInput();
      return program.end(status);
    },
  };
}
