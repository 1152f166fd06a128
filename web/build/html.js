/** The pages' HTML. Everything in it can be read without JavaScript. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { texts } from '../app/texts/en.js';
import { top } from './built.js';
import { escapeHtml, highlight, renderMarkdown } from './markdown.js';

/**
 * @typedef {import('./lessons.js').Lesson} Lesson
 * @typedef {import('./lessons.js').Exercise} Exercise
 */

const mark = `<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8"/>
<path d="M16 6a10 10 0 0 0 0 20z"/><circle cx="16" cy="16" r="9.25"/></svg>`;

/** @typedef {keyof typeof texts.page} Word */

/** @param {Word} key @param {string[]} values */
const words = (key, values) => values.reduce((text, value, i) => text.replace(`{${i}}`, value), texts.page[key]);

/** @param {string[]} values */
const filled = (values) => (values.length > 0 ? ` data-v="${escapeHtml(values.join('|'))}"` : '');

/**
 * The end of a tag, and the words in it, which the page can say in another language (app/texts.js):
 * `<h2${t('check')}</h2>`.
 * @param {Word} key @param {string[]} values
 */
const t = (key, ...values) => ` data-t="${key}"${filled(values)}>${escapeHtml(words(key, values))}`;

/** What a tag's element is called. @param {Word} key @param {string[]} values */
const label = (key, ...values) => ` aria-label="${escapeHtml(words(key, values))}" data-label="${key}"${filled(values)}`;

/** @type {Record<string, string>} drawn with lines, in a square of 20 */
const icons = {
  search: '<circle cx="8.5" cy="8.5" r="5.5"/><path d="m12.8 12.8 4.7 4.7"/>',
  settings: '<path d="M2.5 6h9M15.5 6h2M2.5 14h2M8.5 14h9"/><circle cx="13.5" cy="6" r="2"/><circle cx="6.5" cy="14" r="2"/>',
  help: '<circle cx="10" cy="10" r="7.75"/><path d="M7.7 7.8a2.3 2.3 0 1 1 3.4 2c-.8.5-1.1.9-1.1 1.7"/><path d="M10 14.2v.1"/>',
};

/** @param {Word} key */
const iconButton = (key) => `<button type="button" class="icon" id="open-${key}"${label(key)} hidden><svg viewBox="0 0 20 20" aria-hidden="true">${icons[key]}</svg></button>`;

/**
 * @param {object} page
 * @param {string} page.title
 * @param {string} page.root     the way to the site's root: '' or '../' and so on
 * @param {string} page.kind     the classes of the body
 * @param {string} page.script   of app/
 * @param {string} [page.head]   more for the head
 * @param {string} page.trail    what stands beside the site's name
 * @param {string} page.summary
 * @param {string} page.body
 */
function layout({ title, root, kind, script, head = '', trail, summary, body }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<script src="${root}isolation.js"></script>
<title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="${escapeHtml(summary)}">
<meta name="color-scheme" content="light dark">
<link rel="icon" type="image/svg+xml" href="${root}app/icon.svg">
<link rel="stylesheet" href="${root}app/page.css">
<script type="module" src="${root}app/${script}.js"></script>
${head}</head>
<body class="${kind}" data-root="${root}">
<a class="skip" href="#text"${t('skip')}</a>
<header class="top">
<a class="brand" href="${root}index.html">${mark}<span>Portside</span></a>
${trail}
<div class="compiler" id="compiler" role="status" hidden></div>
<div class="tools">${['search', 'settings', 'help'].map((key) => iconButton(/** @type {Word} */ (key))).join('')}</div>
</header>
${body}
</body>
</html>
`;
}

/** @param {Lesson[]} lessons in order */
export function indexPage(lessons) {
  const parts = [...new Set(lessons.map((lesson) => lesson.part))];
  const contents = parts.map((part) => `<section class="part" id="${partId(part)}">
<h2>${escapeHtml(part)} <span class="part-progress" hidden></span></h2>
<ol>${lessons.filter((lesson) => lesson.part === part).map(indexEntry).join('\n')}</ol>
</section>`);
  return layout({
    title: 'Portside: network programming in C, in a browser tab',
    root: '',
    kind: 'index',
    script: 'contents',
    trail: `<nav class="trail"${label('allLessons')}><a href="playground/index.html"${t('playground')}</a></nav>`,
    summary: texts.page.lead,
    body: `<main class="contents" id="text" tabindex="-1">
<h1${t('headline')}</h1>
<p class="lead"${t('lead')}</p>
<p class="resume" id="resume" hidden></p>
<div class="progress" id="progress" hidden></div>
${contents.join('\n')}
</main>`,
  });
}

/** @param {string} part */
const partId = (part) => (part.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join('-');

/** @param {Lesson} lesson */
function indexEntry({ id, title, summary, exercises }) {
  const count = exercises.length === 1 ? t('oneExercise') : t('exercises', String(exercises.length));
  const names = exercises.map((exercise) => `${exercise.id}@${exerciseVersion(exercise)}`).join(' ');
  return `<li><a href="lessons/${id}/index.html"><span class="title">${escapeHtml(title)}</span>${
    summary && `<span class="summary">${escapeHtml(summary)}</span>`}</a>${
    exercises.length > 0 ? `<span class="exercises-of" data-exercises="${names}"${count}</span>` : ''}</li>`;
}

// Without JavaScript the listings stand one below the other, and there is nothing to press.
const withoutScript = `<noscript><style>.listing, .filename, .elsewhere { display: block !important }
.bench button, .choices, .editor .bar, .views, .places, .tools { display: none !important }</style></noscript>
`;

/** @typedef {{ first: string[], later: string[], last: string[] }} Scripts  of app/: what the page's own imports, what a bench needs, what editing needs */

/** Has scripts fetched before others ask for them. @param {string} root @param {Scripts} scripts */
function fetchEarly(root, { first, later, last }) {
  const link = (/** @type {string} */ name, priority = '') => `<link rel="modulepreload"${priority} href="${root}app/${name}">\n`;
  return [
    ...first.map((name) => link(name)),
    ...later.map((name) => link(name, ' fetchpriority="low"')),
    ...last.map((name) => `<link rel="prefetch" href="${root}app/${name}">\n`),
  ].join('');
}

/**
 * @param {Lesson} lesson
 * @param {Scripts} scripts
 * @param {Lesson | undefined} before
 * @param {Lesson | undefined} after
 */
export function lessonPage(lesson, scripts, before, after) {
  const text = renderMarkdown(lesson.markdown, lesson.folder);
  const root = '../'.repeat(1 + lesson.id.split('/').length);
  return layout({
    title: `${lesson.title} · Portside`,
    root,
    kind: 'lesson',
    script: 'lesson',
    head: fetchEarly(root, scripts) + withoutScript,
    trail: `<nav class="trail"${label('where')}><a href="${root}index.html"${t('allLessons')}</a>
<a href="${root}index.html#${partId(lesson.part)}">${escapeHtml(lesson.part)}</a>
<span aria-current="page">${escapeHtml(lesson.title)}</span></nav>`,
    summary: lesson.summary || lesson.title,
    body: `<main class="split">
<article class="text" id="text" lang="en" tabindex="-1">
<h1>${escapeHtml(lesson.title)}</h1>
${text}
${lesson.exercises.map((exercise, i) => exerciseSection(exercise, exerciseName(lesson, i))).join('\n')}
${neighbours(lesson, before, after)}
<p class="edit" hidden><a data-source="${lesson.id}/lesson.md" href=""${t('edit')}</a></p>
</article>
<div class="side" id="bench">
<h1 class="unseen name" lang="en">${escapeHtml(lesson.title)}</h1>
<div class="notice" id="notice" role="alert" hidden></div>
${choices(lesson)}
<div class="work">
${bench(lesson, '', label('lesson'), '')}
${viewsPane()}</div>
</div>
</main>
${placesBar(['text', 'code', 'terminals', 'views'])}
${lesson.exercises.map((exercise, i) => `<template class="bench-of" data-lesson="${exercise.id}">${
    bench(exercise, `${exercise.id.split('/').pop()}/`, label(...exerciseName(lesson, i)), resultsPane())}</template>`).join('\n')}`,
  });
}

/**
 * The page that belongs to no lesson: a bench whose files the learner adds.
 * @param {import('./lessons.js').File[]} files
 * @param {Scripts} scripts
 */
export function playgroundPage(files, scripts) {
  const setting = { id: 'playground', files, terminals: [
    { file: 'server.c', host: 'bob', args: '' },
    { file: 'client.c', host: 'alice', args: 'bob' },
  ], servers: [], links: [], free: true };
  return layout({
    title: 'Playground · Portside',
    root: '../',
    kind: 'lesson playground',
    script: 'lesson',
    head: fetchEarly('../', scripts) + withoutScript,
    trail: `<nav class="trail"${label('where')}><a href="../index.html"${t('allLessons')}</a>
<span aria-current="page"${t('playground')}</span></nav>`,
    summary: 'Programs of your own, on the hosts of the lab.',
    body: `<main class="split">
<div class="side" id="bench">
<h1 class="unseen"${t('playground')}</h1>
<div class="notice" id="notice" role="alert" hidden></div>
<div class="work" id="text" tabindex="-1">
${bench(setting, '', label('playground'), '')}
${viewsPane()}</div>
</div>
</main>
${placesBar(['code', 'terminals', 'views'])}`,
  });
}

/** The views that there are. */
export const viewNames = /** @type {const} */ (['packets', 'calls', 'sockets', 'network'])
  .filter((name) => existsSync(join(top, `web/app/views/${name}.js`)));

/** @type {Record<string, Word>} */
const placeWords = { text: 'text', code: 'code', terminals: 'run', views: 'network' };

/** What a narrow window chooses from. @param {string[]} names */
function placesBar(names) {
  const shown = names.filter((name) => name !== 'views' || viewNames.length > 0);
  return `<nav class="places"${label('show')}>${shown.map((name, i) =>
    `<button type="button" data-place="${name}" aria-current="${i === 0}"${t(placeWords[name])}</button>`).join('')}</nav>`;
}

/** The strip of the views' tabs; the page's script fills it. */
function viewsPane() {
  const tab = (/** @type {typeof viewNames[number]} */ name) =>
    `<button type="button" role="tab" class="tab" id="tab-${name}" data-view="${name}" aria-selected="false" aria-controls="view"${t(name)}</button>`;
  return viewNames.length === 0 ? '' : `<section class="pane views"${label('theNetwork')}>
<header class="bar">
<div class="tabs" role="tablist"${label('views')}>${viewNames.map(tab).join('')}</div>
<button type="button" class="close"${t('close')}</button>
</header>
<div class="view" id="view" role="tabpanel" tabindex="-1"></div>
</section>
`;
}

/** @param {Lesson} lesson @param {number} i @returns {[Word, ...string[]]} */
const exerciseName = ({ exercises }, i) => (exercises.length === 1 ? ['exercise'] : ['exerciseNumber', String(i + 1)]);

/** Which bench is shown. @param {Lesson} lesson */
function choices(lesson) {
  const choice = (/** @type {string} */ id, /** @type {[Word, ...string[]]} */ name, /** @type {string} */ title) =>
    `<button type="button" class="choice" data-lesson="${id}" aria-pressed="${id === lesson.id}" title="${escapeHtml(title)}"${t(...name)}</button>`;
  if (lesson.exercises.length === 0) return '';
  return `<nav class="choices"${label('onBench')}>${choice(lesson.id, ['lesson'], lesson.title)}${
    lesson.exercises.map(({ id, title }, i) => choice(id, exerciseName(lesson, i), title)).join('')}</nav>`;
}

/**
 * @param {import('./lessons.js').Setting & { id: string, free?: boolean }} setting
 * @param {string} base the way to the files' programs
 * @param {string} name its label
 * @param {string} more
 */
function bench({ id, files, terminals, servers, links, free }, base, name, more) {
  return `<section class="bench"${name} data-lesson="${id}" data-base="${base}" data-setting="${escapeHtml(JSON.stringify({ servers, links, free }))}">
${editorPane(files)}
<div class="terminals">
${terminals.map(terminalPane).join('\n')}
${more}</div>
</section>`;
}

function resultsPane() {
  return `<section class="pane results"${label('check')}>
<header class="bar">
<h2${t('check')}</h2><span class="state" role="status"></span>
<button type="button" class="stop" disabled${t('stop')}</button>
<button type="button" class="check" title="Ctrl+Enter" disabled${t('check')}</button>
</header>
<p class="nothing"${t('nothingChecked')}</p>
<ol class="outcome" aria-live="polite"></ol>
</section>`;
}

/** @param {Exercise} exercise @param {[Word, ...string[]]} name */
function exerciseSection(exercise, name) {
  const { id, folder, title, markdown, hints, files, solution } = exercise;
  const hint = (/** @type {string} */ text, /** @type {number} */ i) =>
    `<details class="hint"><summary${t('hint', String(i + 1), String(hints.length))}</summary>\n${renderMarkdown(text, folder)}</details>`;
  const listings = (/** @type {import('./lessons.js').File[]} */ list) => list.map(({ name: file, text }) =>
    `<p class="filename">${file}</p>\n<pre class="code" data-language="c" data-file="${file}" tabindex="0"><code>${highlight(text, 'c')}</code></pre>`).join('\n');
  return `<section class="exercise" id="${id.split('/').pop()}" data-exercise="${id}" data-version="${exerciseVersion(exercise)}">
<h2><span${t(...name)}</span>: ${escapeHtml(title)} <span class="done" hidden${t('done')}</span></h2>
${renderMarkdown(markdown, folder)}
<p class="start" hidden><button type="button"${t('start')}</button></p>
<noscript><h3>${texts.page.beginWith}</h3>
${listings(files)}</noscript>
${hints.map(hint).join('\n')}
<details class="solution"><summary${t('solution')}</summary>
${listings(solution)}</details>
</section>`;
}

/** Changes with its starters. @param {Exercise} exercise */
const exerciseVersion = ({ files }) => version(files.map(({ text }) => text).join('\0'));

/** @param {Lesson} lesson @param {Lesson | undefined} before @param {Lesson | undefined} after */
function neighbours({ id }, before, after) {
  const root = '../'.repeat(id.split('/').length);
  const link = (/** @type {Lesson | undefined} */ lesson, /** @type {string} */ rel, /** @type {Word} */ what) =>
    lesson ? `<a rel="${rel}" href="${root}${lesson.id}/index.html"><small${t(what)}</small> ${escapeHtml(lesson.title)}</a>` : '<span></span>';
  return before || after ? `<nav class="neighbours"${label('lessons')}>${link(before, 'prev', 'previous')}${link(after, 'next', 'next')}</nav>` : '';
}

/** @param {import('./lessons.js').File[]} files */
function editorPane(files) {
  const tab = (/** @type {{ name: string }} */ { name }, /** @type {number} */ i) =>
    `<button type="button" role="tab" class="tab" data-file="${name}" aria-selected="${i === 0}">${name}</button>`;
  const listing = (/** @type {{ name: string, text: string }} */ { name, text }, /** @type {number} */ i) =>
    `<div class="listing" data-file="${name}" data-version="${version(text)}"${i > 0 ? ' hidden' : ''}>
<p class="filename">${name}</p>
<pre class="code" tabindex="0"><span class="line-numbers" aria-hidden="true">${text.split('\n').map((_, line) => line + 1).join('\n')}</span><code>${highlight(text, 'c')}</code></pre></div>`;
  return `<section class="pane editor"${label('editor')}>
<header class="bar">
<div class="tabs" role="tablist"${label('files')}>${files.map(tab).join('')}</div>
<button type="button" class="reset" disabled${t('reset')}</button>
<div class="menu"><button type="button" class="more" aria-haspopup="menu" aria-expanded="false"${t('more')}</button></div>
</header>
<div class="source">${files.map(listing).join('\n')}</div>
</section>`;
}

/** @param {import('./lessons.js').Terminal} terminal */
function terminalPane({ file, host, args }) {
  const program = file.replace(/\.c$/, '');
  return `<section class="pane terminal" data-file="${file}" data-host="${host}" data-args="${escapeHtml(args)}"${label('terminalFor', file, host)}>
<header class="bar">
<h2>${program}</h2><span class="host"${t('on', host)}</span><span class="state" role="status"></span>
<button type="button" class="stop" disabled${t('stop')}</button>
<button type="button" class="run" title="Shift+Enter" disabled${t('run')}</button>
</header>
<div class="screen"><div class="elsewhere" hidden><p${t('onLinux')}</p>
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
