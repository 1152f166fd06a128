/** The pages' HTML. Everything in it can be read without JavaScript. */
import { createHash } from 'node:crypto';
import { escapeHtml, highlight, renderMarkdown } from './markdown.js';

/** @typedef {import('./lessons.js').Lesson} Lesson */

const mark = `<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>
<path d="M16 6a10 10 0 0 0 0 20z"/><circle cx="16" cy="16" r="9.25"/></svg>`;

/**
 * @param {object} page
 * @param {string} page.title
 * @param {string} page.root     the way to the site's root: '' or '../' and so on
 * @param {string} page.kind     the class of the body
 * @param {string} page.head     more for the head
 * @param {string} page.trail    what stands beside the site's name
 * @param {string} page.body
 */
function layout({ title, root, kind, head, trail, body }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<script src="${root}coi-serviceworker.js"></script>
<title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" type="image/svg+xml" href="${root}app/icon.svg">
<link rel="stylesheet" href="${root}app/page.css">
${head}</head>
<body class="${kind}">
<header class="top">
<a class="brand" href="${root}index.html">${mark}<span>Portside</span></a>
${trail}
</header>
${body}
</body>
</html>
`;
}

/** @param {Lesson[]} lessons in order */
export function indexPage(lessons) {
  const parts = [...new Set(lessons.map((lesson) => lesson.part))];
  const entry = (/** @type {Lesson} */ lesson) =>
    `<li><a href="lessons/${lesson.id}/index.html">${escapeHtml(lesson.title)}</a></li>`;
  const contents = parts.map((part) => `<section class="part">
<h2>${escapeHtml(part)}</h2>
<ol>${lessons.filter((lesson) => lesson.part === part).map(entry).join('\n')}</ol>
</section>`);
  return layout({
    title: 'Portside: network programming in C, in a browser tab',
    root: '',
    kind: 'index',
    head: '',
    trail: '',
    body: `<main class="contents">
<h1>Network programming in C, in a browser&nbsp;tab</h1>
<p class="lead">Read a short lesson, run its C programs, change them, and see what happens. They are
ordinary POSIX socket programs: they compile and behave the same on Linux. There is nothing to install.</p>
${contents.join('\n')}
</main>`,
  });
}

// Without JavaScript the listings stand one below the other, and there is nothing to press.
const withoutScript = '.listing, .filename, .elsewhere { display: block !important } .bench button, .editor .bar { display: none }';

/**
 * @param {Lesson} lesson
 * @param {Lesson | undefined} before
 * @param {Lesson | undefined} after
 */
export function lessonPage(lesson, before, after) {
  const text = renderMarkdown(lesson.markdown, lesson.folder);
  const root = '../'.repeat(1 + lesson.id.split('/').length);
  return layout({
    title: `${lesson.title} · Portside`,
    root,
    kind: 'lesson',
    head: `<script type="module" src="${root}app/lesson.js"></script>
<noscript><style>${withoutScript}</style></noscript>
`,
    trail: `<nav class="trail" aria-label="Where you are"><span>${escapeHtml(lesson.part)}</span>
<span aria-current="page">${escapeHtml(lesson.title)}</span></nav>
<a class="to-bench" href="#bench">Code</a>
<div class="compiler" id="compiler" role="status" hidden></div>`,
    body: `<main class="split">
<article class="text">
<h1>${escapeHtml(lesson.title)}</h1>
${text}
${neighbours(lesson, before, after)}
</article>
<section class="bench" id="bench" aria-label="Programs" data-lesson="${escapeHtml(lesson.id)}">
<div class="notice" id="notice" role="alert" hidden></div>
${editorPane(lesson)}
<div class="terminals">
${lesson.terminals.map(terminalPane).join('\n')}
</div>
</section>
</main>`,
  });
}

/** @param {Lesson} lesson @param {Lesson | undefined} before @param {Lesson | undefined} after */
function neighbours({ id }, before, after) {
  const root = '../'.repeat(id.split('/').length);
  const link = (/** @type {Lesson | undefined} */ lesson, /** @type {string} */ rel, /** @type {string} */ what) =>
    lesson ? `<a rel="${rel}" href="${root}${lesson.id}/index.html"><small>${what}</small> ${escapeHtml(lesson.title)}</a>` : '<span></span>';
  return before || after ? `<nav class="neighbours" aria-label="Lessons">${link(before, 'prev', 'Previous')}${link(after, 'next', 'Next')}</nav>` : '';
}

/** @param {Lesson} lesson */
function editorPane({ files }) {
  const tab = (/** @type {{ name: string }} */ { name }, /** @type {number} */ i) =>
    `<button type="button" role="tab" class="tab" data-file="${name}" aria-selected="${i === 0}">${name}</button>`;
  const listing = (/** @type {{ name: string, text: string }} */ { name, text }) =>
    `<div class="listing" data-file="${name}" data-version="${version(text)}">
<p class="filename">${name}</p>
<pre class="code"><code>${highlight(text, 'c')}</code></pre></div>`;
  return `<section class="pane editor" aria-label="Editor">
<header class="bar">
<div class="tabs" role="tablist" aria-label="Files">${files.map(tab).join('')}</div>
<button type="button" class="reset" disabled>Reset</button>
</header>
<div class="source">${files.map(listing).join('\n')}</div>
</section>`;
}

/** @param {import('./lessons.js').Terminal} terminal */
function terminalPane({ file, host }) {
  const program = file.replace(/\.c$/, '');
  return `<section class="pane terminal" data-file="${file}" data-host="${host}" aria-label="Terminal for ${file} on ${host}">
<header class="bar">
<h2>${program}</h2><span class="host">on ${host}</span><span class="state" role="status"></span>
<button type="button" class="stop" disabled>Stop</button>
<button type="button" class="run" disabled>Run</button>
</header>
<div class="screen"><div class="elsewhere" hidden><p>To run it on Linux:</p>
<pre>gcc -Wall -Wextra -o ${program} ${file}
./${program}</pre></div></div>
</section>`;
}

/**
 * Tells one version of a starter from another, so that what a learner wrote stays with its own.
 * @param {string} text
 */
function version(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
