/** Where the Makefile puts a course's programs. */
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const top = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const ownCourse = join(top, 'web/lessons');

/** `lessons` or `courses/NAME`, below build/ and build/native/. @param {string} root the course's folder */
const place = (root) => (relative(ownCourse, resolve(root)) === '' ? 'lessons' : `courses/${basename(resolve(root))}`);

/**
 * The program that was made of a C file of the course.
 * @param {string} root the course's folder
 * @param {string} path below it, as `tcp/simple/client.c`
 */
export function builtProgram(root, path) {
  const program = path.replace(/\.c$/, '');
  return {
    wasm: join(top, 'build', place(root), `${program}.wasm`),
    native: join(top, 'build/native', place(root), program),
  };
}

/** @param {string} file */
export const programOf = (file) => file.replace(/\.c$/, '');
