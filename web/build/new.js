/**
 * make lesson NAME=PART/LESSON: a lesson with an exercise, out of web/build/template/, to begin with.
 *     node web/build/new.js [--lessons DIR] PART/LESSON
 */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ownCourse, top } from './built.js';
import { readLessons } from './lessons.js';

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(`lesson: ${message}`);
  process.exit(1);
}

const { values, positionals } = parseArgs({ options: { lessons: { type: 'string', default: ownCourse } }, allowPositionals: true });
const root = String(values.lessons);
const [name = ''] = positionals;
const [, part, lesson] = /^([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(name) ?? fail('say which: make lesson NAME=tcp/echo');
const folder = join(root, name);
if (existsSync(folder)) fail(`${folder} is there already`);

const words = lesson.replaceAll('-', ' ');
const title = words[0].toUpperCase() + words.slice(1);
const parts = join(root, 'parts');
const order = existsSync(parts) ? 1 + Math.max(0, ...readLessons(root).lessons.filter(({ id }) => id.startsWith(`${part}/`)).map(({ order: place }) => place)) : 1;
cpSync(join(top, 'web/build/template'), folder, { recursive: true });
const path = join(folder, 'lesson.md');
writeFileSync(path, readFileSync(path, 'utf8').replaceAll('TITLE', title).replaceAll('ORDER', String(order)));

const before = existsSync(parts) ? readFileSync(parts, 'utf8') : '';
if (!new RegExp(`^${part}:`, 'm').test(before)) {
  writeFileSync(parts, `${before}${part}: ${part[0].toUpperCase()}${part.slice(1)}\n`);
  console.log(`${parts} names the new part, as its last.`);
}
console.log(`${relative('', folder) || folder} is there, with an exercise in ${basename(join(folder, 'greet'))}/. See it: make serve${root === ownCourse || root === 'web/lessons' ? '' : ` LESSONS=${root}`}`);
