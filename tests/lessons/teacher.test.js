/** What a teacher does: begins a lesson, and has the course checked. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { top } from '../../web/build/built.js';
import { readLessons } from '../../web/build/lessons.js';

const course = mkdtempSync(join(tmpdir(), 'course-'));
const lesson = join(course, 'udp/first-steps');
const limit = { timeout: 600_000 };
after(() => {
  rmSync(course, { recursive: true });
  for (const folder of ['build', 'build/native']) rmSync(join(top, folder, 'courses', course.split('/').pop() ?? ''), { recursive: true, force: true });
});

/** @param {string} target @param {string[]} settings @returns {Promise<{ code: number | null, output: string }>} */
function make(target, ...settings) {
  const child = spawn('make', [target, `LESSONS=${course}`, ...settings], { cwd: top, env: { ...process.env, MAKEFLAGS: '' } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { output += bytes; });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

test('make lesson begins one that has nothing wrong', limit, async () => {
  const made = await make('lesson', 'NAME=udp/first-steps');
  assert.equal(made.code, 0, made.output);
  const { lessons, problems } = readLessons(course);
  assert.deepEqual(problems, []);
  assert.deepEqual(lessons.map(({ title, part, order }) => ({ title, part, order })), [{ title: 'First steps', part: 'Udp', order: 1 }]);
  const again = await make('lesson', 'NAME=udp/first-steps');
  assert.match(again.output, /first-steps is there already/);
  assert.notEqual(again.code, 0);
  const nameless = await make('lesson', 'NAME=udp');
  assert.match(nameless.output, /say which: make lesson NAME=tcp\/echo/);
  const { code, output } = await make('check-lessons');
  assert.match(output, /^Nothing is wrong\.$/m);
  assert.equal(code, 0);
});

test('make check-lessons says what is wrong', limit, async () => {
  const starter = join(lesson, 'greet/greet.c'), solution = join(lesson, 'greet/solution/greet.c'), text = join(lesson, 'lesson.md');
  const good = readFileSync(starter);
  copyFileSync(solution, starter);
  writeFileSync(solution, good);
  writeFileSync(text, readFileSync(text, 'utf8').replace('hello from alice', 'hello from bob'));
  const { code, output } = await make('check-lessons');
  assert.match(output, /greet: the starter passes the check already on this machine/);
  assert.match(output, /greet: the starter passes the check already in the lab/);
  assert.match(output, /greet: the solution does not pass its own check in the lab:\n\s+FAILED: it greets the world\n[^]*wanted: `hello world\\n`/);
  assert.match(output, /lesson\.md:\d+: this terminal shows in truth:\n\s+alice:~\$ \.\/hello\n\s+hello from alice\n/);
  assert.notEqual(code, 0);

  writeFileSync(solution, 'int main(void) { retrun 0; }\n');
  const broken = await make('check-lessons');
  assert.match(broken.output, /solution\/greet\.c: the page's compiler says:\n.*retrun/);
  assert.match(broken.output, /greet: the solution on this machine: .* was not built: it does not compile/);

  rmSync(join(lesson, 'greet/check.c'));
  const missing = await make('check-lessons');
  assert.match(missing.output, /exercise\.md: check\.c is missing beside it/);
});
