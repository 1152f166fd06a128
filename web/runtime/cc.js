/** What goes over the stream of the lab's cc; src/bin/cc.c says how. */

/** @typedef {(words: string[], files: Record<string, Uint8Array>) => Promise<{ output: string, made?: Uint8Array }>} Make */

const NEWLINE = 10;

/** A request as it comes, in pieces. */
export class Request {
  #bytes = new Uint8Array(0);
  #decoder = new TextDecoder();

  /**
   * @param {Uint8Array} piece
   * @returns {{ words: string[], files: Record<string, Uint8Array> } | null}  null: not all of it is there yet
   */
  add(piece) {
    const all = new Uint8Array(this.#bytes.length + piece.length);
    all.set(this.#bytes);
    all.set(piece, this.#bytes.length);
    this.#bytes = all;
    let at = 0;
    const line = () => {
      const end = all.indexOf(NEWLINE, at);
      if (end < 0) return null;
      const text = this.#decoder.decode(all.subarray(at, end));
      at = end + 1;
      return text;
    };
    const head = line()?.split(' ').map(Number);
    if (!head) return null;
    const [words, files] = head;
    /** @type {Uint8Array[]} */
    const parts = [];
    while (parts.length < words + 2 * files) {
      const length = Number(line() ?? Infinity);
      if (at + length > all.length) return null;
      parts.push(all.slice(at, (at += length)));
    }
    const texts = parts.map((part) => this.#decoder.decode(part));
    const names = Array.from({ length: files }, (_, i) => words + 2 * i);
    return { words: texts.slice(0, words), files: Object.fromEntries(names.map((i) => [texts[i], parts[i + 1]])) };
  }
}

/** @param {{ output: string, made?: Uint8Array }} outcome @returns {Uint8Array[]} */
export function answer({ output, made }) {
  const encoder = new TextEncoder();
  return [encoder.encode(output), ...(made ? [made] : [])].flatMap((part) => [encoder.encode(`${part.length}\n`), part]);
}
