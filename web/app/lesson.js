/** A lesson's page: makes the static page's listings an editor, and its empty panes terminals. */
import { Compiler } from './compiler.js';
import { Editor } from './editor.js';
import { Files } from './files.js';
import { Screen } from './screen.js';
import { isolationSettled, missingFeatures } from './support.js';
import { texts } from './texts.js';
import { Workbench } from './workbench.js';

const root = new URL('../', import.meta.url);

/** @template {HTMLElement} T @param {string} selector @param {ParentNode} within */
function one(selector, within = document) {
  return /** @type {T} */ (within.querySelector(selector));
}

/** @param {string} selector @param {ParentNode} within */
function all(selector, within = document) {
  return /** @type {HTMLElement[]} */ ([...within.querySelectorAll(selector)]);
}

/**
 * @param {string} tag
 * @param {(string|Node)[]} children
 */
function make(tag, ...children) {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
}

/**
 * Says something above the panes, in place of what was said there before.
 * @param {string} title
 * @param {(string|Node)[]} lines
 */
function notice(title, ...lines) {
  const box = one('#notice');
  const close = button(texts.close, hideNotice);
  close.className = 'close';
  box.replaceChildren(close, make('p', make('strong', title)), ...lines.map((line) => make('p', line)));
  box.hidden = false;
}

function hideNotice() {
  one('#notice').hidden = true;
}

/** @param {string} label @param {() => void} action */
function button(label, action) {
  const element = make('button', label);
  element.addEventListener('click', action);
  return element;
}

/** @param {unknown} error */
function reasonOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @param {string} lesson */
function filesOf(lesson) {
  const starters = all('.listing').map((listing) => ({
    name: listing.dataset.file ?? '',
    version: listing.dataset.version ?? '',
    text: one('code', listing).textContent ?? '',
  }));
  return new Files(lesson, starters, () => localStorage);
}

/**
 * The tabs, the editor and Reset.
 * @param {Files} files
 * @param {(name: string) => void} onRun
 */
function openEditor(files, onRun) {
  const tabs = all('.tab');
  const reset = /** @type {HTMLButtonElement} */ (one('.reset'));
  const modified = (/** @type {string} */ name) => editor.text(name) !== files.starter(name);
  const mark = () => {
    for (const tab of tabs) {
      const name = tab.dataset.file ?? '';
      tab.setAttribute('aria-selected', String(name === editor.current));
      tab.classList.toggle('modified', modified(name));
    }
    reset.disabled = !modified(editor.current);
  };
  const editor = new Editor(
    one('.source'),
    files.names.map((name) => ({ name, text: files.load(name) })),
    {
      onRun,
      onChange: (name) => {
        files.save(name, editor.text(name));
        mark();
      },
    },
  );
  const show = (/** @type {string} */ name) => {
    editor.open(name);
    mark();
  };
  for (const tab of tabs) {
    tab.addEventListener('click', () => {
      show(tab.dataset.file ?? '');
      editor.focus();
    });
  }
  reset.addEventListener('click', () => editor.replace(editor.current, files.starter(editor.current)));
  mark();
  return { editor, show };
}

/**
 * The compiler, and at the top of the page how far it has come.
 * @param {() => void} onProgress
 */
function openCompiler(onProgress) {
  const box = one('#compiler');
  const bar = document.createElement('progress');
  bar.max = 100;
  const label = make('span');
  const compiler = new Compiler(new URL('toolchain/', root), ({ state, percent, reason }) => {
    onProgress();
    box.hidden = state !== 'loading' && state !== 'failed';
    if (state === 'loading') {
      bar.value = percent;
      label.textContent = texts.compiler(percent);
      if (!bar.isConnected) box.replaceChildren(label, bar);
    } else if (state === 'failed') {
      box.replaceChildren(texts.compilerFailed(reason), ' ', button(texts.again, () => compiler.loadQuietly()));
    }
  });
  return compiler;
}

/**
 * A terminal with its buttons.
 * @param {HTMLElement} pane
 * @param {(screen: Screen, name: string) => Promise<void>} run builds and starts the pane's program
 * @param {(name: string) => string} doing what is being done before it can start
 */
function openTerminal(pane, run, doing) {
  const name = pane.dataset.file ?? '';
  const runButton = /** @type {HTMLButtonElement} */ (one('.run', pane));
  const stopButton = /** @type {HTMLButtonElement} */ (one('.stop', pane));
  const state = one('.state', pane);
  let starting = false;
  const show = () => {
    runButton.disabled = starting || !screen.ready;
    stopButton.disabled = !screen.busy;
    pane.classList.toggle('running', screen.busy);
    state.textContent = (starting && doing(name)) || (screen.busy ? texts.running : '');
  };
  const start = async () => {
    if (runButton.disabled) return;
    starting = true;
    show();
    try {
      await run(screen, name);
    } catch (error) {
      await screen.print(texts.notRun(reasonOf(error)));
    } finally {
      starting = false;
      show();
    }
  };
  const screen = new Screen(one('.screen', pane), pane.dataset.host ?? '', show);
  runButton.addEventListener('click', async () => {
    await start();
    if (matchMedia('(pointer: fine)').matches) screen.focus(); // elsewhere a keyboard would cover it
  });
  stopButton.addEventListener('click', () => screen.stop());
  return { name, screen, start, show };
}

/** @param {string} lesson */
async function open(lesson) {
  /** @type {ReturnType<typeof openTerminal>[]} */
  let terminals = [];
  const files = filesOf(lesson);
  const { editor, show } = openEditor(files, (name) => {
    terminals.find((terminal) => terminal.name === name)?.start();
  });

  await isolationSettled();
  const missing = missingFeatures(globalThis);
  if (missing.length > 0) {
    const { title, lacks, advice, features } = texts.missing;
    notice(title, lacks(missing.map((feature) => features[feature])), advice);
    for (const hint of all('.elsewhere')) hint.hidden = false;
    return;
  }

  const compiler = openCompiler(() => terminals.forEach((terminal) => terminal.show()));
  const run = async (/** @type {Screen} */ screen, /** @type {string} */ name) => {
    const built = await workbench.build(name, editor.text(name));
    if (!built.ok) show(name);
    editor.mark(name, built.diagnostics);
    if (built.output !== '') await screen.print(built.output);
    if (built.wasm) await workbench.run(screen, name, built.wasm);
  };
  const doing = (/** @type {string} */ name) => {
    if (editor.text(name) === files.starter(name)) return '';
    return compiler.progress.state === 'loading' ? texts.waiting(compiler.progress.percent) : texts.compiling;
  };
  terminals = all('.terminal').map((pane) => openTerminal(pane, run, doing));

  const workbench = new Workbench({
    root,
    files,
    compiler,
    screens: terminals.map(({ screen }) => screen),
    onFailure: (message, soon) => {
      const { title, repeated, kept, restart } = texts.failure;
      if (soon) return notice(repeated, message, button(restart, restartLab));
      notice(title, message, kept);
      void start();
    },
  });
  const start = async () => {
    try {
      await workbench.start();
      compiler.loadQuietly();
    } catch (error) {
      for (const { screen } of terminals) screen.detach();
      notice(texts.notStarted, reasonOf(error), button(texts.failure.restart, restartLab));
    }
  };
  const restartLab = () => {
    hideNotice();
    void start();
  };
  await start();
}

await open(one('#bench').dataset.lesson ?? '');
