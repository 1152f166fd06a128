/** The lines `key: value` at the top of a lesson or an exercise, and what their values mean. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HOSTS } from '../runtime/lab.js';
import { parseLink } from '../runtime/links.js';

const top = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * @typedef {(line: number, message: string) => void} Report   line 0: the file as a whole
 * @typedef {{ name: string, text: string }} File
 * @typedef {{ host: string, settings: import('../runtime/lab.js').Link }} LinkItem
 *
 * @typedef {object} Terminal
 * @property {string} file   the C file that its Run button runs
 * @property {string} host   the lab's host that it is on
 * @property {string} args   what Run types behind the program's name
 *
 * @typedef {object} Setting   what a bench has: a lesson's, or an exercise's
 * @property {File[]} files
 * @property {Terminal[]} terminals
 * @property {string[]} servers   of src/lab, each on a host of its own
 * @property {LinkItem[]} links
 */

/**
 * @param {string} source
 * @param {{ needed: string[], optional: string[] }} keys
 * @param {Report} report
 * @returns {{ values: Record<string, string>, markdown: string, textLine: number }}
 *     textLine: at which the text begins, counted from 0
 */
export function frontMatter(source, { needed, optional }, report) {
  const keys = [...needed, ...optional];
  const lines = source.split('\n');
  const end = lines.indexOf('---', 1);
  /** @type {Record<string, string>} */
  const values = {};
  if (lines[0] !== '---' || end === -1) {
    const last = needed[needed.length - 1];
    report(1, `it must begin with its ${needed.slice(0, -1).join(', ')} and ${last} between two lines ---`);
    return { values, markdown: source, textLine: 0 };
  }
  lines.slice(1, end).forEach((line, i) => {
    const match = /^(\w+):\s*(.+?)\s*$/.exec(line);
    if (!match) report(i + 2, `"${line}" is not of the form key: value`);
    else if (!keys.includes(match[1])) report(i + 2, `${match[1]} is unknown here; known are ${keys.join(', ')}`);
    else if (match[1] in values) report(i + 2, `${match[1]} is said twice`);
    else values[match[1]] = match[2];
  });
  for (const key of needed) if (!(key in values)) report(1, `${key} is missing`);
  return { values, markdown: lines.slice(end + 1).join('\n'), textLine: end + 1 };
}

/** @param {string|undefined} value */
export function list(value) {
  return (value ?? '').split(',').map((item) => item.trim()).filter((item) => item !== '');
}

/**
 * @param {Record<string, string>} values
 * @param {string} folder
 * @param {Report} report
 * @param {string[]} [others] C files that lie there for another reason
 * @returns {Setting}
 */
export function readSetting(values, folder, report, others = []) {
  const names = list(values.files);
  return {
    files: readFiles(folder, names, others, report),
    terminals: readTerminals(values, names, report),
    servers: readServers(values.servers, report),
    links: readLinks(values, report),
  };
}

/**
 * @param {string} folder
 * @param {string[]} names
 * @param {string[]} others
 * @param {Report} report
 */
function readFiles(folder, names, others, report) {
  const files = [];
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) !== i) report(0, `files names ${name} twice`);
    else if (!/^[a-z][a-z0-9_-]*\.c$/.test(name)) report(0, `files: ${name} is not a name such as server.c`);
    else if (!existsSync(join(folder, name))) report(0, `files names ${name}, which is not there`);
    else files.push({ name, text: readFileSync(join(folder, name), 'utf8') });
  }
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.c') && !names.includes(name) && !others.includes(name)) {
      report(0, `${name} lies beside it, but files does not name it`);
    }
  }
  return files;
}

/**
 * Each is written `server.c on alice` or `client.c on bob with alice 9999`.
 * @param {Record<string, string>} values
 * @param {string[]} names
 * @param {Report} report
 * @returns {Terminal[]}
 */
function readTerminals({ terminals, args = '' }, names, report) {
  if (terminals === undefined) return names.map((file) => ({ file, host: HOSTS[0].name, args }));
  const read = [];
  for (const item of list(terminals)) {
    const match = /^(\S+) on (\S+)(?: with (\S.*))?$/.exec(item);
    if (!match) report(0, `terminals: "${item}" is not of the form FILE on HOST, or FILE on HOST with ARGUMENTS`);
    else if (!names.includes(match[1])) report(0, `terminals: ${match[1]} is not one of the files`);
    else if (!HOSTS.some(({ name }) => name === match[2])) {
      report(0, `terminals: there is no host ${match[2]}; there are ${HOSTS.map(({ name }) => name).join(', ')}`);
    } else read.push({ file: match[1], host: match[2], args: match[3] ?? '' });
  }
  return read;
}

/** @param {string|undefined} value @param {Report} report */
function readServers(value, report) {
  return list(value).filter((name) => {
    const known = /^[a-z][a-z0-9]*$/.test(name) && existsSync(join(top, 'src/lab', `${name}.c`));
    if (!known) report(0, `servers: there is no server ${name} in src/lab`);
    return known;
  });
}

/**
 * Each is written `bob delay=50ms loss=10%`.
 * @param {Record<string, string>} values
 * @param {Report} report
 */
function readLinks({ link, servers }, report) {
  /** @type {LinkItem[]} */
  const links = [];
  const hosts = [...HOSTS.map(({ name }) => name), ...list(servers)];
  for (const item of list(link)) {
    const [host, ...words] = item.split(/\s+/);
    try {
      if (!hosts.includes(host)) throw new Error(`there is no host ${host}; there are ${hosts.join(', ')}`);
      if (words.length === 0) throw new Error(`"${item}" does not say what ${host}'s link does`);
      links.push({ host, settings: parseLink(words) });
    } catch (error) {
      report(0, `link: ${/** @type {Error} */ (error).message}`);
    }
  }
  return links;
}
