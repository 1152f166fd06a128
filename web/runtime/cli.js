#!/usr/bin/env node
/**
 * The command line: compiles C programs and runs them in one lab.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { builtProgram } from '../build/built.js';
import { report } from '../build/exercise.js';
import { readLessons } from '../build/lessons.js';
import { runCheck } from './check.js';
import { HOME, HOSTS, Input, Lab } from './lab.js';
import { parseLink } from './links.js';
import { Toolchain } from './toolchain.js';

const USAGE = `usage: portside run [OPTIONS] [@HOST] FILE.c [ARGS] [:: [@HOST] FILE2.c [ARGS]]...

Compiles the programs and runs them in one lab of hosts alice, bob and carol (@HOST; alice unless
told otherwise). Each starts when those before it wait in the kernel or have ended. The last one has
standard input and output and gives the exit status; what the others print goes to standard error
behind [NAME]; when the last ends, the others are terminated.

  --proxy URL   the bridge to addresses outside the lab, such as ws://127.0.0.1:8001
  --pcap FILE   write every frame to FILE, as pcapng (read it with tshark or Wireshark)
  --dns HOST    run the lab's DNS server on HOST, and let programs ask it
  --link [HOST:]delay=50ms,jitter=5ms,loss=1%,duplicate=1%,reorder=1%,rate=10mbit,cut
                what the links between hosts do to what a host (each host) sends; may be repeated

       portside shell [OPTIONS] [@HOST] [FILE]...

Runs the lab's shell on a host. The files are in its home directory, and beside a C file the program
that was made of it.

       portside check FOLDER [FILE.c]...

Makes the check of the exercise in FOLDER (PART/LESSON/EXERCISE of a course that make has built) on
the programs compiled from the files: those in FOLDER unless told otherwise. The exit status is 0 if
it passes.
`;

/** @typedef {{ host: string | undefined, file: string, args: string[], name: string }} Program */

/** @param {string} message @returns {never} */
function wrong(message) {
  process.stderr.write(`portside: ${message}\n\n${USAGE}`);
  process.exit(2);
}

/**
 * @param {string[]} words
 * @returns {Program[]}
 */
function programs(words) {
  /** @type {string[][]} */
  const groups = [[]];
  for (const word of words) {
    if (word === '::') groups.push([]);
    else groups[groups.length - 1].push(word);
  }
  return groups.map(([first = '', ...rest]) => {
    const host = first.startsWith('@') ? first.slice(1) : undefined;
    const [file, ...args] = host === undefined ? [first, ...rest] : rest;
    if (!file?.endsWith('.c')) wrong(`expected a C file${host ? ` after @${host}` : ''}, got ${file ? `'${file}'` : 'nothing'}`);
    return { host, file, args, name: basename(file, '.c') };
  });
}

/**
 * @param {Toolchain} toolchain
 * @param {string} file
 */
async function compile(toolchain, file) {
  /** @type {string} */
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    process.stderr.write(`portside: ${file}: ${/** @type {Error} */ (error).message}\n`);
    process.exit(1);
  }
  const { ok, wasm, output, plain } = await toolchain.compile({ files: { [basename(file)]: text }, main: basename(file) });
  process.stderr.write(process.stderr.isTTY ? output : plain);
  if (!ok || !wasm) process.exit(1);
  return wasm;
}

/** @param {NodeJS.WriteStream} stream */
const to = (stream) => ({
  onData: (/** @type {Uint8Array} */ bytes, /** @type {() => void} */ done) => void stream.write(bytes, () => done()),
});

/** Whole lines, each behind the program's name. @param {string} name */
function labelled(name) {
  let rest = '';
  const decoder = new TextDecoder();
  return {
    onData: (/** @type {Uint8Array} */ bytes, /** @type {() => void} */ done) => {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      process.stderr.write(lines.map((line) => `[${name}] ${line}\n`).join(''), () => done());
    },
    flush: () => void (rest && process.stderr.write(`[${name}] ${rest}\n`)),
  };
}

/** The last program's terminal, when ours is one: keys go in as they come. @param {Lab} lab @param {string | undefined} host */
async function ownTerminal(lab, host) {
  const { stdin, stdout } = process;
  const terminal = await lab.terminal({
    host, shell: false, cols: stdout.columns, rows: stdout.rows, onOutput: to(stdout).onData,
  });
  stdout.on('resize', () => terminal.resize(stdout.columns, stdout.rows));
  stdin.setRawMode(true);
  stdin.on('data', (keys) => terminal.input(keys));
  return { stdin: terminal, stdout: terminal, stderr: terminal };
}

function ownPipes() {
  const input = new Input();
  process.stdin.on('data', (bytes) => input.write(bytes));
  process.stdin.on('end', () => input.end());
  return { stdin: input, stdout: to(process.stdout), stderr: to(process.stderr) };
}

/**
 * A --link as its hosts (none: all) and settings.
 * @param {string} option
 */
function readLink(option) {
  const [, host, settings] = /** @type {RegExpMatchArray} */ (option.match(/^(?:([^:=,]*):)?(.*)$/));
  try {
    return { host, link: parseLink(settings.split(',')) };
  } catch (error) {
    return wrong(`--link: ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * Writes every frame to a file. Answers what ends it.
 * @param {Lab} lab
 * @param {string} path
 */
async function writeCapture(lab, path) {
  const file = createWriteStream(path);
  await once(file, 'open').catch((error) => wrong(`--pcap: ${error.message}`));
  const end = await lab.capture((bytes, done) => void file.write(bytes, () => done()));
  return async () => {
    const dropped = await end();
    if (dropped) process.stderr.write(`portside: ${dropped} frames are missing in ${path}: it could not be written fast enough\n`);
    file.end();
    await once(file, 'close');
  };
}

/** @typedef {{ proxy?: string, pcap?: string, dns?: string, link?: string[] }} LabOptions */

/**
 * The lab that the options describe. What it gives with it ends the capture, if there is one.
 * @param {Toolchain} toolchain
 * @param {LabOptions} options
 */
async function boot(toolchain, { proxy = undefined, pcap, dns, link = [] }) {
  const links = link.map(readLink);
  if (dns !== undefined && !HOSTS.some(({ name }) => name === dns)) wrong(`--dns: there is no host '${dns}' in the lab`);
  const lab = await Lab.boot({
    proxy: proxy ?? null, dns,
    make: (words, files) => toolchain.make(words, files),
    symbolize: (program, offsets) => toolchain.symbolize(program, offsets),
    onLog: (line) => process.stderr.write(`portside: ${line}\n`),
    onFailure: (message) => {
      process.stderr.write(`portside: the kernel failed: ${message}\n`);
      process.exit(70);
    },
  });
  for (const { host, link: settings } of links) {
    const names = host ? [host] : HOSTS.map(({ name }) => name);
    for (const name of names) await lab.link(name, settings).catch((error) => wrong(`--link: ${error.message}`));
  }
  return { lab, endCapture: pcap ? await writeCapture(lab, pcap) : async () => {} };
}

/** Ends, as the program did, once all is written. @param {Lab} lab @param {number} code */
function leave(lab, code) {
  lab.shutdown();
  if (process.stdin.isTTY) process.stdin.setRawMode(false);
  process.stdout.write('', () => process.exit(code));
}

/** What a program has that is ours to talk to. @param {Lab} lab @param {string | undefined} host */
const ownStreams = (lab, host) => (process.stdin.isTTY && process.stdout.isTTY ? ownTerminal(lab, host) : ownPipes());

/**
 * @param {string[]} words
 * @param {LabOptions} options
 */
async function shell(words, options) {
  const host = words[0]?.startsWith('@') ? words[0].slice(1) : undefined;
  const files = host === undefined ? words : words.slice(1);
  const toolchain = await Toolchain.load({});
  const { lab, endCapture } = await boot(toolchain, options);
  for (const file of files) {
    const path = `${HOME}/${basename(file)}`;
    await lab.install(path, await readFile(file).catch((error) => wrong(error.message)), 0o644);
    if (file.endsWith('.c')) await lab.install(path.slice(0, -2), await compile(toolchain, file));
  }
  const started = await lab.spawn({ path: '/bin/sh', argv: ['sh'], host, ...(await ownStreams(lab, host)) });
  const { code } = await started.exited;
  await endCapture();
  leave(lab, code);
}

/**
 * @param {Program[]} list
 * @param {LabOptions} options
 */
async function run(list, options) {
  const toolchain = await Toolchain.load({});
  const compiled = [];
  for (const { file } of list) compiled.push(await compile(toolchain, file));
  const { lab, endCapture } = await boot(toolchain, options);
  const flushes = [];
  for (const [i, { host, args, name }] of list.entries()) {
    const path = `${HOME}/${name}`;
    await lab.install(path, compiled[i]);
    const last = i === list.length - 1;
    const out = labelled(name), err = labelled(name);
    if (!last) flushes.push(out.flush, err.flush);
    const io = last ? await ownStreams(lab, host) : { stdout: out, stderr: err };
    const started = await lab.spawn({ path, argv: [`./${name}`, ...args], host, ...io });
    if (!last) {
      await started.slept;
      continue;
    }
    const { code } = await started.exited;
    for (const flush of flushes) flush();
    await endCapture();
    leave(lab, code);
  }
}

/** @param {string[]} words  of the command check */
async function checkExercise([folder, ...files]) {
  if (!folder) wrong('say which exercise: the folder that has its exercise.md');
  const path = resolve(folder);
  const root = dirname(dirname(dirname(path)));
  const id = relative(root, path);
  const { lessons, problems } = readLessons(root);
  const exercise = lessons.flatMap(({ exercises }) => exercises).find((one) => one.id === id);
  if (!exercise) wrong(`${folder} is no exercise of a course${problems.map((problem) => `\n${problem}`).join('')}`);
  const paths = files.length > 0 ? files : exercise.files.map(({ name }) => join(path, name));
  const missing = exercise.files.find(({ name }) => !paths.some((file) => basename(file) === name));
  if (missing) wrong(`${missing.name} is missing: the exercise has ${exercise.files.map(({ name }) => name).join(', ')}`);
  const checker = await readFile(builtProgram(root, `${id}/check.c`).wasm).catch(() => wrong(`${id} is not built: make course LESSONS=${root}`));
  const toolchain = await Toolchain.load({});
  /** @type {Record<string, Uint8Array>} */
  const programs = {};
  for (const file of paths) programs[basename(file, '.c')] = await compile(toolchain, file);
  const outcome = await runCheck({
    programs, checker, servers: exercise.servers, links: exercise.links,
    symbolize: (program, offsets) => toolchain.symbolize(program, offsets),
  });
  process.stdout.write(`${report(outcome)}\n`, () => process.exit(outcome.passed ? 0 : 1));
}

/** @param {string[]} words  the options come first; what follows is the programs' */
function parseOptions(words) {
  const options = /** @type {const} */ ({
    proxy: { type: 'string' }, pcap: { type: 'string' }, dns: { type: 'string' }, link: { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h' },
  });
  let end = 0;
  while (words[end]?.startsWith('-')) end += /^--(proxy|pcap|dns|link)$/.test(words[end]) ? 2 : 1;
  return { values: parseArgs({ args: words.slice(0, end), options }).values, rest: words.slice(end) };
}

const [command, ...words] = process.argv.slice(2);
if (command === '--help' || command === '-h') {
  process.stdout.write(USAGE);
} else if (command === 'check') {
  await checkExercise(words);
} else if (command !== 'run' && command !== 'shell') {
  wrong(command ? `unknown command '${command}'` : 'say what to do');
} else {
  try {
    const { values, rest } = parseOptions(words);
    if (values.help) process.stdout.write(USAGE);
    else if (command === 'shell') await shell(rest, values);
    else await run(programs(rest), values);
  } catch (error) {
    if (!String(/** @type {any} */ (error).code).startsWith('ERR_PARSE_ARGS')) throw error;
    wrong(/** @type {Error} */ (error).message);
  }
}
