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
  const values = { title: 'One', order: 1, files: 'a.c', terminals: 'a.c on alice', ...change };
  return `---\n${Object.entries(values).map(([key, value]) => `${key}: ${value}`).join('\n')}\n---\n`;
};

let count = 0;
/** @param {Record<string, string>} files by path below the folder of all lessons */
function problemsOf(files) {
  const folder = join(root, String(count++));
  files = { parts: 'tcp: TCP\n', ...files };
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
    'tcp/one/lesson.md:1: it must begin with its title, order, files and terminals between two lines ---',
  ]],
  ['an unknown key', { 'tcp/one/lesson.md': front({ tittle: 'x' }), 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md:6: tittle is unknown here; known are title, order, files, terminals, summary, exercises, servers, link',
  ]],
  ['a missing key', { 'tcp/one/lesson.md': front().replace('order: 1\n', ''), 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md:1: order is missing',
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
    "tcp/one/lesson.md: terminals: b.c is not one of the files",
  ]],
  ['a terminal on no host', { 'tcp/one/lesson.md': front({ terminals: 'a.c' }), 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md: terminals: "a.c" is not of the form FILE on HOST, or FILE on HOST with ARGUMENTS',
  ]],
  ['unlabelled code', { 'tcp/one/lesson.md': `${front()}\n\`\`\`\nint x;\n\`\`\`\n`, 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md:8: a block of code says what it is: one of ```c, ```python, ```sh, ```text',
  ]],
  ['code without an end', { 'tcp/one/lesson.md': `${front()}\`\`\`c\nint x;\n`, 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md: a block of code that begins with ``` has no end',
  ]],
  ['a link to nothing', { 'tcp/one/lesson.md': `${front()}See [this](picture.svg).\n`, 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md:7: it points to picture.svg, which is not there',
  ]],
  ['no parts', { parts: '', 'tcp/one/lesson.md': front(), 'tcp/one/a.c': '' }, ['tcp: parts does not name this folder']],
  ['a line of parts', { parts: 'tcp: TCP\nudp\n', 'tcp/one/lesson.md': front(), 'tcp/one/a.c': '' }, ['parts:2: "udp" is not of the form FOLDER: Title']],
  ['a host that is not there', { 'tcp/one/lesson.md': front({ terminals: 'a.c on dave' }), 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md: terminals: there is no host dave; there are alice, bob, carol',
  ]],
  ['a server that is not there', { 'tcp/one/lesson.md': front({ servers: 'dns, smoke' }), 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md: servers: there is no server smoke in src/lab',
  ]],
  ['links', { 'tcp/one/lesson.md': front({ link: 'bob delay=50ms, dave cut, carol, carol loss=101%, alice fast' }), 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md: link: there is no host dave; there are alice, bob, carol',
    'tcp/one/lesson.md: link: "carol" does not say what carol\'s link does',
    'tcp/one/lesson.md: link: loss is more than 100%',
    "tcp/one/lesson.md: link: 'fast' is not a setting such as delay=50ms, loss=1%, rate=10mbit or cut",
  ]],
  ['a transcript on two hosts', { 'tcp/one/lesson.md': `${front()}\`\`\`text\nalice:~$ ./a\nbob:~$ ./a\n\`\`\`\n`, 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md:9: this terminal is on alice; one on bob is a block of its own',
  ]],
  ['an exercise that is not there', { 'tcp/one/lesson.md': front({ exercises: 'x' }), 'tcp/one/a.c': '' }, [
    'tcp/one/lesson.md: exercises names x, but x/exercise.md is missing',
  ]],
  ['an exercise not named', { 'tcp/one/lesson.md': front(), 'tcp/one/a.c': '', 'tcp/one/x/exercise.md': '' }, [
    'tcp/one/lesson.md: exercises does not name x, which lies beside it',
  ]],
  ['half an exercise', { 'tcp/one/lesson.md': front({ exercises: 'x' }), 'tcp/one/a.c': '', 'tcp/one/x/exercise.md': '---\ntitle: X\nfiles: b.c\n---\n## Help\n', 'tcp/one/x/solution/c.c': '' }, [
    'tcp/one/x/exercise.md: a heading ## is for a hint, and says ## Hint',
    'tcp/one/x/exercise.md: it has no hint: write two or three, each below a line ## Hint',
    'tcp/one/x/exercise.md: check.c is missing beside it',
    'tcp/one/x/exercise.md: files names b.c, which is not there',
    'tcp/one/x/exercise.md: solution/b.c is missing',
    'tcp/one/x/exercise.md: solution/c.c is the solution of no file',
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
