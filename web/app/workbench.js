/** The lab as the page uses it: programs built from the editor's files and run in terminals. */
import { siteConfig } from './config.js';
import { all } from './dom.js';
import { HOME, Lab } from '../runtime/lab.js';

const soonAgain = 10_000; // milliseconds

/**
 * @typedef {import('./screen.js').Screen} Screen
 * @typedef {import('../runtime/toolchain.js').Diagnostic} Diagnostic
 * @typedef {{ ok: boolean, wasm?: Uint8Array, output: string, plain: string, diagnostics: Diagnostic[] }} Built
 *
 * What the page says of a lab.
 * @typedef {object} Setting
 * @property {URL} root                          the site's root
 * @property {URL} base                          the folder of the files' own programs
 * @property {string[]} names                    of those
 * @property {string[]} [servers]
 * @property {{ host: string, settings: import('../runtime/lab.js').Link }[]} [links]
 * @property {boolean} [free]                    no program comes with the page, and files may be added
 *
 * @typedef {object} Parts
 * @property {import('./files.js').Files} files
 * @property {() => Iterable<[name: string, text: string]>} texts  what the editor has
 * @property {import('./home.js').Home} home
 * @property {import('./compiler.js').Compiler} compiler
 * @property {() => Screen[]} screens
 * @property {(lab: Lab) => void} onLab         the lab runs
 * @property {(message: string, soon: boolean) => void} onFailure   the lab is gone; soon: after another one
 */

/** @param {HTMLElement} section a bench's @param {URL} root @returns {Setting} */
export function settingOf(section, root) {
  return {
    ...JSON.parse(section.dataset.setting ?? '{}'),
    root,
    base: new URL(section.dataset.base ?? '', location.href),
    names: all('.listing', section).map(({ dataset }) => dataset.file ?? ''),
  };
}

export class Workbench {
  #setting;
  /** @type {Parts|undefined} */
  #given;
  /** A lab that boots before there is who uses it. @type {Promise<Lab>|undefined} */
  #begun;
  /** @type {Lab|undefined} */
  #lab;
  /** @type {Promise<void>|undefined} */
  #started;
  #failed = -Infinity;
  /** Counts starts and stops: a lab that boots meanwhile is not wanted any more. */
  #turn = 0;
  /** What each file was last compiled to, or is being. @type {Map<string, { text: string, built: Promise<Built> }>} */
  #built = new Map();
  /** What came with the page. @type {Map<string, Promise<Uint8Array>>} */
  #prebuilt = new Map();

  /** @param {Setting} setting */
  constructor(setting) {
    this.#setting = setting;
  }

  /** Gives it what uses the lab, without which it cannot start. @param {Parts} parts */
  equip(parts) {
    this.#given = parts;
  }

  get #parts() {
    if (!this.#given) throw new Error('a lab is used before its terminals are there');
    return this.#given;
  }

  /** Boots the lab ahead of start(), which will tell if that fails. */
  begin() {
    this.#begun = this.#boot();
    this.#begun.catch(() => {});
    this.#programs();
  }

  /** Starts the lab, with the lesson's own programs in it and a shell in each terminal. */
  start() {
    this.#started = this.#start();
    return this.#started;
  }

  /** Keeps what is in the home directory now. */
  async saveHome() {
    if (this.#lab) await this.#parts.home.save(this.#lab);
  }

  /** Ends the lab, if there is one, once its home is kept. */
  stop() {
    this.#turn++;
    void this.#begun?.then((lab) => lab.shutdown(), () => {});
    this.#begun = undefined;
    const lab = this.#lab;
    if (lab) this.#parts.home.save(lab).catch(() => {}).finally(() => lab.shutdown());
    this.#lab = undefined;
    for (const screen of this.#parts.screens()) screen.detach();
  }

  #programs() {
    const { free, names } = this.#setting;
    return free ? [] : names.map((name) => this.prebuilt(name));
  }

  async #boot() {
    const { root, servers } = this.#setting;
    const { proxy } = await siteConfig();
    return Lab.boot({
      assets: new URL('runtime/', root),
      proxy,
      servers,
      make: async (words, sources) => (await this.#parts.compiler.load()).make(words, sources),
      symbolize: (program, offsets) => this.symbolize(program, offsets),
      onLog: (line) => console.info(line),
      onFailure: (message) => this.#fail(message),
    });
  }

  async #start() {
    const { names, links = [] } = this.#setting;
    const { screens } = this.#parts;
    const turn = ++this.#turn;
    const programs = this.#programs();
    const booting = this.#begun ?? this.#boot();
    this.#begun = undefined;
    const lab = await booting;
    await lab.record();
    for (const { host, settings } of links) await lab.link(host, settings);
    for (const [i, program] of programs.entries()) await lab.install(pathOf(names[i]), await program);
    await this.#parts.home.restore(lab);
    for (const [name, text] of this.#parts.texts()) await putSource(lab, name, text);
    if (turn !== this.#turn) return lab.shutdown();
    await Promise.all(screens().map((screen) => screen.attach(lab)));
    if (turn !== this.#turn) return lab.shutdown();
    this.#lab = lab;
    this.#parts.onLab(lab);
  }

  /** What the editor has is in the home directory, too. @param {string} name @param {string} text */
  edited(name, text) {
    if (this.#lab) void putSource(this.#lab, name, text);
  }

  /** A terminal more, if the lab runs; else it comes with the next one. @param {Screen} screen */
  async addScreen(screen) {
    if (this.#lab) await screen.attach(this.#lab);
  }

  /** Whether the page brought this text's program along. @param {string} name @param {string} text */
  hasProgram(name, text) {
    return !this.#setting.free && text === this.#parts.files.starter(name);
  }

  /**
   * What a file is compiled to; the lesson's own text is there already.
   * @param {string} name
   * @param {Record<string, string>} files its text, and the headers
   * @returns {Promise<Built>}
   */
  async build(name, files) {
    if (this.hasProgram(name, files[name])) {
      return { ok: true, wasm: await this.prebuilt(name), output: '', plain: '', diagnostics: [] };
    }
    const text = JSON.stringify(files);
    const before = this.#built.get(name);
    if (before?.text === text) return before.built;
    const built = this.#parts.compiler.load().then((toolchain) => toolchain.compile({ files, main: name }));
    this.#built.set(name, { text, built });
    built.catch(() => this.#built.delete(name)); // it may succeed another time
    return built;
  }

  /**
   * Puts the program in the place of the one that the terminal runs, and starts it there.
   * @param {Screen} screen
   * @param {string} name
   * @param {string} args
   * @param {Uint8Array} wasm
   */
  async run(screen, name, args, wasm) {
    await this.#started; // a terminal may be ready before the last one is
    await screen.stop();
    await this.#lab?.install(pathOf(name), wasm);
    screen.type(`./${programOf(name)}${args && ` ${args}`}`);
  }

  /**
   * Where in the source a program broke. Nobody waits for a compiler that is not there yet.
   * @param {Uint8Array<ArrayBuffer>} program
   * @param {number[]} offsets
   */
  async symbolize(program, offsets) {
    const { compiler } = this.#parts;
    return compiler.progress.state === 'ready' ? (await compiler.load()).symbolize(program, offsets) : [];
  }

  /** The program that came with the page. @param {string} name */
  prebuilt(name) {
    const known = this.#prebuilt.get(name);
    if (known) return known;
    const fetched = fetchProgram(new URL(`${programOf(name)}.wasm`, this.#setting.base));
    this.#prebuilt.set(name, fetched);
    fetched.catch(() => this.#prebuilt.delete(name)); // it may come another time
    return fetched;
  }

  /** @param {string} message */
  #fail(message) {
    if (!this.#lab) return; // start() rejects
    const soon = performance.now() - this.#failed < soonAgain;
    this.#failed = performance.now();
    this.#lab = undefined;
    for (const screen of this.#parts.screens()) screen.detach();
    this.#parts.onFailure(message, soon);
  }
}

/** A directory that somebody has made in its place stays. @param {Lab} lab @param {string} name @param {string} text */
async function putSource(lab, name, text) {
  await lab.install(`${HOME}/${name}`, new TextEncoder().encode(text), 0o644).catch(() => {});
}

/** @param {URL} url */
async function fetchProgram(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** @param {string} file */
function programOf(file) {
  return file.replace(/\.c$/, '');
}

/** @param {string} file */
function pathOf(file) {
  return `${HOME}/${programOf(file)}`;
}
