/** The page as something to read: without JavaScript, without shared memory, on a plain host. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { launch, lessonPath, newPage, serveSite, top } from './page.js';

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

describe('without JavaScript', () => {
  test('the text and both programs can be read', async () => {
    const page = await newPage(browser, { javaScriptEnabled: false });
    await page.goto(site.url + lessonPath);
    assert.equal(await page.locator('article h1').textContent(), 'A simple server and a simple client');
    assert.ok(await page.getByText('A socket is one end of a conversation').isVisible());
    for (const file of ['server.c', 'client.c']) {
      const code = page.locator(`.listing[data-file="${file}"] code`);
      assert.ok(await code.isVisible());
      assert.equal(await code.textContent(), readFileSync(join(top, 'web/lessons/tcp/simple', file), 'utf8'));
    }
    assert.ok(await page.locator('.exercise .filename', { hasText: 'server.c' }).first().isVisible(), 'the starter');
    assert.equal(await page.locator('button:visible').count(), 0, 'nothing to press that would do nothing');
    await page.close();
  });

  test('the lesson is found from the index, and an answer opens', async () => {
    const page = await newPage(browser, { javaScriptEnabled: false });
    await page.goto(site.url);
    await page.getByRole('link', { name: 'A simple server and a simple client' }).click();
    assert.equal(page.url(), `${site.url}${lessonPath}index.html`);
    const answer = page.getByText('connect: Connection refused');
    assert.equal(await answer.isVisible(), false);
    await page.locator('summary').first().click();
    assert.ok(await answer.isVisible());
    await page.close();
  });
});

describe('a browser that cannot run programs', () => {
  const cases = [
    { name: 'SharedArrayBuffer', remove: () => Reflect.deleteProperty(globalThis, 'SharedArrayBuffer') },
    { name: 'WebAssembly', remove: () => Reflect.deleteProperty(globalThis, 'WebAssembly') },
    {
      name: 'WebAssembly threads',
      remove: () => {
        WebAssembly.validate = () => false;
      },
    },
  ];
  for (const { name, remove } of cases) {
    test(`without ${name} says so, and the text stays`, async () => {
      const page = await newPage(browser);
      await page.addInitScript(remove);
      await page.goto(site.url + lessonPath);
      const notice = page.getByRole('alert');
      await notice.waitFor();
      assert.match((await notice.textContent()) ?? '', new RegExp(name));
      assert.ok(await page.getByText('A socket is one end of a conversation').isVisible());
      assert.equal(await page.locator('.run:enabled').count(), 0);
      await page.close();
    });
  }
});

test('every link and script of the site is relative', async () => {
  const page = await newPage(browser);
  for (const path of ['index.html', `${lessonPath}index.html`]) {
    await page.goto(site.url + path);
    const addresses = await page.evaluate(() => [...document.querySelectorAll('[src], [href]')].map(
      (element) => element.getAttribute('src') ?? element.getAttribute('href') ?? '',
    ));
    const own = addresses.filter((address) => !address.startsWith('https://'));
    assert.deepEqual(own.filter((address) => /^(\/|[a-z]+:)/.test(address)), []);
  }
  await page.close();
});
