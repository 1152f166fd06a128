/**
 * Makes the static site: node web/build/site.js [--lessons DIR] [--out DIR]
 * out of web/, build/kernel.wasm and build/programs/. The compiler's files (toolchain/) are packed
 * by sysroot.js and are left alone. Every link in the site is relative.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { builtProgram, ownCourse, programOf, top } from './built.js';
import { indexPage, lessonPage, playgroundPage, viewNames } from './html.js';
import { readLessons } from './lessons.js';
import { renderMarkdown } from './markdown.js';
import { searchIndex } from './search.js';

const web = join(top, 'web');

const { values: options } = parseArgs({
  options: {
    lessons: { type: 'string', default: ownCourse },
    out: { type: 'string', default: join(top, 'build/site') },
  },
});
const root = String(options.lessons);
const out = String(options.out);

/** @param {string} path @param {string} text */
function write(path, text) {
  mkdirSync(dirname(join(out, path)), { recursive: true });
  writeFileSync(join(out, path), text);
}

/** @param {string} from @param {string} to in the site */
function copy(from, to) {
  if (existsSync(from)) cpSync(from, join(out, to), { recursive: true });
  else console.warn(`site: ${from} is not there; the site is made without it`);
}

/**
 * The files that a bench opens with, and their programs as they are before any change.
 * @param {string} id @param {import('./lessons.js').File[]} files
 */
function writeFiles(id, files) {
  for (const { name, text } of files) {
    write(`lessons/${id}/${name}`, text);
    copyProgram(`${id}/${name}`);
  }
}

/** @param {string} path of its C file in the course */
function copyProgram(path) {
  copy(builtProgram(root, path).wasm, `lessons/${programOf(path)}.wasm`);
}

/**
 * @param {import('./lessons.js').Lesson[]} lessons
 * @param {import('./html.js').Scripts} scripts
 */
function writePages(lessons, scripts) {
  for (const [i, lesson] of lessons.entries()) {
    write(`lessons/${lesson.id}/index.html`, lessonPage(lesson, scripts, lessons[i - 1], lessons[i + 1]));
    writeFiles(lesson.id, lesson.files);
    for (const { id, files } of lesson.exercises) {
      writeFiles(id, files);
      copyProgram(`${id}/check.c`);
    }
  }
  write('index.html', indexPage(lessons));
  const own = ['server.c', 'client.c'].map((name) => ({ name, text: readFileSync(join(web, 'app/playground', name), 'utf8') }));
  write('playground/index.html', playgroundPage(own, scripts));
  write('search.json', JSON.stringify(searchIndex(lessons.map(({ id, title, folder, markdown, exercises }) => ({
    path: `lessons/${id}/index.html`,
    title,
    html: renderMarkdown(markdown, folder) + exercises.map((exercise) =>
      `<h2 id="${exercise.id.split('/').pop()}">${exercise.title}</h2>${renderMarkdown(exercise.markdown, exercise.folder)}`).join(''),
  })))));
}

/**
 * The page's script and style, and the runtime's Workers, each a file of its own.
 */
async function bundle() {
  const workers = readdirSync(join(web, 'runtime')).filter((name) => name.endsWith('-worker.js'));
  /** @type {import('esbuild').BuildOptions} */
  const common = {
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    sourcemap: 'linked',
    legalComments: 'linked',
    external: ['node:*', 'ws'],
    // The editor and the terminals would make these at once, for words of Chinese and to measure a letter,
    // for which they have another way: 200 ms of a first visit.
    define: { 'Intl.Segmenter': 'undefined', OffscreenCanvas: 'undefined' },
    logLevel: 'warning',
  };
  const [{ metafile }] = await Promise.all([
    build({
      ...common,
      metafile: true,
      entryPoints: ['lesson.js', 'contents.js', 'page.css', ...viewNames.map((name) => `views/${name}.js`)].map((name) => join(web, 'app', name)),
      outbase: join(web, 'app'),
      outdir: join(out, 'app'),
      splitting: true,
    }),
    build({
      ...common,
      entryPoints: workers.map((name) => join(web, 'runtime', name)),
      outdir: join(out, 'runtime'),
    }),
  ]);
  const [, ...first] = scriptsOf(metafile.outputs, ['lesson.js']);
  const later = scriptsOf(metafile.outputs, ['screen.js', 'bench.js']).filter((name) => !first.includes(name));
  const last = scriptsOf(metafile.outputs, ['editor-view.js', 'editor-language.js', 'code-editor.js']).filter((name) => ![...first, ...later].includes(name));
  return { first, later, last };
}

/**
 * These scripts, and what they import when they begin.
 * @param {import('esbuild').Metafile['outputs']} outputs @param {string[]} names
 */
function scriptsOf(outputs, names) {
  /** @type {Set<string>} */
  const needed = new Set();
  const need = (/** @type {string} */ path) => {
    if (needed.has(path) || !outputs[path]) return;
    needed.add(path);
    for (const { path: other, kind } of outputs[path].imports) if (kind === 'import-statement') need(other);
  };
  for (const name of names)
    for (const [path, { entryPoint }] of Object.entries(outputs)) if (entryPoint?.endsWith(`web/app/${name}`)) need(path);
  return [...needed].map((path) => relative(join(out, 'app'), path));
}

/** The service worker, with the list of what it keeps: it is another one whenever a file is. */
async function writeServiceWorker() {
  const files = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(map|txt|gz|c)$|^(service-worker|isolation)\.js$|^config\.json$/.test(entry.name))
    .map((entry) => relative(out, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join('/')).sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(join(out, file)));
  const made = { version: hash.digest('hex').slice(0, 16), files: [...files, 'isolation.js', 'config.json', 'toolchain/manifest.json', 'toolchain/llvm.js', 'toolchain/binaryen.js'] };
  await build({
    entryPoints: [join(web, 'app/isolation.js'), join(web, 'app/service-worker.js')],
    outdir: out,
    bundle: true,
    format: 'iife',
    target: 'es2022',
    minify: true,
    define: { 'globalThis.SITE': JSON.stringify({ ...made, files: [...new Set(made.files)] }) },
  });
}

function copyFiles() {
  const require = createRequire(import.meta.url);
  copy(require.resolve('@wasm-fmt/clang-format/clang-format.wasm'), 'app/clang-format.wasm');
  copy(join(web, 'app/icon.svg'), 'app/icon.svg');
  copy(join(top, 'build/kernel.wasm'), 'runtime/kernel.wasm');
  copy(join(top, 'build/decode.wasm'), 'runtime/decode.wasm');
  copy(join(top, 'build/programs'), 'runtime/programs');
}

const { lessons, problems } = readLessons(root);
if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  process.exit(1);
}
for (const made of ['app', 'lessons', 'playground', 'runtime', 'coi-serviceworker.js']) rmSync(join(out, made), { recursive: true, force: true });
const scripts = await bundle();
copyFiles();
if (!existsSync(join(out, 'config.json'))) write('config.json', '{ "proxy": null }\n');
writePages(lessons, scripts);
await writeServiceWorker();
