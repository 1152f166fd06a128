/** Processes that are killed at random moments in every call that blocks leave nothing behind; STORM=1000: so many. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { readSockets } from '../../web/wire/sockets.js';
import { compile, collector, startLab } from './lab.js';

const program = new Uint8Array(readFileSync(fileURLToPath(new URL('../../build/tests/runtime/storm.wasm', import.meta.url))));
const COUNT = Number(process.env.STORM ?? 220); // how many processes
const SETTLED = 30_000; // ms, by which the Workers of those that were killed are gone, with what the kernel has for them
const LEFT = 64 * 1024; // bytes: connections in TIME_WAIT, a name in a table of neighbours

const LOOK = `
#include <stdio.h>
int main(void) {
  char line[100];
  FILE *f = fopen("/proc/meminfo", "r");
  while (f && fgets(line, sizeof line, f)) fputs(line, stdout);
}`;

test('a kill storm leaves no socket, no buffer and no lock behind', { timeout: 600_000 }, async (t) => {
  const { lab, orFailure } = await startLab(t);
  await lab.install('/bin/storm', program);
  await lab.install('/bin/look', await compile(LOOK));
  const terminal = await lab.terminal({ shell: false, onOutput: (_, done) => done() });

  /** @param {string} path @param {string[]} args */
  async function run(path, ...args) {
    const out = collector();
    const { exited } = await lab.spawn({ path, argv: [path, ...args], stdin: terminal, stdout: out, stderr: out });
    const { code } = await orFailure(exited);
    assert.equal(code, 0, out.text);
    return out.text;
  }
  /** What the kernel has allocated, in kB. */
  const allocated = async () => Number(/Slab: +(\d+)/.exec(await run('/bin/look'))?.[1]);

  assert.match(await run('/bin/storm', '22'), /^22 killed/);
  const before = await allocated();
  assert.match(await run('/bin/storm', String(COUNT)), new RegExp(`^${COUNT} killed, in 22 calls\n$`));
  const sockets = readSockets(await lab.sockets()).filter(({ state }) => state !== 'TIME-WAIT');
  assert.deepEqual(sockets, []);
  let left = Infinity;
  for (const end = performance.now() + SETTLED; left >= LEFT && performance.now() < end;) left = ((await allocated()) - before) * 1024;
  assert.ok(left < LEFT, `${left} bytes are still allocated`);
});
