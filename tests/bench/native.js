/** The benchmarks' programs on this machine, and the bridge to the server. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { placed } from './lab.js';

const top = new URL('../../', import.meta.url).pathname;
const program = (/** @type {string} */ name) => join(top, 'build/native/tests/bench', name);

/** The number that a program prints. @param {string} name @param {string[]} args */
export const run = async (name, ...args) => Number((await promisify(execFile)(program(name), args)).stdout);

/**
 * Starts a program and waits for its first output.
 * @param {string} program
 * @param {string[]} args
 * @param {string} [cwd]
 */
async function startAndListen(program, args, cwd = top) {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
  const first = await new Promise((resolve, reject) => {
    child.stdout.once('data', (data) => resolve(String(data)));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} ended: ${code}`)));
  });
  return { first: /** @type {string} */ (first), end: () => void child.kill() };
}

/** The servers on loopback. */
export async function startServer() {
  const server = await startAndListen(program('server'), ['0']);
  const sink = await startAndListen(program('sink'), []);
  const port = server.first.trim();
  const [first, second] = sink.first.trim().split(' ');
  return {
    port,
    end: () => {
      server.end();
      sink.end();
    },
    /** @param {string} what @param {number} n */
    client: (what, n) => run('client', '127.0.0.1', port, what, String(n)),
    /** @param {string[]} args  as in lab.js */
    many: (...args) => run('many', ...placed(args, first, second)),
  };
}

/**
 * A bridge that leads 198.51.100.1:PORT to that port of this machine.
 * @param {string} port
 */
export async function startBridge(port) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const targets = join(folder, 'targets');
  writeFileSync(targets, `198.51.100.1:${port}: 127.0.0.1:${port}\n`);
  const { first, end } = await startAndListen('/usr/bin/python3',
    ['proxy/bridge.py', '--listen', '127.0.0.1:0', '--targets', targets]);
  const [url] = first.match(/ws:\/\/[\d.:]+/) ?? [''];
  return {
    url,
    end: () => {
      end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Milliseconds from the start of `clang -O1` to the first output of what it made.
 * @param {string} clang
 * @param {string} source
 */
export async function compileAndRun(clang, source) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const start = performance.now();
    await promisify(execFile)(clang, ['-O1', source, '-o', 'program'], { cwd: folder });
    const { end } = await startAndListen(join(folder, 'program'), [], folder);
    const ms = performance.now() - start;
    end();
    return ms;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
