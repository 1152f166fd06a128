/**
 * A lesson's page: makes the static page's listings an editor, and its empty panes terminals. There
 * is a bench for the lesson, and one for each exercise; one of them is shown.
 */
import { Bench } from './bench.js';
import { Compiler } from './compiler.js';
import { all, button, hideNotice, make, notice, one } from './dom.js';
import { divide, goTo, openPlaces, watchPlace } from './panes.js';
import { Progress } from './progress.js';
import { isolationSettled, missingFeatures } from './support.js';
import { texts } from './texts.js';
import { Views } from './views.js';

const root = new URL('../', import.meta.url);
const progress = new Progress(() => localStorage);

/** Benches that have been shown, by id. @type {Map<string, Bench>} */
const benches = new Map();
/** @type {Bench|undefined} */
let shown;
/** @type {Compiler|undefined} */
let compiler;
/** Whether the browser can run programs; undefined until that is known. @type {boolean|undefined} */
let able;
/** @type {Views|undefined} */
let views;

/** @type {import('./bench.js').BenchEvents} */
const events = {
  onPassed: passed,
  onLab: (lab) => views?.attach(lab),
  onNoLab: () => views?.detach(),
};

/** The compiler, and at the top of the page how far it has come. */
function openCompiler() {
  const box = one('#compiler');
  const bar = document.createElement('progress');
  bar.max = 100;
  const label = make('span');
  const opened = new Compiler(new URL('toolchain/', root), ({ state, percent, reason }) => {
    for (const bench of benches.values()) bench.progress();
    box.hidden = state !== 'loading' && state !== 'failed';
    if (state === 'loading') {
      bar.value = percent;
      label.textContent = texts.compiler(percent);
      if (!bar.isConnected) box.replaceChildren(label, bar);
    } else if (state === 'failed') {
      box.replaceChildren(texts.compilerFailed(reason), ' ', button(texts.again, () => opened.loadQuietly()));
    }
  });
  return opened;
}

/** Terminals where programs run; else how to run them elsewhere. @param {Bench} bench */
function equip(bench) {
  if (able && compiler) bench.equip(root, compiler);
  else bench.showElsewhere();
}

/**
 * Shows a bench in place of the one that is shown.
 * @param {string} id
 * @param {boolean} [focus]
 */
async function show(id, focus = false) {
  if (shown?.id === id || able === undefined) return;
  const before = shown;
  before?.leave();
  if (able) hideNotice();
  let bench = benches.get(id);
  const template = /** @type {HTMLTemplateElement|undefined} */ (all('template.bench-of').find((element) => element.dataset.lesson === id));
  const section = bench?.section ?? /** @type {HTMLElement} */ (template?.content.firstElementChild?.cloneNode(true));
  before?.section.replaceWith(section);
  divideWork();
  if (!bench) {
    bench = new Bench(section, events);
    benches.set(id, bench);
    equip(bench);
  }
  shown = bench;
  for (const choice of all('.choice')) choice.setAttribute('aria-pressed', String(choice.dataset.lesson === id));
  if (focus) {
    goTo('code');
    one('.choice[aria-pressed="true"]')?.focus({ preventScroll: true });
  }
  if (able) await bench.enter();
}

/** Shows of an exercise whether it is done. @param {HTMLElement} exercise its section in the text */
function mark(exercise) {
  const { exercise: id = '', version = '' } = exercise.dataset;
  const done = progress.has(`${id}@${version}`);
  one('.done', exercise).hidden = !done;
  for (const choice of all('.choice')) if (choice.dataset.lesson === id) choice.classList.toggle('done', done);
}

/** @param {string} id of the exercise whose check passed */
function passed(id) {
  const exercise = all('.exercise').find((element) => element.dataset.exercise === id);
  if (!exercise) return;
  progress.add(`${id}@${exercise.dataset.version}`);
  mark(exercise);
  /** @type {HTMLDetailsElement} */ (one('.solution', exercise)).open = true;
}

/** Start, and hints that come one at a time. @param {HTMLElement} exercise */
function openExercise(exercise) {
  mark(exercise);
  const start = one('.start', exercise);
  start.hidden = false;
  one('button', start).addEventListener('click', () => show(exercise.dataset.exercise ?? '', true));
  const hints = /** @type {HTMLDetailsElement[]} */ (all('.hint', exercise));
  hints.forEach((hint, i) => {
    hint.hidden = i > 0;
    hint.addEventListener('toggle', () => {
      if (hint.open && hints[i + 1]) hints[i + 1].hidden = false;
    });
  });
}

/** The panes of the page, which stay when another bench is shown. */
function openPanes() {
  const pane = one('.views');
  if (pane) views = new Views(pane, (file, line) => shown?.reveal(file, line));
  watchPlace((place) => place === 'views' && views?.openLast());
  openPlaces();
  divide(one('.split'), 'page');
  divideWork();
}

/** The bench and the views; a bench that is swapped keeps its place. */
function divideWork() {
  divide(one('.work'), 'work');
}

async function open() {
  openPanes();
  const section = one('.bench');
  const lesson = new Bench(section, events);
  benches.set(lesson.id, lesson);
  shown = lesson;
  for (const exercise of all('.exercise')) openExercise(exercise);
  const choices = one('.choices');
  if (choices) choices.hidden = false;
  for (const choice of all('.choice')) choice.addEventListener('click', () => show(choice.dataset.lesson ?? ''));
  addEventListener('pagehide', () => shown?.leave());
  addEventListener('pageshow', ({ persisted }) => persisted && able && shown?.enter());

  await isolationSettled();
  const missing = missingFeatures(globalThis);
  able = missing.length === 0;
  if (able) compiler = openCompiler();
  equip(lesson);
  if (missing.length > 0) {
    const { title, lacks, advice, features } = texts.missing;
    return notice(texts.close, title, lacks(missing.map((feature) => features[feature])), advice);
  }
  await lesson.enter();
  compiler?.loadQuietly();
}

await open();
