/** node web/build/asyncify.js PROGRAM: makes it ready for fork(), as web/runtime/llvm.js does in the page. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { asyncify } from '../runtime/asyncify.js';

const [program] = process.argv.slice(2);
const binaryen = pathToFileURL(createRequire(import.meta.url).resolve('binaryen')).href;
const bytes = await asyncify(new Uint8Array(readFileSync(program)), binaryen);
writeFileSync(program, bytes);
