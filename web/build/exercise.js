/** Checks of a course's exercises, with what the Makefile built of them: for teachers and tests. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runCheck } from '../runtime/check.js';
import { builtProgram, programOf } from './built.js';
import { runNatively } from './native.js';

/**
 * @typedef {import('./lessons.js').Exercise} Exercise
 * @typedef {import('../runtime/check.js').Outcome} Outcome
 * @typedef {{ wasm: string, native: string, source?: string }} Built   paths
 */

/**
 * The exercise's programs: its starters, or its solution.
 * @param {string} root the course's folder
 * @param {Exercise} exercise
 * @param {'starter' | 'solution'} which
 * @returns {Record<string, Built>}
 */
export function programsOf(root, { id, files }, which) {
  const folder = which === 'solution' ? `${id}/solution` : id;
  return Object.fromEntries(files.map(({ name }) => [
    programOf(name),
    { ...builtProgram(root, `${folder}/${name}`), source: join(root, folder, name) },
  ]));
}

/**
 * @param {string} root
 * @param {Exercise} exercise
 * @param {Record<string, Built>} programs
 * @param {'native' | 'lab'} where
 * @param {{ patience?: number, symbolize?: import('../runtime/lab.js').Symbolize }} [options]
 * @returns {Promise<Outcome>}
 */
export function check(root, exercise, programs, where, { patience, symbolize } = {}) {
  const checker = { ...builtProgram(root, `${exercise.id}/check.c`), source: join(exercise.folder, 'check.c') };
  const paths = Object.entries(programs);
  for (const built of [...Object.values(programs), checker]) mustBeBuilt(where === 'lab' ? built.wasm : built.native, built.source);
  if (where === 'native') {
    return runNatively({ programs: Object.fromEntries(paths.map(([name, { native }]) => [name, native])), checker: checker.native, patience });
  }
  return runCheck({
    programs: Object.fromEntries(paths.map(([name, { wasm }]) => [name, readFileSync(wasm)])),
    checker: readFileSync(checker.wasm),
    servers: exercise.servers,
    links: exercise.links,
    patience,
    symbolize,
    limit: 60_000, // a busy machine
  });
}

/** @param {string} path @param {string} [source] */
function mustBeBuilt(path, source) {
  const built = existsSync(path) && (!source || statSync(path).mtimeMs >= statSync(source).mtimeMs);
  if (!built) throw new Error(`${path} was not built: it does not compile, or make has not been run`);
}

/** As a terminal shows it. @param {Outcome} outcome */
export function report({ results, problem, complaints }) {
  const lines = results.flatMap(({ ok, title, lines: more }) => [`${ok ? 'passed' : 'FAILED'}: ${title}`, ...more.map((line) => `    ${line}`)]);
  return [...lines, ...(problem ? [problem] : []), ...(complaints ? [complaints.trimEnd()] : [])].join('\n');
}
