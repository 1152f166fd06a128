/**
 * Reads a course's folder: `parts`, and PART/LESSON/lesson.md with the files beside it and an
 * exercise in each folder that it names (web/lessons/README.md). What is wrong is said in words, with
 * file and line; nothing is thrown for it.
 */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { frontMatter, list, readSetting } from './frontmatter.js';
import { readTranscripts } from './transcripts.js';

/** What a block of code in a lesson can be; `text` is also for a program's output. */
export const languages = ['c', 'python', 'sh', 'text'];

const lessonKeys = {
  needed: ['title', 'order', 'files', 'terminals'],
  optional: ['summary', 'exercises', 'servers', 'link'],
};
const exerciseKeys = { needed: ['title', 'files'], optional: ['terminals', 'args', 'servers', 'link'] };

/**
 * @typedef {import('./frontmatter.js').Report} Report
 * @typedef {import('./frontmatter.js').File} File
 * @typedef {import('./frontmatter.js').Terminal} Terminal
 * @typedef {import('./frontmatter.js').Setting} Setting
 *
 * @typedef {object} LessonOwn
 * @property {string} id         its folder and its address: `tcp/simple`
 * @property {string} folder
 * @property {string} title
 * @property {string} summary    a line for the table of contents; '': none
 * @property {string} part       the part's title
 * @property {number} order      its place within the part
 * @property {Exercise[]} exercises
 * @property {string} markdown   the text, without the front matter
 * @property {import('./transcripts.js').Session[]} sessions   what its text shows of terminals
 * @typedef {Setting & LessonOwn} Lesson
 *
 * @typedef {object} ExerciseOwn
 * @property {string} id         `tcp/simple/numbers`
 * @property {string} folder
 * @property {string} title
 * @property {string} markdown   what is to be done
 * @property {string[]} hints    each in Markdown
 * @property {File[]} solution   the files' own names
 * @typedef {Setting & ExerciseOwn} Exercise
 *
 * @typedef {{ folder: string, title: string }} Part
 */

/**
 * @param {string} root the folder of the course
 * @returns {{ lessons: Lesson[], problems: string[] }} the lessons in the course's order
 */
export function readLessons(root) {
  /** @type {string[]} */
  const problems = [];
  /** @type {(path: string) => Report} */
  const reporter = (path) => (line, message) => {
    problems.push(line > 0 ? `${path}:${line}: ${message}` : `${path}: ${message}`);
  };
  const parts = readParts(join(root, 'parts'), reporter);
  /** @type {Lesson[]} */
  const lessons = [];
  for (const name of folders(root)) {
    const part = parts.find(({ folder }) => folder === name);
    if (!part) reporter(join(root, name))(0, `${join(root, 'parts')} does not name this folder`);
    for (const lesson of part ? folders(join(root, name)) : []) {
      const path = join(root, name, lesson, 'lesson.md');
      if (!existsSync(path)) reporter(path)(0, 'this file is missing');
      else lessons.push(readLesson(`${name}/${lesson}`, part?.title ?? '', join(root, name, lesson), reporter));
    }
  }
  reportTwins(root, lessons, problems);
  const place = (/** @type {Lesson} */ { part }) => parts.findIndex(({ title }) => title === part);
  lessons.sort((a, b) => place(a) - place(b) || a.order - b.order);
  return { lessons, problems };
}

/** @param {string} path */
function folders(path) {
  return readdirSync(path).filter((name) => !name.startsWith('.') && statSync(join(path, name)).isDirectory()).sort();
}

/**
 * Lines `FOLDER: Title`, in the course's order.
 * @param {string} path @param {(path: string) => Report} reporter
 * @returns {Part[]}
 */
export function readParts(path, reporter) {
  if (!existsSync(path)) {
    reporter(path)(0, 'this file is missing: it names the parts in their order, each on a line FOLDER: Title');
    return [];
  }
  /** @type {Part[]} */
  const parts = [];
  readFileSync(path, 'utf8').split('\n').forEach((line, i) => {
    const match = /^([a-z0-9-]+):\s*(\S.*?)\s*$/.exec(line);
    if (match) parts.push({ folder: match[1], title: match[2] });
    else if (line.trim() !== '') reporter(path)(i + 1, `"${line}" is not of the form FOLDER: Title`);
  });
  return parts;
}

/**
 * @param {string} id
 * @param {string} part
 * @param {string} folder
 * @param {(path: string) => Report} reporter
 * @returns {Lesson}
 */
function readLesson(id, part, folder, reporter) {
  const path = join(folder, 'lesson.md');
  const report = reporter(path);
  const { values, markdown, textLine } = frontMatter(readFileSync(path, 'utf8'), lessonKeys, report);
  checkText(markdown, textLine, folder, report);
  const order = Number(values.order);
  if (values.order !== undefined && !Number.isInteger(order)) {
    report(0, `order is ${values.order}, which is not a whole number`);
  }
  return {
    ...readSetting(values, folder, report),
    id,
    folder,
    title: values.title ?? id,
    summary: values.summary ?? '',
    part,
    order,
    exercises: readExercises(list(values.exercises), id, folder, reporter),
    markdown,
    sessions: readTranscripts(markdown, textLine, report),
  };
}

/**
 * @param {string[]} names
 * @param {string} lesson
 * @param {string} folder the lesson's
 * @param {(path: string) => Report} reporter
 */
function readExercises(names, lesson, folder, reporter) {
  const report = reporter(join(folder, 'lesson.md'));
  for (const name of folders(folder)) {
    if (existsSync(join(folder, name, 'exercise.md')) && !names.includes(name)) {
      report(0, `exercises does not name ${name}, which lies beside it`);
    }
  }
  /** @type {Exercise[]} */
  const exercises = [];
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) !== i) report(0, `exercises names ${name} twice`);
    else if (!existsSync(join(folder, name, 'exercise.md'))) report(0, `exercises names ${name}, but ${name}/exercise.md is missing`);
    else exercises.push(readExercise(`${lesson}/${name}`, join(folder, name), reporter));
  }
  return exercises;
}

/**
 * @param {string} id
 * @param {string} folder
 * @param {(path: string) => Report} reporter
 * @returns {Exercise}
 */
function readExercise(id, folder, reporter) {
  const path = join(folder, 'exercise.md');
  const report = reporter(path);
  const { values, markdown, textLine } = frontMatter(readFileSync(path, 'utf8'), exerciseKeys, report);
  checkText(markdown, textLine, folder, report);
  const [text, ...hints] = markdown.split(/^## Hint[ \t]*$/m);
  if (/^## /m.test(text)) report(0, 'a heading ## is for a hint, and says ## Hint');
  if (text.trim() === '') report(0, 'it does not say what is to be done');
  if (hints.length === 0) report(0, 'it has no hint: write two or three, each below a line ## Hint');
  if (!existsSync(join(folder, 'check.c'))) report(0, 'check.c is missing beside it');
  return {
    ...readSetting(values, folder, report, ['check.c']),
    id,
    folder,
    title: values.title ?? id,
    markdown: text,
    hints: hints.map((hint) => hint.trim()),
    solution: readSolution(join(folder, 'solution'), list(values.files), report),
  };
}

/**
 * @param {string} folder
 * @param {string[]} names
 * @param {Report} report
 */
function readSolution(folder, names, report) {
  /** @type {File[]} */
  const files = [];
  for (const name of names) {
    if (existsSync(join(folder, name))) files.push({ name, text: readFileSync(join(folder, name), 'utf8') });
    else report(0, `solution/${name} is missing`);
  }
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (name.endsWith('.c') && !names.includes(name)) report(0, `solution/${name} is the solution of no file`);
  }
  return files;
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
      if (path !== '' && !/^[a-z]+:/.test(path) && !existsSync(join(folder, path))) {
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
