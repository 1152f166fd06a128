/**
 * make check-lessons: what is wrong with a course, in words.
 *     node web/build/check.js [--lessons DIR] [--only PART/LESSON] [--unbuilt]
 * --unbuilt: looks at what is written only. Exit status 1: something is wrong.
 */
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { Toolchain } from '../runtime/toolchain.js';
import { ownCourse } from './built.js';
import { check, programsOf, report } from './exercise.js';
import { readLessons } from './lessons.js';
import { runTranscripts } from './transcript-lab.js';

const STARTER_PATIENCE = 1500; // milliseconds: it fails, and need not be waited for

const { values: options } = parseArgs({
  options: { lessons: { type: 'string', default: ownCourse }, only: { type: 'string', default: '' }, unbuilt: { type: 'boolean', default: false } },
});
const root = String(options.lessons);
const { lessons, problems } = readLessons(root);
for (const problem of problems) console.error(problem);
let wrong = problems.length;

/** @param {string} message */
function complain(message) {
  wrong++;
  console.error(message);
}

/**
 * @param {import('./lessons.js').Exercise} exercise
 * @param {Toolchain} toolchain
 */
async function checkExercise(exercise, toolchain) {
  for (const where of /** @type {const} */ (['native', 'lab'])) {
    const place = where === 'native' ? 'on this machine' : 'in the lab';
    for (const which of /** @type {const} */ (['solution', 'starter'])) {
      try {
        const outcome = await check(root, exercise, programsOf(root, exercise, which), where, {
          patience: which === 'starter' ? STARTER_PATIENCE : undefined,
          symbolize: (program, offsets) => toolchain.symbolize(program, offsets),
        });
        if (outcome.passed === (which === 'solution')) continue;
        const what = which === 'solution' ? 'the solution does not pass its own check' : 'the starter passes the check already';
        complain(`${exercise.folder}: ${what} ${place}:\n${report(outcome).replace(/^/gm, '    ')}`);
      } catch (error) {
        complain(`${exercise.folder}: the ${which} ${place}: ${/** @type {Error} */ (error).message}`);
      }
    }
  }
}

/**
 * @param {string} folder
 * @param {import('./lessons.js').File[]} files
 * @param {Toolchain} toolchain
 */
async function compileAll(folder, files, toolchain) {
  for (const { name, text } of files) {
    const { ok, plain } = await toolchain.compile({ files: { [name]: text }, main: name });
    if (!ok || plain !== '') complain(`${folder}/${name}: the page's compiler says:\n${plain.trimEnd()}`);
  }
}

if (!options.unbuilt) {
  const chosen = lessons.filter(({ id }) => !options.only || id === options.only);
  if (chosen.length === 0) complain(`there is no lesson ${options.only} in ${root}`);
  const toolchain = await Toolchain.load();
  for (const lesson of chosen) {
    console.log(lesson.id);
    await compileAll(lesson.folder, lesson.files, toolchain);
    for (const problem of await runTranscripts(root, lesson)) complain(problem);
    for (const exercise of lesson.exercises) {
      console.log(`  ${basename(exercise.folder)}`);
      await compileAll(exercise.folder, exercise.files, toolchain);
      await compileAll(`${exercise.folder}/solution`, exercise.solution, toolchain);
      await checkExercise(exercise, toolchain);
    }
  }
  if (wrong === 0) console.log('Nothing is wrong.');
}
process.exit(wrong > 0 ? 1 : 0);
