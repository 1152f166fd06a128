/** The programs of the lab's /bin. */
import { readAsset } from './platform.js';

/** @typedef {{ program: string, size: number, names: string[] }} Command  names: what it is called, too */

export class Commands {
  shell = new Uint8Array();
  /** Those that are fetched when they are first run: programs/commands.json. @type {Command[]} */
  list = [];
  #assets;

  /** @param {string} assets  the folder with programs/ */
  constructor(assets) {
    this.#assets = assets;
  }

  /** Has the shell, and the list of the others. */
  async load() {
    const [shell, list] = await Promise.all([this.#read('sh.wasm'), this.#read('commands.json')]);
    this.shell = shell;
    this.list = JSON.parse(new TextDecoder().decode(list));
  }

  /** @param {number} number  its place in the list, from 1 */
  fetch(number) {
    return this.#read(`${this.list[number - 1].program}.wasm`);
  }

  /** @param {string} name */
  #read(name) {
    return readAsset(new URL(`programs/${name}`, this.#assets));
  }
}
