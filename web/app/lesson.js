/**
 * A lesson's page: makes the static page's empty panes terminals, and its listings an editor. There
 * is a bench for the lesson, and one for each exercise; one of them is shown. The text is there first:
 * the lab, and beside it the terminals follow once it is painted, the compiler behind them.
 */
import { Compiler } from './compiler.js';
import { siteConfig } from './config.js';
import { toast } from './dialog.js';
import { all, button, hideNotice, make, notice, one, painted, turn } from './dom.js';
import { openHeader, root } from './header.js';
import { divide, goTo, openPlaces, watchPlace } from './panes.js';
import { Progress } from './progress.js';
import { fromFragment } from './share.js';
import { exportProgress } from './settings.js';
import { store } from './store.js';
import { isolationSettled, missingFeatures } from './support.js';
import { texts, translate } from './texts.js';
import { Views } from './views.js';
import { Workbench, settingOf } from './workbench.js';

const progress = new Progress(() => store);
const embedded = new URLSearchParams(location.search).has('embed');
const CALM = 3000; // ms between the lab's start and the compiler's, which takes all cores

/** @typedef {import('./bench.js').Bench} Bench */
/** What a bench is made of, fetched once the text is there. @type {typeof import('./bench.js')} */
let module;

/** Benches that have been shown, by id. @type {Map<string, Bench>} */
const benches = new Map();
/** @type {Bench|undefined} */
let shown;
/** @type {Compiler|undefined} */
let compiler;
/** Whether the browser can run programs; undefined until that is known. @type {boolean|undefined} */
let able;
/** What was asked for before that. @type {(() => Promise<void>)|undefined} */
let wanted;
/** @type {Views|undefined} */
let views;

/** @type {import('./bench.js').BenchEvents} */
const events = {
  onPassed: passed,
  onLab: (lab) => {
    views?.attach(lab);
    setTimeout(() => compiler?.loadQuietly(), CALM);
  },
  onNoLab: () => views?.detach(),
};

/** The page has what it needs (isolation.js). */
const rest = () => dispatchEvent(new Event('portside-rest'));

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
    if (state === 'ready' || state === 'failed') rest();
  });
  return opened;
}

/** Terminals where programs run; else how to run them elsewhere. @param {Bench} bench @param {Workbench} [begun] its lab */
async function equip(bench, begun) {
  if (compiler) await bench.equip(root, compiler, begun);
  else bench.showElsewhere();
}

/**
 * Shows a bench in place of the one that is shown.
 * @param {string} id
 * @param {boolean} [focus]
 */
async function show(id, focus = false) {
  if (able === undefined) wanted = () => show(id, focus);
  if (shown?.id === id || able === undefined) return;
  const before = shown;
  before?.leave();
  if (able) hideNotice();
  let bench = benches.get(id), made;
  const template = /** @type {HTMLTemplateElement|undefined} */ (all('template.bench-of').find((element) => element.dataset.lesson === id));
  const section = bench?.section ?? /** @type {HTMLElement} */ (template?.content.firstElementChild?.cloneNode(true));
  translate(section);
  before?.section.replaceWith(section);
  divideWork();
  if (!bench) {
    bench = new module.Bench(section, events);
    benches.set(id, bench);
    made = equip(bench);
  }
  shown = bench;
  remember();
  for (const choice of all('.choice')) choice.setAttribute('aria-pressed', String(choice.dataset.lesson === id));
  if (focus) {
    goTo('code');
    one('.choice[aria-pressed="true"]')?.focus({ preventScroll: true });
  }
  await made;
  if (able && shown === bench) await bench.enter();
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

/** Where the learner is, for the contents to lead back to. */
function remember() {
  const title = one('article h1')?.textContent ?? '';
  if (title && shown) store.setItem('portside:last', JSON.stringify({ path: location.pathname.slice(root.pathname.length), title, bench: shown.id }));
}

/** The benches of this page. */
function benchIds() {
  return [one('.bench').dataset.lesson, ...all('template.bench-of').map(({ dataset }) => dataset.lesson)];
}

/** A link that carries files: they are shown, and neither run nor saved unless the learner says so. */
async function openShared() {
  const shared = await fromFragment(location.hash);
  if (shared === undefined) return;
  const words = texts.share;
  history.replaceState(history.state, '', location.pathname + location.search);
  if (!shared || !benchIds().includes(shared.bench)) return notice(texts.close, words.broken, words.brokenMore);
  await show(shared.bench);
  const bench = shown;
  if (!bench || !Object.keys(shared.files).every((name) => bench.free || bench.editor.names.includes(name))) {
    return notice(texts.close, words.broken, words.brokenMore);
  }
  bench.files.paused = true;
  for (const [name, text] of Object.entries(shared.files).reverse()) bench.put(name, text); // the first is shown
  const keep = button(words.keep, () => {
    bench.files.paused = false;
    for (const [name, text] of Object.entries(shared.files)) bench.keep(name, text);
    hideNotice();
  });
  notice(texts.close, words.opened, words.openedMore, make('span', keep, ' ', button(words.back, () => location.reload())));
}

/** Alt and a digit go from pane to pane, Ctrl+S never opens the browser's dialog and stops no terminal. @param {KeyboardEvent} event */
function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.code === 'KeyS') {
    event.preventDefault();
    event.stopPropagation(); // a terminal would stop to show anything until Ctrl+Q
    toast(store.keeps ? texts.editor.saved : texts.editor.notSaved);
  }
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const go = {
    Digit1: () => (goTo('text'), one('#text')?.focus()),
    Digit2: () => (goTo('code'), shown?.editor.focus()),
    Digit3: () => (goTo('terminals'), shown?.focusTerminal()),
    Digit4: () => (goTo('views'), one('.views [role=tab][tabindex="0"]')?.focus()),
  }[event.code];
  if (!go) return;
  event.preventDefault();
  event.stopPropagation();
  go();
}

/** In another site's page there is the bench alone, and a way to the whole. */
function embed() {
  document.body.classList.add('embedded');
  const whole = make('a', texts.page.openWhole);
  whole.className = 'whole';
  Object.assign(whole, { href: location.pathname + location.hash, target: '_blank' });
  one('.top').append(whole);
}

/** What this browser lacks, in words. @param {ReturnType<typeof missingFeatures>} missing */
function sayMissing(missing) {
  const { title, lacks, advice, features } = texts.missing;
  if (!embedded || !missing.includes('isolation')) {
    return notice(texts.close, title, lacks(missing.map((feature) => features[feature])), advice);
  }
  const link = make('a', texts.embed.open);
  Object.assign(link, { href: location.pathname + location.hash, target: '_blank' });
  return notice(texts.close, texts.embed.title, texts.embed.more, link);
}

/** The link to this page's source, where the site's config.json says under which address that is. */
async function showEditLink() {
  const link = /** @type {HTMLAnchorElement|null} */ (one('.edit a'));
  if (!link) return;
  const { edit } = await siteConfig();
  if (typeof edit !== 'string' || !/^https?:/.test(edit)) return;
  link.href = `${edit.replace(/\/?$/, '/')}${link.dataset.source}`;
  /** @type {HTMLElement} */ (link.parentElement).hidden = false;
}

/** Fetches the parts of a bench, and has each begin in a turn of its own. */
async function fetchBench() {
  await import('./screen.js');
  await turn();
  module = await import('./bench.js');
  await turn();
}

/** The lab of the bench that is shown boots while the page still makes the terminals. */
function beginLab() {
  if (missingFeatures(globalThis).length > 0 || asked()) return undefined;
  const workbench = new Workbench(settingOf(one('.bench'), root));
  workbench.begin();
  return workbench;
}

/** The bench that the page's address names. */
const asked = () => new URLSearchParams(location.search).get('bench');

/** @param {Bench} lesson @param {Workbench} [begun] its lab */
async function openBench(lesson, begun) {
  await isolationSettled();
  const missing = missingFeatures(globalThis);
  if (missing.length === 0) compiler = openCompiler();
  await turn();
  await equip(lesson, begun);
  able = missing.length === 0;
  if (!able) {
    sayMissing(missing);
    rest();
  }
  const id = asked();
  if (wanted) await wanted();
  else if (id && id !== lesson.id && benchIds().includes(id)) await show(id);
  else if (able) void lesson.enter();
  await openShared();
}

async function open() {
  void siteConfig().catch(() => {}); // the lab will need it, and say so
  openHeader();
  if (embedded) embed();
  openPanes();
  addEventListener('keydown', onKey, true);
  store.onFull = () => notice(texts.close, texts.storage.full, texts.storage.fullMore, button(texts.settings.export, exportProgress));
  for (const exercise of all('.exercise')) openExercise(exercise);
  for (const choice of all('.choice')) choice.addEventListener('click', () => show(choice.dataset.lesson ?? ''));
  addEventListener('pagehide', () => shown?.leave());
  addEventListener('pageshow', ({ persisted }) => persisted && able && shown?.enter());

  await painted();
  const begun = beginLab();
  await fetchBench();
  const lesson = new module.Bench(one('.bench'), events);
  benches.set(lesson.id, lesson);
  shown = lesson;
  remember();
  await openBench(lesson, begun);
  void showEditLink();
}

await open();
