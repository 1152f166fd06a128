/** The benchmarks' two programs on this machine, and the bridge to the server. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const top = new URL('../../', import.meta.url).pathname;
const server = join(top, 'build/native/tests/bench/server');
const client = join(top, 'build/native/tests/bench/client');

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

/** A server on loopback. */
export async function startServer() {
  const { first, end } = await startAndListen(server, ['0']);
  const port = first.trim();
  return {
    port,
    end,
    /** @param {string} what @param {number} n @returns {Promise<number>} what the native client prints */
    client: async (what, n) => Number((await promisify(execFile)(client, ['127.0.0.1', port, what, String(n)])).stdout),
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
