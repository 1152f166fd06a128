/** The pages' HTML. Everything in it can be read without JavaScript. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { top } from './built.js';
import { escapeHtml, highlight, renderMarkdown } from './markdown.js';

/**
 * @typedef {import('./lessons.js').Lesson} Lesson
 * @typedef {import('./lessons.js').Exercise} Exercise
 */

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
  const contents = parts.map((part) => `<section class="part">
<h2>${escapeHtml(part)}</h2>
<ol>${lessons.filter((lesson) => lesson.part === part).map(indexEntry).join('\n')}</ol>
</section>`);
  return layout({
    title: 'Portside: network programming in C, in a browser tab',
    root: '',
    kind: 'index',
    head: '<script type="module" src="app/contents.js"></script>\n',
    trail: '',
    body: `<main class="contents">
<h1>Network programming in C, in a browser&nbsp;tab</h1>
<p class="lead">Read a short lesson, run its C programs, change them, and see what happens. They are
ordinary POSIX socket programs: they compile and behave the same on Linux. There is nothing to install.</p>
<div class="progress" id="progress" hidden></div>
${contents.join('\n')}
</main>`,
  });
}

/** @param {Lesson} lesson */
function indexEntry({ id, title, summary, exercises }) {
  const count = exercises.length === 1 ? '1 exercise' : `${exercises.length} exercises`;
  const names = exercises.map((exercise) => `${exercise.id}@${exerciseVersion(exercise)}`).join(' ');
  return `<li><a href="lessons/${id}/index.html"><span class="title">${escapeHtml(title)}</span>${
    summary && `<span class="summary">${escapeHtml(summary)}</span>`}</a>${
    exercises.length > 0 ? `<span class="exercises-of" data-exercises="${names}">${count}</span>` : ''}</li>`;
}

// Without JavaScript the listings stand one below the other, and there is nothing to press.
const withoutScript = '.listing, .filename, .elsewhere { display: block !important } .bench button, .editor .bar, .views, .places { display: none !important }';

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
<div class="compiler" id="compiler" role="status" hidden></div>`,
    body: `<main class="split">
<article class="text" id="text" tabindex="-1">
<h1>${escapeHtml(lesson.title)}</h1>
${text}
${lesson.exercises.map((exercise, i) => exerciseSection(exercise, exerciseName(lesson, i))).join('\n')}
${neighbours(lesson, before, after)}
</article>
<div class="side" id="bench">
<div class="notice" id="notice" role="alert" hidden></div>
${choices(lesson)}
<div class="work">
${bench(lesson, '', 'Programs of the lesson', '')}
${viewsPane()}</div>
</div>
</main>
<nav class="places" aria-label="Show">${placeNames.map(([name, label]) =>
    `<button type="button" data-place="${name}" aria-current="${name === 'text'}">${label}</button>`).join('')}</nav>
${lesson.exercises.map((exercise, i) => `<template class="bench-of" data-lesson="${exercise.id}">${
    bench(exercise, `${exercise.id.split('/').pop()}/`, exerciseName(lesson, i), resultsPane())}</template>`).join('\n')}`,
  });
}

/** The views that there are, with their tabs' labels. */
export const viewNames = [['packets', 'Packets'], ['calls', 'System calls'], ['sockets', 'Sockets'], ['network', 'Network']]
  .filter(([name]) => existsSync(join(top, `web/app/views/${name}.js`)));
const placeNames = [['text', 'Text'], ['code', 'Code'], ['terminals', 'Run'], ['views', 'Network']]
  .filter(([name]) => name !== 'views' || viewNames.length > 0);

/** The strip of the views' tabs; the page's script fills it. */
function viewsPane() {
  const tab = (/** @type {string[]} */ [name, label]) =>
    `<button type="button" role="tab" class="tab" id="tab-${name}" data-view="${name}" aria-selected="false" aria-controls="view">${label}</button>`;
  return viewNames.length === 0 ? '' : `<section class="pane views" aria-label="The network">
<header class="bar">
<div class="tabs" role="tablist" aria-label="Views">${viewNames.map(tab).join('')}</div>
<button type="button" class="close">Close</button>
</header>
<div class="view" id="view" role="tabpanel" tabindex="-1"></div>
</section>
`;
}

/** @param {Lesson} lesson @param {number} i */
const exerciseName = ({ exercises }, i) => (exercises.length === 1 ? 'Exercise' : `Exercise ${i + 1}`);

/** Which bench is shown. @param {Lesson} lesson */
function choices(lesson) {
  const choice = (/** @type {string} */ id, /** @type {string} */ name, /** @type {string} */ title) =>
    `<button type="button" class="choice" data-lesson="${id}" aria-pressed="${id === lesson.id}" title="${escapeHtml(title)}">${name}</button>`;
  if (lesson.exercises.length === 0) return '';
  return `<nav class="choices" aria-label="What is on the bench" hidden>${choice(lesson.id, 'Lesson', lesson.title)}${
    lesson.exercises.map(({ id, title }, i) => choice(id, exerciseName(lesson, i), title)).join('')}</nav>`;
}

/**
 * @param {import('./lessons.js').Setting & { id: string }} setting
 * @param {string} base the way to the files' programs
 * @param {string} label
 * @param {string} more
 */
function bench({ id, files, terminals, servers, links }, base, label, more) {
  return `<section class="bench" aria-label="${label}" data-lesson="${id}" data-base="${base}" data-setting="${escapeHtml(JSON.stringify({ servers, links }))}">
${editorPane(files)}
<div class="terminals">
${terminals.map(terminalPane).join('\n')}
${more}</div>
</section>`;
}

function resultsPane() {
  return `<section class="pane results" aria-label="Check">
<header class="bar">
<h2>Check</h2><span class="state" role="status"></span>
<button type="button" class="stop" disabled>Stop</button>
<button type="button" class="check" title="Ctrl+Enter" disabled>Check</button>
</header>
<ol class="outcome" aria-live="polite" data-empty="Nothing is checked yet."></ol>
</section>`;
}

/** @param {Exercise} exercise @param {string} name */
function exerciseSection(exercise, name) {
  const { id, folder, title, markdown, hints, files, solution } = exercise;
  const hint = (/** @type {string} */ text, /** @type {number} */ i) =>
    `<details class="hint"><summary>Hint ${i + 1} of ${hints.length}</summary>\n${renderMarkdown(text, folder)}</details>`;
  const listings = (/** @type {import('./lessons.js').File[]} */ list) => list.map(({ name: file, text }) =>
    `<p class="filename">${file}</p>\n<pre class="code" data-language="c" tabindex="0"><code>${highlight(text, 'c')}</code></pre>`).join('\n');
  return `<section class="exercise" id="${id.split('/').pop()}" data-exercise="${id}" data-version="${exerciseVersion(exercise)}">
<h2>${name}: ${escapeHtml(title)} <span class="done" hidden>done</span></h2>
${renderMarkdown(markdown, folder)}
<p class="start" hidden><button type="button">Start</button></p>
<noscript><h3>To begin with</h3>
${listings(files)}</noscript>
${hints.map(hint).join('\n')}
<details class="solution"><summary>Solution</summary>
${listings(solution)}</details>
</section>`;
}

/** Changes with its starters. @param {Exercise} exercise */
const exerciseVersion = ({ files }) => version(files.map(({ text }) => text).join('\0'));

/** @param {Lesson} lesson @param {Lesson | undefined} before @param {Lesson | undefined} after */
function neighbours({ id }, before, after) {
  const root = '../'.repeat(id.split('/').length);
  const link = (/** @type {Lesson | undefined} */ lesson, /** @type {string} */ rel, /** @type {string} */ what) =>
    lesson ? `<a rel="${rel}" href="${root}${lesson.id}/index.html"><small>${what}</small> ${escapeHtml(lesson.title)}</a>` : '<span></span>';
  return before || after ? `<nav class="neighbours" aria-label="Lessons">${link(before, 'prev', 'Previous')}${link(after, 'next', 'Next')}</nav>` : '';
}

/** @param {import('./lessons.js').File[]} files */
function editorPane(files) {
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
function terminalPane({ file, host, args }) {
  const program = file.replace(/\.c$/, '');
  return `<section class="pane terminal" data-file="${file}" data-host="${host}" data-args="${escapeHtml(args)}" aria-label="Terminal for ${file} on ${host}">
<header class="bar">
<h2>${program}</h2><span class="host">on ${host}</span><span class="state" role="status"></span>
<button type="button" class="stop" disabled>Stop</button>
<button type="button" class="run" disabled>Run</button>
</header>
<div class="screen"><div class="elsewhere" hidden><p>To run it on Linux:</p>
<pre>gcc -Wall -Wextra -o ${program} ${file}
./${program}${args && ` ${escapeHtml(args)}`}</pre></div></div>
</section>`;
}

/**
 * Tells one version of a starter from another, so that what a learner wrote stays with its own.
 * @param {string} text
 */
function version(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
