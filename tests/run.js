/**
 * Runs the tests that have been built, or only the suites named: node tests/run.js [SUITE]...
 * The suite peers, for which not every machine has the programs, wants to be named, or PEERS to be set.
 * A suite is `lint`, or a folder of tests/, whose *.test.js run under Node's test runner; the suite
 * kernel has also programs, in build/native/, build/asan/ and build/tsan/, that print TAP, and one in
 * build/fuzz/ that makes random calls, for FUZZ_SECONDS or half a minute. The last line is the total; the
 * exit status is 0 if something ran and nothing failed.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';

const top = join(dirname(fileURLToPath(import.meta.url)), '..');
const MINUTE = 60_000;
const FUZZER = 'build/fuzz/tests/kernel/fuzz';

/** @typedef {{ passed: number, failed: number }} Count */
/** What a line of output adds to a count. @typedef {(line: string, count: Count) => void} Counter */
/** @typedef {{ command: string[], counter: Counter, limit: number }} Command  limit: milliseconds */

/** @type {Counter} */
function countTap(line, count) {
  if (/# skip/i.test(line)) return;
  if (line.startsWith('ok ')) count.passed++;
  if (line.startsWith('not ok ')) count.failed++;
}

/** @type {Counter} */
function countNodeSummary(line, count) {
  const [, kind, number] = line.match(/^(?:ℹ|#) (pass|fail|cancelled) (\d+)$/) ?? [];
  if (kind === 'pass') count.passed += Number(number);
  else if (kind) count.failed += Number(number);
}

/** What failed, with what was said of it, to be said again at the end. @type {Map<string, string[]>} */
const failures = new Map();
const REASON = 25; // lines of it, at most

/** @type {Set<number>} groups of processes now running */
const running = new Set();

/** @param {number} group */
function kill(group) {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // it has ended
  }
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => {
    running.forEach(kill);
    process.exit(1);
  });

/**
 * Runs a command, showing what it prints. One that ends badly without saying which test failed, or
 * that has no tests, has failed once.
 * @param {Command} command @param {(line: string) => void} show
 * @returns {Promise<Count>}
 */
async function run({ command: [program, ...args], counter, limit }, show) {
  /** @param {string} what failed */
  const report = (what) => {
    show(`not ok - ${what}`);
    failures.set(`not ok - ${what}`, []);
  };
  const count = { passed: 0, failed: 0 };
  const env = { ...process.env, NO_COLOR: '1', MAKEFLAGS: '', NODE_TEST_CONTEXT: undefined };
  const child = spawn(program, args, { cwd: top, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const group = child.pid ?? 0;
  running.add(group);
  const timer = setTimeout(() => {
    report(`${program} did not end within ${limit / MINUTE} minutes`);
    kill(group);
  }, limit);
  const lines = createInterface({ input: child.stdout });
  /** @type {string[] | undefined} what is said of the one that failed last, up to where it was thrown */
  let reason;
  lines.on('line', (line) => {
    show(line);
    counter(line, count);
    if (/^(not ok |✖ (?!failing tests))/.test(line.trim())) {
      reason = [];
      failures.set(line.trim().replace(/ \([\d.]+ms\)$/, ''), reason);
    } else if (/^([^\s#]|\s+at )/.test(line)) reason = undefined; // TAP says why behind a #
    else if (reason && reason.length < REASON && line.trim()) reason.push(line);
  });
  const ended = new Promise((done) => {
    child.on('error', (error) => done(error.message));
    child.on('exit', (code, signal) => done(signal ?? code));
  });
  const printed = new Promise((done) => lines.on('close', done));
  const status = await ended;
  clearTimeout(timer);
  kill(group); // whatever it left behind, which may also hold its output open
  running.delete(group);
  await printed;
  if (count.failed === 0 && (status !== 0 || count.passed === 0)) {
    report(`${program}: ${status === 0 ? 'no tests' : `ended with ${status}`}`);
    count.failed = 1;
  }
  return count;
}

/** The names in a folder, in order; none if there is no such folder. @param {string} path */
function list(path) {
  const folder = statSync(join(top, path), { throwIfNoEntry: false });
  return folder?.isDirectory() ? readdirSync(join(top, path)).sort() : [];
}

/** libFuzzer prints much, and that only to standard error: shown is how it went. */
function fuzzer() {
  const seconds = Number(process.env.FUZZ_SECONDS ?? 30);
  const options = `-seed=1 -max_total_time=${seconds} -max_len=2000 -len_control=0 -timeout=20 -artifact_prefix=build/fuzz/`;
  const script = `if ${FUZZER} ${options} >${FUZZER}.log 2>&1
    then echo "ok random calls: $(grep DONE ${FUZZER}.log)"
    else grep -v '^#\\|NEW_FUNC' ${FUZZER}.log | head -60; echo 'not ok random calls'; fi`;
  return { command: ['sh', '-c', script], counter: countTap, limit: seconds * 1000 + 5 * MINUTE };
}

/** The commands of one suite, each with how to count. @param {string} suite */
function commandsOf(suite) {
  /** @type {Command[]} */
  const commands = [];
  if (suite === 'lint') {
    const command = ['sh', '-c', 'make --no-print-directory lint && echo ok lint || echo not ok lint'];
    commands.push({ command, counter: countTap, limit: 10 * MINUTE });
  }
  if (suite === 'kernel' && existsSync(join(top, FUZZER))) commands.push(fuzzer()); // the longest goes first
  const variants = suite === 'kernel' ? ['native', 'asan', 'tsan'] : [];
  for (const folder of variants.map((variant) => `build/${variant}/tests/kernel`))
    for (const name of list(folder).filter((name) => name.endsWith('_test')))
      commands.push({ command: [join(folder, name)], counter: countTap, limit: 5 * MINUTE });
  const files = list(`tests/${suite}`).filter((name) => name.endsWith('.test.js'));
  if (files.length > 0) {
    const paths = files.map((name) => join('tests', suite, name));
    const command = [process.execPath, '--test', '--test-reporter=spec', ...paths];
    commands.push({ command, counter: countNodeSummary, limit: 40 * MINUTE });
  }
  return commands;
}

/** Whether a suite runs though nobody has named it. @param {string} suite */
const wanted = (suite) => suite !== 'programs' && (suite !== 'peers' || !!process.env.PEERS);

const total = { passed: 0, failed: 0 };

/** Runs a command and adds to the total. @param {string} suite @param {Command} command @param {(line: string) => void} show */
async function runOne(suite, command, show) {
  show(`\n== ${suite}: ${command.command.filter((word) => !word.startsWith('-')).join(' ').split('\n')[0]}`);
  const began = performance.now();
  const { passed, failed } = await run(command, show);
  show(`${((performance.now() - began) / 1000).toFixed(0)} s`);
  total.passed += passed;
  total.failed += failed;
}

/** @typedef {{ suite: string, command: Command }} Job */
/** Suites that leave much of the machine idle, by how many of their commands run at a time. @type {Record<string, number>} */
const WAITING = { kernel: 4, lab: 2, libc: 2, net: 2, posix: 2, proxy: 2 };

/** One after the other. @param {Job[]} jobs to be emptied @param {boolean} alone  or each is shown when it has ended */
async function runInTurn(jobs, alone) {
  for (let job; (job = jobs.shift()); ) {
    /** @type {string[]} */
    const lines = [];
    await runOne(job.suite, job.command, alone ? console.log : (line) => lines.push(line));
    if (!alone) console.log(lines.join('\n'));
  }
}

const suites = process.argv.length > 2 ? process.argv.slice(2) : ['lint', ...list('tests').filter(wanted)];
const jobs = suites.flatMap((suite) => commandsOf(suite).map((command) => ({ suite, command })));
for (const lanes of [1, 2, 4]) {
  const chosen = jobs.filter(({ suite }) => (WAITING[suite] ?? 1) === lanes);
  await Promise.all(Array.from({ length: lanes }, () => runInTurn(chosen, lanes === 1)));
}
if (failures.size > 0) console.log(`\nFailed:\n${[...failures].map(([what, reason]) => [what, ...reason].join('\n')).join('\n')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
