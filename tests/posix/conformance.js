#!/usr/bin/env node
/**
 * Linux against the lab: runs each program of this folder on both and compares what it prints, line
 * by line. node tests/posix/conformance.js [NAME]... ; how a program is written: check.h.
 *
 * A difference is known when src/ARCHITECTURE.md lists it, with its reason, under "Differences from
 * Linux": an item that begins with code spans `NAME: BEGINNING OF THE LINE`, or `NAME:` for all of
 * a program. Any other difference is a failure, and so is an item that differs no longer.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Lab } from '../../web/runtime/lab.js';

const here = dirname(fileURLToPath(import.meta.url));
const top = join(here, '../..');
const SAFETY = 60_000; // milliseconds; a program that works ends long before

/** @typedef {{ lines: string[], end: string }} Run  end: how it ended */
/** @typedef {{ program: string, beginning: string }} Known */
/** @typedef {{ linux: string | undefined, lab: string | undefined }} Difference  undefined: no such line */
/** @typedef {{ program: string, checks: number, agree: number, known: Difference[], unknown: Difference[], stale: Known[] }} Result */

/** @param {string} name  raw sockets and packet sockets are for root on Linux */
const runsHere = (name) => !['raw', 'packet'].includes(name) || process.getuid?.() === 0;

export const programs = readdirSync(here).filter((file) => file.endsWith('.c')).map((file) => basename(file, '.c')).filter(runsHere).sort();

/** @param {Uint8Array[]} output @param {string} end @returns {Run} */
const run = (output, end) => ({ lines: Buffer.concat(output).toString('latin1').split('\n').filter(Boolean), end });

/** @param {string} program @returns {Promise<Run>} */
async function onLinux(program) {
  const cwd = mkdtempSync(join(tmpdir(), 'portside-')); // for what it makes by a relative path
  const path = join(top, 'build/native/tests/posix', program);
  const child = spawn(path, [], { cwd, stdio: ['ignore', 'pipe', 'inherit'], timeout: SAFETY, killSignal: 'SIGKILL' });
  /** @type {Uint8Array[]} */
  const output = [];
  child.stdout.on('data', (bytes) => output.push(bytes));
  const end = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(signal ?? `exit ${code}`));
  });
  rmSync(cwd, { recursive: true });
  return run(output, end);
}

/** How it ended. @param {Lab} lab @param {string} program @param {Uint8Array[]} output what it prints */
async function runIn(lab, program, output) {
  const path = `/tmp/${program}`;
  await lab.install(path, readFileSync(join(top, `build/tests/posix/${program}.wasm`)));
  const keep = { onData: (/** @type {Uint8Array} */ bytes, /** @type {() => void} */ done) => (output.push(bytes), done()) };
  const tell = {
    onData: (/** @type {Uint8Array} */ bytes, /** @type {() => void} */ done) => void process.stderr.write(bytes, () => done()),
  };
  const { exited } = await lab.spawn({ path, argv: [path], stdout: keep, stderr: tell });
  const { code, signal } = await exited;
  return signal ? `signal ${signal}` : `exit ${code}`;
}

/** @param {string} program @returns {Promise<Run>} */
async function inTheLab(program) {
  /** @type {Uint8Array[]} */
  const output = [];
  /** @type {(reason: string) => void} */
  let fail = () => {};
  const failed = new Promise((resolve) => { fail = resolve; });
  const lab = await Lab.boot({
    onLog: (line) => console.log(`# ${program}: ${line}`),
    onFailure: (message) => fail(`the kernel failed: ${message}`),
  });
  const timer = setTimeout(() => fail(`not ended after ${SAFETY / 1000} s`), SAFETY);
  const ended = runIn(lab, program, output).catch((error) => `the kernel failed: ${error.message}`);
  const end = await Promise.race([ended, failed]);
  clearTimeout(timer);
  lab.shutdown();
  return run(output, String(end));
}

/**
 * The lines of both in one order: the longest common subsequence of the calls, whatever they
 * answered. @param {string[]} linux @param {string[]} lab @returns {Difference[]}
 */
export function align(linux, lab) {
  const call = (/** @type {string} */ line) => line.split(' = ')[0];
  const length = Array.from({ length: linux.length + 1 }, () => new Uint16Array(lab.length + 1));
  for (let i = linux.length - 1; i >= 0; i--)
    for (let j = lab.length - 1; j >= 0; j--)
      length[i][j] = call(linux[i]) === call(lab[j]) ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
  /** @type {Difference[]} */
  const pairs = [];
  let i = 0, j = 0;
  while (i < linux.length || j < lab.length) {
    if (i < linux.length && j < lab.length && call(linux[i]) === call(lab[j])) pairs.push({ linux: linux[i++], lab: lab[j++] });
    else if (j === lab.length || (i < linux.length && length[i + 1][j] >= length[i][j + 1])) pairs.push({ linux: linux[i++], lab: undefined });
    else pairs.push({ linux: undefined, lab: lab[j++] });
  }
  return pairs;
}

/** The list in src/ARCHITECTURE.md. @returns {Known[]} */
export function knownDifferences() {
  const file = join(top, 'src/ARCHITECTURE.md');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const [, section = ''] = text.split(/^## Differences from Linux$/m);
  const items = section.split(/^## /m)[0].split(/^[-*] /m).slice(1);
  return items.flatMap((item) => {
    const [spans] = item.match(/^(`[^`]+`[,\s]*)+/) ?? [''];
    return [...spans.matchAll(/`([^`:]+): ?([^`]*)`/g)].map(([, program, beginning]) => ({ program, beginning }));
  });
}

/** @param {string} program @param {Known[]} known @returns {Promise<Result>} */
export async function compare(program, known) {
  const [linux, lab] = await Promise.all([onLinux(program), inTheLab(program)]);
  const pairs = align([...linux.lines, `# ended = ${linux.end}`], [...lab.lines, `# ended = ${lab.end}`]);
  const differences = pairs.filter((pair) => pair.linux !== pair.lab);
  const mine = known.filter((item) => item.program === program);
  const covers = (/** @type {Known} */ item, /** @type {Difference} */ { linux, lab }) =>
    (linux ?? lab ?? '').startsWith(item.beginning);
  return {
    program,
    checks: linux.lines.filter((line) => !line.startsWith('#')).length,
    agree: pairs.filter((pair) => pair.linux === pair.lab && !pair.linux?.startsWith('#')).length,
    known: differences.filter((difference) => mine.some((item) => covers(item, difference))),
    unknown: differences.filter((difference) => !mine.some((item) => covers(item, difference))),
    stale: mine.filter((item) => !differences.some((difference) => covers(item, difference))),
  };
}

/** What is to be said of a program, without the end of line. @param {Result} result */
export function report({ program, checks, agree, known, unknown, stale }) {
  const show = (/** @type {string} */ what) => (/** @type {Difference} */ { linux, lab }) =>
    [linux !== undefined && `  ${what} Linux: ${linux}`, lab !== undefined && `  ${what} lab:   ${lab}`].filter(Boolean).join('\n');
  return [
    `${program}: ${agree} of ${checks} checks agree`,
    ...known.map(show('known     ')),
    ...unknown.map(show('DIFFERENCE')),
    ...stale.map(({ beginning }) => `  listed in src/ARCHITECTURE.md, but does not differ: ${program}: ${beginning}`),
  ].join('\n');
}

/** @param {Result[]} results */
export function total(results) {
  const sum = (/** @type {(result: Result) => number} */ of) => results.reduce((n, result) => n + of(result), 0);
  const wrong = sum(({ unknown }) => unknown.length), stale = sum((result) => result.stale.length);
  return `${sum(({ agree }) => agree)} of ${sum(({ checks }) => checks)} checks agree with Linux; ` +
    `${sum(({ known }) => known.length)} differ as src/ARCHITECTURE.md says, ${wrong} otherwise` +
    (stale ? `, and it lists ${stale} that do not` : '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2);
  const known = knownDifferences();
  /** @type {Result[]} */
  const results = [];
  for (const program of names.length ? names : programs) {
    const result = await compare(program, known);
    console.log(report(result));
    results.push(result);
  }
  console.log(total(results));
  process.exit(results.some(({ unknown, stale }) => unknown.length || stale.length) ? 1 : 0);
}
