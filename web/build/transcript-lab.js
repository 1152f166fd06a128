/** Runs what a lesson's text shows of terminals, in a lab, and compares. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOME, Lab } from '../runtime/lab.js';
import { builtProgram, programOf } from './built.js';
import { PROMPT, matches, typedIn } from './transcripts.js';

const PATIENCE = 15_000, QUIET = 100; // milliseconds
/** @type {Record<string, string>} */
const KEYS = { '^C': '\x03', '^D': '\x04' };

/** @typedef {import('./transcripts.js').Block} Block */

/** One block's terminal. */
class Shown {
  /** @type {import('../runtime/lab.js').Terminal | undefined} */
  terminal;
  #text = '';
  /** The process group that has it. */
  foreground = 0;
  changed = performance.now();
  #decoder = new TextDecoder();

  /** @param {Lab} lab @param {string} host */
  static async open(lab, host) {
    const self = new Shown();
    self.terminal = await lab.terminal({
      host,
      cols: 1000,
      onOutput: (bytes, done) => {
        self.#text += self.#decoder.decode(bytes, { stream: true });
        self.changed = performance.now();
        done();
      },
      onForeground: (group) => { self.foreground = group; },
    });
    return self;
  }

  get text() {
    return this.#text.replaceAll('\r', '');
  }

  get prompts() {
    const last = this.text.split('\n').pop() ?? '';
    return last !== '' && last === PROMPT.exec(last)?.[0];
  }

  /** @param {Set<number>} slept */
  resting(slept) {
    return performance.now() - this.changed > QUIET && (this.prompts || (this.foreground !== this.terminal?.shell && slept.has(this.foreground)));
  }
}

/** @param {() => boolean} condition @param {number} end */
async function until(condition, end) {
  while (!condition() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  return condition();
}

/**
 * Types what the block says, each line when what it stands behind is there, and all terminals rest.
 * @param {Block} block
 * @param {Shown} shown
 * @param {() => Promise<boolean>} rest
 */
async function act(block, shown, rest) {
  for (const [i, line] of block.lines.entries()) {
    const [prompt] = PROMPT.exec(line) ?? [''];
    const own = prompt ? null : typedIn(line); // a program's
    const typed = own ? own.typed : line.slice(prompt.length);
    if (!prompt && !own) continue;
    if (own) {
      const before = { ...block, lines: block.lines.slice(0, i).concat(own.prompt || []) };
      await until(() => matches(before, shown.text), performance.now() + PATIENCE);
    }
    await rest();
    if (prompt) await until(() => shown.prompts, performance.now() + PATIENCE);
    const before = shown.text;
    shown.changed = performance.now();
    shown.terminal?.input(KEYS[typed] ?? `${typed}\n`);
    if (prompt) await until(() => shown.text !== before, performance.now() + PATIENCE); // the shell echoes it
  }
}

/**
 * @param {string} root
 * @param {import('./lessons.js').Lesson} lesson
 * @param {import('./transcripts.js').Session} session
 * @returns {Promise<string[]>} what differs
 */
async function runSession(root, lesson, session) {
  /** @type {Set<number>} */
  const slept = new Set();
  /** @type {string[]} */
  const failures = [];
  const lab = await Lab.boot({ servers: lesson.servers, onSlept: (pid) => slept.add(pid), onFailure: (message) => failures.push(`the lab broke down: ${message}`) });
  try {
    for (const { host, settings } of lesson.links) await lab.link(host, settings);
    for (const { name } of lesson.files) {
      await lab.install(`${HOME}/${programOf(name)}`, readFileSync(builtProgram(root, `${lesson.id}/${name}`).wasm));
    }
    /** @type {Shown[]} */
    const terminals = [];
    const rest = () => until(() => terminals.every((shown) => shown.resting(slept)), performance.now() + PATIENCE);
    for (const block of session.blocks) {
      const shown = await Shown.open(lab, block.host);
      terminals.push(shown);
      await act(block, shown, rest);
    }
    const right = () => session.blocks.every((block, i) => matches(block, terminals[i].text));
    if (await until(right, performance.now() + PATIENCE)) await rest();
    session.blocks.forEach((block, i) => {
      if (!matches(block, terminals[i].text)) {
        failures.push(`${join(lesson.folder, 'lesson.md')}:${block.line}: this terminal shows in truth:\n${terminals[i].text.trimEnd().replace(/^/gm, '    ')}`);
      }
    });
  } finally {
    lab.shutdown();
  }
  return failures;
}

/**
 * @param {string} root the course's folder
 * @param {import('./lessons.js').Lesson} lesson
 * @returns {Promise<string[]>} what differs, in words
 */
export async function runTranscripts(root, lesson) {
  const failures = [];
  for (const session of lesson.sessions) failures.push(...(await runSession(root, lesson, session)));
  return failures;
}
