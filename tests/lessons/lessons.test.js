/**
 * Every lesson and every exercise: what their text shows is what the programs print; every solution
 * passes and every starter fails, on Linux and in the lab; every wrong solution is caught on Linux.
 * make test SUITE=lessons ONLY=tcp/simple looks at one lesson, or ONLY=tcp at a part of the course, and
 * there has the wrong ones caught in the lab too.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import { ownCourse, programOf, top } from '../../web/build/built.js';
import { check, programsOf, report } from '../../web/build/exercise.js';
import { readLessons } from '../../web/build/lessons.js';
import { runTranscripts } from '../../web/build/transcript-lab.js';
import { Toolchain } from '../../web/runtime/toolchain.js';

const PATIENCE = { fails: 1500, starter: 1000, passes: 10_000 }; // ms that a check waits: a machine may be busy
const { ONLY = '' } = process.env;
const WRONG = 3;       // at least, for each exercise
const { lessons: all, problems } = readLessons(ownCourse);
const lessons = all.filter(({ id }) => `${id}/`.startsWith(ONLY && `${ONLY}/`));
const exercises = lessons.flatMap((lesson) => lesson.exercises);
const limit = { timeout: 240_000 };
const toolchain = Toolchain.load();
/** @type {import('../../web/runtime/lab.js').Symbolize} */
const symbolize = async (program, offsets) => (await toolchain).symbolize(program, offsets);

/** @typedef {import('../../web/build/lessons.js').Exercise} Exercise */

/** @param {Exercise} exercise */
function wrongOnes({ id }) {
  const folder = join(top, 'tests/lessons', id);
  return (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.endsWith('.c')).map((name) => {
    const [, phrase = ''] = /^\/\* wrong: (.+) \*\/\n/.exec(readFileSync(join(folder, name), 'utf8')) ?? [];
    const path = join('tests/lessons', id, programOf(name));
    return { name, phrase, built: { wasm: join(top, 'build', `${path}.wasm`), native: join(top, 'build/native', path) } };
  });
}

test('the loader finds nothing wrong', () => assert.deepEqual(problems, []));

describe('what lessons show', { concurrency: 2 }, () => {
  for (const lesson of lessons.filter(({ sessions }) => sessions.length > 0)) {
    test(lesson.id, limit, async () => assert.deepEqual(await runTranscripts(ownCourse, lesson), []));
  }
});

/** By the page's clang, which is newer than emcc's; what links with that links there. Takes a core, which the checks beside it leave free. */
async function checkAll() {
  const files = [
    ...lessons.flatMap((lesson) => lesson.files.map((file) => ({ folder: lesson.id, ...file }))),
    ...exercises.flatMap((exercise) => [...exercise.files, ...exercise.solution].map((file) => ({ folder: exercise.id, ...file }))),
  ];
  for (const { folder, name, text } of files) {
    await immediate();
    const said = await (await toolchain).check({ files: { [name]: text }, main: name });
    assert.deepEqual({ file: `${folder}/${name}`, said }, { file: `${folder}/${name}`, said: [] });
  }
}

for (const [where, concurrency] of /** @type {const} */ ([['native', 8], ['lab', 4]])) {
  describe(`exercises, ${where}`, { concurrency }, () => {
    if (where === 'native') test('the page has no warning about any file', { timeout: 3 * limit.timeout }, checkAll);
    for (const exercise of exercises) {
      test(`${exercise.id}: the solution passes (${where})`, limit, async () => {
        await toolchain;
        const outcome = await check(ownCourse, exercise, programsOf(ownCourse, exercise, 'solution'), where, { patience: PATIENCE.passes, symbolize });
        assert.ok(outcome.passed, report(outcome));
      });
      test(`${exercise.id}: the starter fails (${where})`, limit, async () => {
        const outcome = await check(ownCourse, exercise, programsOf(ownCourse, exercise, 'starter'), where, { patience: PATIENCE.starter, symbolize });
        assert.ok(!outcome.passed && outcome.problem === '', report(outcome));
      });
      for (const { name, phrase, built } of where === 'native' || ONLY ? wrongOnes(exercise) : []) {
        test(`${exercise.id}: ${name} is caught (${where})`, limit, async () => {
          await toolchain;
          const programs = programsOf(ownCourse, exercise, 'solution');
          const outcome = await check(ownCourse, exercise, { ...programs, [programOf(exercise.files[0].name)]: built }, where, { patience: PATIENCE.fails, symbolize });
          assert.ok(phrase, `${name} does not begin with /* wrong: PHRASE */`);
          assert.ok(!outcome.passed, report(outcome));
          assert.ok(report(outcome).includes(phrase), `"${phrase}" is not in what the check says:\n${report(outcome)}`);
        });
      }
      test(`${exercise.id} has ${WRONG} wrong solutions`, () => assert.ok(wrongOnes(exercise).length >= WRONG));
    }
  });
}
