/** The Workers of processes: made when they are waited for, one ahead, and used again. */
import { startWorker } from './platform.js';

/** @typedef {import('./platform.js').OwnedWorker} OwnedWorker */
/** @typedef {{ ended: boolean }} Waiter  ended: it needs none any more */

const AHEAD = 1;
const KEPT = 4;   // whose programs have ended, or that nobody waits for any more
const MAKING = 4; // at a time

export class Workers {
  #script;
  #onFailure;
  /** Ready for a program. @type {OwnedWorker[]} */
  #spare = [];
  /** @type {{ waiter: Waiter, give: (worker?: OwnedWorker) => void }[]} */
  #waiting = [];
  #making = 0;

  /** @param {URL} script @param {(message: string) => void} onFailure */
  constructor(script, onFailure) {
    this.#script = script;
    this.#onFailure = onFailure;
  }

  /** Makes the first. */
  async begin() {
    this.give(await this.#make());
  }

  /** @param {Waiter} waiter @returns {Promise<OwnedWorker | undefined>}  undefined: it has ended meanwhile */
  next(waiter) {
    const worker = this.#spare.pop();
    /** @type {Promise<OwnedWorker | undefined>} */
    const given = worker ? Promise.resolve(worker) : new Promise((give) => void this.#waiting.push({ waiter, give }));
    this.#provide();
    return given;
  }

  /** Takes one that has nothing to do: for the first who waits. @param {OwnedWorker} worker */
  give(worker) {
    let next = this.#waiting.shift();
    for (; next?.waiter.ended; next = this.#waiting.shift()) next.give();
    if (next) next.give(worker);
    else if (this.#spare.length < KEPT) this.#spare.push(worker);
    else void worker.end();
  }

  /** Has as many made as are waited for, and those ahead. */
  #provide() {
    const wanted = this.#waiting.filter(({ waiter }) => !waiter.ended).length + AHEAD - this.#spare.length;
    while (this.#making < Math.min(wanted, MAKING)) {
      this.#making++;
      void this.#make().then((worker) => {
        this.#making--;
        this.give(worker);
        this.#provide();
      });
    }
  }

  async #make() {
    const worker = await startWorker(this.#script);
    worker.onError(this.#onFailure);
    await new Promise((resolve) => worker.listen(resolve));
    return worker;
  }
}
