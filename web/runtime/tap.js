/** What a checker prints (src/check/check.h), as results. */

/** @typedef {{ ok: boolean, title: string, lines: string[] }} Result  lines: of a failure, for people */

export class Tap {
  #onResult;
  #rest = '';
  #decoder = new TextDecoder();
  /** @type {Result | undefined} */
  #open;
  #planned = -1;
  /** @type {Result[]} */
  results = [];

  /** @param {(result: Result) => void} [onResult]  called for each as soon as it is whole */
  constructor(onResult = () => {}) {
    this.#onResult = onResult;
  }

  /** @param {Uint8Array} bytes */
  write(bytes) {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  /** There is no more. */
  end() {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
    this.#close();
  }

  /** All checks were made, and passed. */
  get passed() {
    const { results } = this;
    return results.length > 0 && results.length === this.#planned && results.every(({ ok }) => ok);
  }

  /** @param {string} line */
  #line(line) {
    const [, not, title] = /^(not )?ok \d+ - (.*)$/.exec(line) ?? [];
    const [, count] = /^1\.\.(\d+)$/.exec(line) ?? [];
    if (title !== undefined) {
      this.#close();
      this.#open = { ok: !not, title, lines: [] };
      if (!not) this.#close();
    } else if (count !== undefined) {
      this.#close();
      this.#planned = Number(count);
    } else if (line.startsWith('# ')) {
      this.#open?.lines.push(line.slice(2));
    }
  }

  #close() {
    const result = this.#open;
    if (!result) return;
    this.#open = undefined;
    this.results.push(result);
    this.#onResult(result);
  }
}
