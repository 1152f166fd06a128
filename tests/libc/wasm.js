/** Imports and exports of a module with the types of the functions, which the engine does not tell. */

const TYPES = new Map([[0x7f, 'i32'], [0x7e, 'i64'], [0x7d, 'f32'], [0x7c, 'f64']]);

/** @typedef {{ module: string, name: string, type: string }} Import  type: as in 'i32 i64 -> i32' */

/** @param {Uint8Array} wasm */
function reader(wasm) {
  let at = 8;
  const byte = () => wasm[at++];
  const number = () => {
    let value = 0;
    for (let shift = 0, next = 0x80; next & 0x80; shift += 7) {
      next = byte();
      value += (next & 0x7f) * 2 ** shift;
    }
    return value;
  };
  /** @template T @param {() => T} item @returns {T[]} */
  const list = (item) => Array.from({ length: number() }, item);
  const text = () => Buffer.from(list(byte)).toString();
  return { byte, number, list, text, more: () => at < wasm.length, at: () => at, go: (/** @type {number} */ to) => void (at = to) };
}

/** @param {Uint8Array} wasm @returns {{ imports: Import[], exports: Map<string, string> }} */
export function functions(wasm) {
  const { byte, number, list, text, more, at, go } = reader(wasm);
  /** @type {string[]} */
  let types = [];
  /** @type {string[]} */
  const functions = [];
  /** @type {Import[]} */
  const imports = [];
  /** @type {Map<string, string>} */
  const exports = new Map();
  const limits = () => (number() & 1 ? [number(), number()] : [number()]);
  const readType = () => {
    byte();
    const [given, result] = [list(byte), list(byte)].map((values) => values.map((value) => TYPES.get(value)).join(' '));
    return `${given} -> ${result}`;
  };
  const readImport = () => {
    const module = text(), name = text(), kind = byte();
    if (kind === 0) {
      const type = types[number()];
      functions.push(type);
      imports.push({ module, name, type });
    } else if (kind === 1) [byte(), limits()];
    else if (kind === 2) limits();
    else [byte(), number()];
  };
  const readExport = () => {
    const name = text(), kind = byte(), index = number();
    if (kind === 0) exports.set(name, functions[index]);
  };
  while (more()) {
    const id = byte(), size = number(), end = at() + size;
    if (id === 1) types = list(readType);
    if (id === 2) list(readImport);
    if (id === 3) functions.push(...list(() => types[number()]));
    if (id === 7) list(readExport);
    go(end);
  }
  return { imports, exports };
}
