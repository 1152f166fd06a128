/**
 * Makes the static site: node web/build/site.js [--lessons DIR] [--out DIR]
 * out of web/, build/kernel.wasm and build/programs/. The compiler's files (toolchain/) are packed
 * by sysroot.js and are left alone. Every link in the site is relative.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { builtProgram, ownCourse, programOf, top } from './built.js';
import { indexPage, lessonPage, viewNames } from './html.js';
import { readLessons } from './lessons.js';

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

/** @param {import('./lessons.js').Lesson[]} lessons */
function writePages(lessons) {
  for (const [i, lesson] of lessons.entries()) {
    write(`lessons/${lesson.id}/index.html`, lessonPage(lesson, lessons[i - 1], lessons[i + 1]));
    writeFiles(lesson.id, lesson.files);
    for (const { id, files } of lesson.exercises) {
      writeFiles(id, files);
      copyProgram(`${id}/check.c`);
    }
  }
  write('index.html', indexPage(lessons));
}

/** The page's script and style, and the runtime's Workers, each a file of its own. */
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
    logLevel: 'warning',
  };
  await Promise.all([
    build({
      ...common,
      entryPoints: ['lesson.js', 'contents.js', 'page.css', ...viewNames.map(([name]) => `views/${name}.js`)].map((name) => join(web, 'app', name)),
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
}

function copyFiles() {
  const require = createRequire(import.meta.url);
  copy(join(web, 'app/icon.svg'), 'app/icon.svg');
  copy(require.resolve('coi-serviceworker/coi-serviceworker.min.js'), 'coi-serviceworker.js');
  copy(join(top, 'build/kernel.wasm'), 'runtime/kernel.wasm');
  copy(join(top, 'build/programs'), 'runtime/programs');
}

const { lessons, problems } = readLessons(root);
if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  process.exit(1);
}
for (const made of ['app', 'lessons', 'runtime']) rmSync(join(out, made), { recursive: true, force: true });
await bundle();
copyFiles();
if (!existsSync(join(out, 'config.json'))) write('config.json', '{ "proxy": null }\n');
writePages(lessons);
