/** An exercise as a learner does it, and a walk through lessons. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ownCourse } from '../../web/build/built.js';
import { readLessons } from '../../web/build/lessons.js';
import { PROMPT, typedIn } from '../../web/build/transcripts.js';
import { TerminalPane, code, launch, lessonPath, newPage, openEditor, openLesson, serveSite } from './page.js';

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serveSite>>} */
let site;

before(async () => {
  browser = await launch();
  site = await serveSite({ isolated: true });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const SILENT = 2000; // ms: a program that shows nothing for so long waits for the next one
const slow = { timeout: 120_000 };
const folder = join(ownCourse, 'tcp/simple/numbers');
const solution = readFileSync(join(folder, 'solution/server.c'), 'utf8');

/** Writes the whole file anew. @param {import('playwright-core').Page} page @param {string} text */
async function write(page, text) {
  await openEditor(page);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

test('start, fail, write, pass; the mark stays, here and in the contents', { timeout: 240_000 }, async () => {
  const { page, close } = await openLesson(browser, site.url);
  const exercise = page.locator('#numbers');
  const outcome = page.locator('.outcome');
  const solved = exercise.locator('details.solution');
  await exercise.getByRole('button', { name: 'Start' }).click();
  assert.equal(await page.locator('.choice[aria-pressed="true"]').textContent(), 'Exercise 1');
  assert.equal(await page.locator('.bench').count(), 1);

  await page.getByRole('button', { name: 'Check', exact: true }).click();
  const failure = outcome.locator('.failed', { hasText: 'the next ones hear 2 and 3' });
  await failure.waitFor(slow);
  assert.match((await failure.textContent()) ?? '', /wanted: `2\\r\\n`|no longer listens/);
  await page.locator('.results .state', { hasText: '1 of 5 passed' }).waitFor(slow);
  assert.equal(await exercise.locator('.done').isVisible(), false);

  await write(page, 'int main(void) { retrun 0; }\n');
  await page.keyboard.press('Control+Enter');
  await outcome.locator('.failed', { hasText: /server\.c does not compile[^]*retrun/ }).waitFor(slow);
  assert.equal(await page.locator('.cm-lintRange-error').count() > 0, true);

  await write(page, solution);
  await page.keyboard.press('Control+Enter');
  await page.locator('.results .state', { hasText: /passed$/ }).waitFor(slow);
  assert.equal(await outcome.locator('.passed').count(), 5, await outcome.innerText());
  assert.ok(await exercise.locator('.done').isVisible());
  assert.equal(await solved.getAttribute('open'), '');

  await page.reload();
  await exercise.locator('.done').waitFor();
  await page.locator('.choice.done').waitFor();
  await page.goto(site.url);
  await page.locator('.exercises-of', { hasText: '1 of 2 done' }).waitFor();
  assert.match((await page.locator('#progress').textContent()) ?? '', /^1 of \d+ exercises done$/);
  await close();
});

test('hints come one at a time', async () => {
  const { page, close } = await openLesson(browser, site.url);
  const hints = page.locator('#numbers .hint');
  const visible = async () => (await Promise.all((await hints.all()).map((hint) => hint.isVisible()))).filter(Boolean).length;
  await hints.nth(0).waitFor();
  assert.equal(await visible(), 1);
  await hints.nth(0).locator('summary').click();
  await hints.nth(1).waitFor();
  assert.equal(await visible(), 2);
  assert.equal(await page.locator('#numbers details.solution').getAttribute('open'), null);
  await close();
});

test('each bench has its own files and lab; the way back is there', slow, async () => {
  const { page, server, client, close } = await openLesson(browser, site.url);
  await server.run.click();
  await server.shows(/waiting on port 9999/);
  await page.getByRole('button', { name: 'Exercise 1', exact: true }).click();
  await code(page).filter({ hasText: './server PORT' }).waitFor();
  await server.shows(/^alice:~\$$/);
  await server.run.click();
  await server.shows(/^alice:~\$ \.\/server 9999$/);
  await page.getByRole('button', { name: 'Lesson', exact: true }).click();
  await client.shows(/^alice:~\$$/);
  await client.run.click();
  await client.shows(/connect: Connection refused/);
  await close();
});

test('a check can be stopped', slow, async () => {
  const { page, close } = await openLesson(browser, site.url);
  await page.locator('#numbers').getByRole('button', { name: 'Start' }).click();
  await write(page, '#include <unistd.h>\nint main(void) { for (;;) pause(); }\n');
  await page.getByRole('button', { name: 'Check', exact: true }).click();
  await page.locator('.results .state', { hasText: 'checking' }).waitFor(slow);
  await page.locator('.results .stop').click();
  await page.locator('.results .state', { hasText: /passed|stopped/ }).waitFor();
  await page.locator('.outcome .failed', { hasText: 'the check was stopped' }).waitFor();
  await close();
});

/** The first of each part. Under Node, tests/lessons/ runs all; EVERY_LESSON=1 in the environment walks through all here, too. */
const walked = readLessons(ownCourse).lessons.filter(({ id }, i, all) => {
  const part = id.replace(/\/.*/, '/');
  return process.env.EVERY_LESSON || !all[i - 1]?.id.startsWith(part);
});

describe('lessons, walked through', { concurrency: 2 }, () => {
  for (const lesson of walked) {
    test(lesson.id, slow, async () => {
      const page = await newPage(browser, { viewport: { width: 2400, height: 1000 } });
      /** @type {string[]} */
      const errors = [];
      page.on('pageerror', (error) => errors.push(String(error.stack)));
      await page.goto(site.url + lessonPath.replace('tcp/simple', lesson.id));
      assert.equal(await page.locator('article h1').textContent(), lesson.title);
      const panes = lesson.terminals.map((_, i) => new TerminalPane(page, page.locator('.bench .pane.terminal').nth(i)));
      for (const [i, pane] of panes.entries()) {
        await pane.run.click();
        const first = pane.shows(linesShown(lesson, i)[0] ?? /\$ \.\/\S+/);
        first.catch(() => {}); // below it is waited for to the end
        await Promise.race([first, page.waitForTimeout(SILENT)]);
      }
      for (const [i, pane] of panes.entries()) {
        for (const pattern of linesShown(lesson, i)) await pane.shows(pattern);
      }
      await page.close();
      assert.deepEqual(errors, []);
    });
  }
});

/**
 * The lines that the first section shows of what this terminal runs, up to what is typed there.
 * @param {import('../../web/build/lessons.js').Lesson} lesson
 * @param {number} i
 */
function linesShown({ sessions, terminals }, i) {
  const commands = terminals.map(({ file, host, args }) => `${host} ./${file.replace(/\.c$/, '')} ${args}`.trimEnd());
  const before = commands.slice(0, i).filter((command) => command === commands[i]).length;
  const block = sessions[0]?.blocks.filter(({ host, lines }) => `${host} ${lines[0].replace(PROMPT, '')}` === commands[i])[before];
  const types = (/** @type {{ lines: string[] } | undefined} */ one) => Boolean(one?.lines.some((line) => typedIn(line)));
  if (sessions[0]?.blocks.some(types) && !types(block)) return []; // it may wait for what is typed elsewhere
  const lines = block?.lines.slice(1) ?? [];
  const end = lines.findIndex((line) => typedIn(line) || PROMPT.test(line));
  return lines.slice(0, end === -1 ? lines.length : end).filter((line) => line !== '...' && line.trim() !== '').map((line) => {
    return new RegExp(`^${line.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\d{5,}/g, '\\d{5,}')}$`, 'm');
  });
}
