/**
 * The memory of a program that may have threads: one that its Workers share, made outside of it.
 */

/** @typedef {{ initial: number, maximum: number }} Pages  of 64 KiB */

const IMPORTS = 2; // a section of a module
const FUNCTION = 0, TABLE = 1, MEMORY = 2, GLOBAL = 3;

/**
 * What memory a module imports, which no interface of JavaScript tells; null: it has its own.
 * @param {Uint8Array} wasm
 * @returns {Pages | null}
 */
export function importedMemory(wasm) {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = wasm[at++];
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const skip = () => { const length = number(); at += length; };
  const limits = () => {
    const flags = wasm[at++], initial = number();
    return { initial, maximum: flags & 1 ? number() : initial };
  };
  while (at < wasm.length && wasm[at] !== IMPORTS) { at++; skip(); }
  if (at >= wasm.length) return null;
  at++;
  number();
  for (let left = number(); left > 0; left--) {
    skip();
    skip();
    const kind = wasm[at++];
    if (kind === MEMORY) return limits();
    if (kind === FUNCTION) number();
    else if (kind === GLOBAL) at += 2;
    else if (kind === TABLE) { at++; limits(); }
    else { at++; number(); }
  }
  return null;
}
