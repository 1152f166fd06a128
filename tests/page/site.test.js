/** What the site builder says of a lesson that is not right. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { readLessons } from '../../web/build/lessons.js';
import { renderMarkdown } from '../../web/build/markdown.js';

const root = mkdtempSync(join(tmpdir(), 'portside-lessons-'));
after(() => rmSync(root, { recursive: true }));

const front = (/** @type {Record<string, string|number>} */ change = {}) => {
  const values = { title: 'One', part: 'TCP', order: 1, files: 'a.c', terminals: 'a.c on alice', ...change };
  return `---\n${Object.entries(values).map(([key, value]) => `${key}: ${value}`).join('\n')}\n---\n`;
};

let count = 0;
/** @param {Record<string, string>} files by path below the folder of all lessons */
function problemsOf(files) {
  const folder = join(root, String(count++));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return readLessons(folder).problems.map((problem) => problem.replace(`${folder}/`, ''));
}

test('a good lesson has no problems', () => {
  const text = 'Text with a [link](a.c) and\n\n```c\nint x;\n```\n';
  assert.deepEqual(problemsOf({ 'tcp/one/lesson.md': front() + text, 'tcp/one/a.c': '' }), []);
});

/** @type {[string, Record<string, string>, string[]][]} */
const cases = [
  ['no lesson.md', { 'tcp/one/a.c': '' }, ['tcp/one/lesson.md: this file is missing']],
  ['no front matter', { 'tcp/one/lesson.md': '# Hello\n' }, [
    'tcp/one/lesson.md:1: it must begin with its title, part, order, files and terminals between two lines ---',
  ]],
  ['an unknown key', { 'tcp/one/lesson.md': front({ tittle: 'x' }), 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md:7: tittle is unknown here; known are title, part, order, files, terminals',
  ]],
  ['a missing key', { 'tcp/one/lesson.md': front().replace('part: TCP\n', ''), 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md:1: part is missing',
  ]],
  ['an order that is no number', { 'tcp/one/lesson.md': front({ order: 'last' }), 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md: order is last, which is not a whole number',
  ]],
  ['a file that is not there', { 'tcp/one/lesson.md': front() }, [
    'tcp/one/lesson.md: files names a.c, which is not there',
  ]],
  ['a file named twice', { 'tcp/one/lesson.md': front({ files: 'a.c, a.c' }), 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md: files names a.c twice',
  ]],
  ['a file not named', { 'tcp/one/lesson.md': front(), 'tcp/one/a.c': '', 'tcp/one/b.c': '' }, [
    'tcp/one/lesson.md: b.c lies beside it, but files does not name it',
  ]],
  ['a terminal of no file', { 'tcp/one/lesson.md': front({ terminals: 'b.c on alice' }), 'tcp/one/a.c': '' }, [
    "tcp/one/lesson.md: terminals: b.c is not one of the lesson's files",
  ]],
  ['a terminal on no host', { 'tcp/one/lesson.md': front({ terminals: 'a.c' }), 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md: terminals: "a.c" is not of the form FILE on HOST',
  ]],
  ['unlabelled code', { 'tcp/one/lesson.md': `${front()}\n\`\`\`\nint x;\n\`\`\`\n`, 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md:9: a block of code says what it is: one of ```c, ```python, ```sh, ```text',
  ]],
  ['code without an end', { 'tcp/one/lesson.md': `${front()}\`\`\`c\nint x;\n`, 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md: a block of code that begins with ``` has no end',
  ]],
  ['a link to nothing', { 'tcp/one/lesson.md': `${front()}See [this](picture.svg).\n`, 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md:8: it points to picture.svg, which is not there',
  ]],
  ['twins', {
    'tcp/one/lesson.md': front(), 'tcp/one/a.c': '',
    'tcp/two/lesson.md': front(), 'tcp/two/a.c': '',
  }, [
    'tcp/two: the title "One" is already that of tcp/one',
    'tcp/two: the place 1 in the part "TCP" is already that of tcp/one',
  ]],
];
for (const [name, files, problems] of cases) {
  test(`${name}: said in words`, () => {
    const got = problemsOf(files).map((problem) => problem.replaceAll(join(root, String(count - 1)) + '/', ''));
    assert.deepEqual(got, problems);
  });
}

test('the text of a lesson cannot break out of its code', () => {
  const html = renderMarkdown('```text\n<script>alert(1)</script> & "x"\n```\n', root);
  assert.match(html, /&#60;script&#62;alert\(1\)&#60;\/script&#62; &#38; &#34;x&#34;/);
});
