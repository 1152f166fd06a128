/**
 * Chromium, started directly (what drives a browser slows its WebSockets), on a page that asks for
 * tasks and posts the answers back.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveStatic } from '../../web/build/static.js';

const top = new URL('../../', import.meta.url).pathname;
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const PATIENCE = 180_000; // ms for one task

/** The site, and what of the repository the bench's page needs, under one address. */
async function serveFiles() {
  const root = mkdtempSync(join(tmpdir(), 'bench-'));
  mkdirSync(join(root, 'tests'));
  for (const [from, to] of [['build/site', 'site'], ['build/tests/bench', 'programs'], ['web', 'web'], ['tests/bench', 'tests/bench']])
    symlinkSync(join(top, from), join(root, to));
  const server = await serveStatic({ root });
  return {
    url: server.url,
    close: async () => {
      await server.close();
      rmSync(root, { recursive: true });
    },
  };
}

/** Hands out tasks and takes answers, one at a time. */
async function openDesk() {
  /** @type {((task: object) => void) | undefined} */
  let waiting;
  /** @type {{ resolve: (value: any) => void, reject: (error: Error) => void } | undefined} */
  let asked;
  const server = createServer(async (request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    if (request.method !== 'POST') {
      waiting = (task) => response.end(JSON.stringify(task));
      return;
    }
    let text = '';
    for await (const part of request) text += part;
    response.end();
    const { value, error } = JSON.parse(text);
    if (error) asked?.reject(new Error(`in Chromium: ${error}`));
    else asked?.resolve(value);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    /** @param {string} name @param {any[]} args @returns {Promise<any>} */
    async ask(name, args) {
      const answer = new Promise((resolve, reject) => { asked = { resolve, reject }; });
      const end = Date.now() + PATIENCE;
      const timer = setTimeout(() => asked?.reject(new Error(`Chromium did not answer: ${name} ${args}`)), PATIENCE);
      while (!waiting && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
      waiting?.({ name, args });
      waiting = undefined;
      try {
        return await answer;
      } finally {
        clearTimeout(timer);
      }
    },
    /** @param {string} message */
    fail: (message) => asked?.reject(new Error(message)),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What /proc says of a process; nothing of one that has ended. @param {string} pid @param {string} file */
function ofProcess(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

/** The processes of a group, with the fields of `stat` from the third on. @param {number} group */
function processes(group) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid, fields: ofProcess(pid, 'stat').replace(/^.*\) /, '').split(' ') }))
    .filter(({ fields }) => Number(fields[2]) === group);
}

/** Bytes of memory of a process group: each page of memory counts once. @param {number} group */
const memoryOf = (group) =>
  processes(group).reduce((sum, { pid }) => sum + 1024 * Number(/^Pss: +(\d+)/m.exec(ofProcess(pid, 'smaps_rollup'))?.[1] ?? 0), 0);

/** What a process group has had of the processors, in hundredths of a second. @param {number} group */
const ticksOf = (group) => processes(group).reduce((sum, { fields }) => sum + Number(fields[11]) + Number(fields[12]), 0);

/** A browser does a lot when it is started, of which a page that is opened then would have its part. @param {number} group */
async function atRest(group) {
  const LOOK = 500, LITTLE = 3; // ms; ticks, 6 % of one processor
  let before, now = ticksOf(group);
  do {
    before = now;
    await new Promise((resolve) => setTimeout(resolve, LOOK));
    now = ticksOf(group);
  } while (now - before > LITTLE);
}

/** Starts Chromium with a profile of its own, on the bench's page. */
export async function startBrowser() {
  const files = await serveFiles();
  const desk = await openDesk();
  const profile = mkdtempSync(join(tmpdir(), 'bench-chromium-'));
  const page = `${files.url}tests/bench/page.html?desk=${encodeURIComponent(desk.url)}`;
  const chromium = spawn(process.env.CHROMIUM ?? '/usr/bin/chromium', [...FLAGS, `--user-data-dir=${profile}`,
    '--window-size=1600,1000', page], { stdio: 'ignore', detached: true });
  const ended = once(chromium, 'exit');
  chromium.on('error', (error) => desk.fail(`Chromium cannot be started: ${error.message}`));
  chromium.on('exit', (code) => desk.fail(`Chromium ended: ${code}`));
  await desk.ask('ready', []);
  await atRest(/** @type {number} */ (chromium.pid));
  return {
    /** @param {string} name  of a function of page.js @param {any[]} args */
    ask: (name, ...args) => desk.ask(name, args),
    /** Bytes that the browser's processes have. */
    memory: () => memoryOf(/** @type {number} */ (chromium.pid)),
    async end() {
      process.kill(-(/** @type {number} */ (chromium.pid)), 'SIGKILL');
      await ended;
      desk.close();
      await files.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}
