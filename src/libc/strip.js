// node strip.js [--unlike DIR] FILE.o...: empties the debug sections of wasm object files, in place,
// and removes files that are no different from DIR's but in what they say of themselves. They stay
// there, empty, because symbols and relocations count sections. (llvm-objcopy cannot do this.)
import { existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

/** @param {Uint8Array} bytes @param {number} at @returns {[number, number]} the number, and where it ends */
function leb(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}

/** @param {Uint8Array} wasm @returns {Uint8Array[]} */
function strip(wasm) {
  const kept = [wasm.subarray(0, 8)];
  for (let at = 8; at < wasm.length;) {
    const start = at, id = wasm[at];
    const [size, body] = leb(wasm, at + 1);
    at = body + size;
    if (id !== 0) {
      kept.push(wasm.subarray(start, at));
      continue;
    }
    const [length, text] = leb(wasm, body);
    const name = new TextDecoder().decode(wasm.subarray(text, text + length));
    if (name.startsWith('reloc..debug_')) continue;
    const end = name.startsWith('.debug_') ? text + length : at;
    if (end === at) kept.push(wasm.subarray(start, at));
    else kept.push(Uint8Array.of(0, end - body), wasm.subarray(body, end));
  }
  return kept;
}

/** What is linked of an object file. @param {Uint8Array} wasm */
function essence(wasm) {
  const kept = [];
  for (let at = 8; at < wasm.length;) {
    const id = wasm[at], [size, body] = leb(wasm, at + 1);
    at = body + size;
    const [length, text] = leb(wasm, body);
    const name = id === 0 ? new TextDecoder().decode(wasm.subarray(text, text + length)) : '';
    if (!/^(target_features$|producers$|\.debug_|reloc\.\.debug_)/.test(name)) kept.push(wasm.subarray(body, at));
  }
  return Buffer.concat(kept);
}

const { values: { unlike }, positionals } = parseArgs({ options: { unlike: { type: 'string' } }, allowPositionals: true });
for (const file of positionals) {
  const stripped = Buffer.concat(strip(readFileSync(file))), other = unlike && join(unlike, basename(file));
  if (other && existsSync(other) && essence(stripped).equals(essence(readFileSync(other)))) unlinkSync(file);
  else writeFileSync(file, stripped);
}
