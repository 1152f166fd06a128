/**
 * Reads the lessons' folders: PART/LESSON/lesson.md with the files beside it.
 * What is wrong with one is said in words, with file and line; nothing is thrown for it.
 */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What a block of code in a lesson can be; `text` is also for a program's output. */
export const languages = ['c', 'python', 'sh', 'text'];

const keys = ['title', 'part', 'order', 'files', 'terminals'];

/**
 * @typedef {object} Terminal
 * @property {string} file   the C file that its Run button runs
 * @property {string} host   the lab's host that it is on
 *
 * @typedef {object} Lesson
 * @property {string} id         its folder and its address: `tcp/simple`
 * @property {string} folder
 * @property {string} title
 * @property {string} part
 * @property {number} order      its place within the part
 * @property {{ name: string, text: string }[]} files
 * @property {Terminal[]} terminals
 * @property {string} markdown   the text, without the front matter
 * @property {number} textLine   the line of lesson.md at which the text begins, counted from 0
 *
 * @typedef {(line: number, message: string) => void} Report   line 0: the file as a whole
 */

/**
 * @param {string} root the folder of all lessons
 * @returns {{ lessons: Lesson[], problems: string[] }} the lessons in the course's order
 */
export function readLessons(root) {
  /** @type {string[]} */
  const problems = [];
  /** @type {Lesson[]} */
  const lessons = [];
  for (const id of lessonFolders(root)) {
    const path = join(root, id, 'lesson.md');
    const report = (/** @type {number} */ line, /** @type {string} */ message) => {
      problems.push(line > 0 ? `${path}:${line}: ${message}` : `${path}: ${message}`);
    };
    if (!existsSync(path)) report(0, 'this file is missing');
    else lessons.push(readLesson(id, join(root, id), report));
  }
  reportTwins(root, lessons, problems);
  lessons.sort((a, b) => a.part.localeCompare(b.part) || a.order - b.order);
  return { lessons, problems };
}

/** @param {string} root */
function lessonFolders(root) {
  const folders = (/** @type {string} */ path) =>
    readdirSync(path).filter((name) => statSync(join(path, name)).isDirectory()).sort();
  return folders(root).flatMap((part) => folders(join(root, part)).map((name) => `${part}/${name}`));
}

/**
 * @param {string} id
 * @param {string} folder
 * @param {Report} report
 * @returns {Lesson}
 */
function readLesson(id, folder, report) {
  const source = readFileSync(join(folder, 'lesson.md'), 'utf8');
  const { values, textLine } = frontMatter(source, report);
  const markdown = source.split('\n').slice(textLine).join('\n');
  checkText(markdown, textLine, folder, report);

  const names = list(values.files);
  const order = Number(values.order);
  if (values.order !== undefined && !Number.isInteger(order)) {
    report(0, `order is ${values.order}, which is not a whole number`);
  }
  return {
    id,
    folder,
    title: values.title ?? id,
    part: values.part ?? '',
    order,
    files: readFiles(folder, names, report),
    terminals: readTerminals(values.terminals, names, report),
    markdown,
    textLine,
  };
}

/**
 * The lines `key: value` between the two lines `---` at the top.
 * @param {string} source
 * @param {Report} report
 * @returns {{ values: Record<string, string>, textLine: number }}
 */
function frontMatter(source, report) {
  const lines = source.split('\n');
  const end = lines.indexOf('---', 1);
  /** @type {Record<string, string>} */
  const values = {};
  if (lines[0] !== '---' || end === -1) {
    report(1, 'it must begin with its title, part, order, files and terminals between two lines ---');
    return { values, textLine: 0 };
  }
  lines.slice(1, end).forEach((line, i) => {
    const match = /^(\w+):\s*(.+?)\s*$/.exec(line);
    if (!match) report(i + 2, `"${line}" is not of the form key: value`);
    else if (!keys.includes(match[1])) report(i + 2, `${match[1]} is unknown here; known are ${keys.join(', ')}`);
    else if (match[1] in values) report(i + 2, `${match[1]} is said twice`);
    else values[match[1]] = match[2];
  });
  for (const key of keys) if (!(key in values)) report(1, `${key} is missing`);
  return { values, textLine: end + 1 };
}

/** @param {string|undefined} value */
function list(value) {
  return (value ?? '').split(',').map((item) => item.trim()).filter((item) => item !== '');
}

/**
 * @param {string} folder
 * @param {string[]} names
 * @param {Report} report
 */
function readFiles(folder, names, report) {
  const files = [];
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) !== i) report(0, `files names ${name} twice`);
    else if (!existsSync(join(folder, name))) report(0, `files names ${name}, which is not there`);
    else files.push({ name, text: readFileSync(join(folder, name), 'utf8') });
  }
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.c') && !names.includes(name)) report(0, `${name} lies beside it, but files does not name it`);
  }
  return files;
}

/**
 * Each terminal is written `server.c on alice`.
 * @param {string|undefined} value
 * @param {string[]} names
 * @param {Report} report
 * @returns {Terminal[]}
 */
function readTerminals(value, names, report) {
  const terminals = [];
  for (const item of list(value)) {
    const match = /^(\S+) on ([a-z][a-z0-9-]*)$/.exec(item);
    if (!match) report(0, `terminals: "${item}" is not of the form FILE on HOST`);
    else if (!names.includes(match[1])) report(0, `terminals: ${match[1]} is not one of the lesson's files`);
    else terminals.push({ file: match[1], host: match[2] });
  }
  return terminals;
}

/**
 * @param {string} markdown
 * @param {number} textLine
 * @param {string} folder
 * @param {Report} report
 */
function checkText(markdown, textLine, folder, report) {
  let fence = '';
  markdown.split('\n').forEach((line, i) => {
    const number = textLine + i + 1;
    const mark = /^\s*(```+|~~~+)\s*(\S*)/.exec(line);
    if (mark && fence === '') {
      fence = mark[1];
      if (!languages.includes(mark[2])) {
        report(number, `a block of code says what it is: one of ${languages.map((l) => '```' + l).join(', ')}`);
      }
    } else if (mark && mark[1].startsWith(fence) && mark[2] === '') fence = '';
    if (fence !== '') return;
    for (const [, target] of line.matchAll(/\]\(([^)\s]+)\)/g)) {
      const path = target.replace(/#.*/, '');
      if (path !== '' && !/^[a-z]+:/.test(path) && !path.endsWith('/') && !existsSync(join(folder, path))) {
        report(number, `it points to ${target}, which is not there`);
      }
    }
  });
  if (fence !== '') report(0, `a block of code that begins with ${fence} has no end`);
}

/**
 * @param {string} root
 * @param {Lesson[]} lessons
 * @param {string[]} problems
 */
function reportTwins(root, lessons, problems) {
  /** @type {Map<string, Lesson>} */
  const seen = new Map();
  for (const lesson of lessons) {
    for (const key of [`title "${lesson.title}"`, `place ${lesson.order} in the part "${lesson.part}"`]) {
      const other = seen.get(key);
      if (other) problems.push(`${join(root, lesson.id)}: the ${key} is already that of ${join(root, other.id)}`);
      seen.set(key, lesson);
    }
  }
}
