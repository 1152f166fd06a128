/** The page's compiler: one call at a time, in the order they come. */
import { Llvm } from './llvm.js';
import { owner as page } from './platform.js';

const AT_ONCE = 100, SOON = 500, LATER = 3000; // ms without a call, after which it does something ahead of time
const ROUNDS = 20; // programs after which the browser has optimized what it will of the compiler

/** @type {Llvm} */
let llvm;
/** Programs to make ahead of time: only who uses the compiler pays for more than one. */
let rounds = 1;
let used = false;
/** @type {ReturnType<typeof setTimeout>|undefined} */
let quiet;

async function warmUp() {
  if (rounds === 0) return;
  rounds--;
  await llvm.warmUp();
  quiet = setTimeout(warmUp, SOON);
}

/** What came of the last call has the processor first. */
function rest() {
  clearTimeout(quiet);
  quiet = setTimeout(() => {
    llvm.prepare();
    quiet = setTimeout(warmUp, LATER);
  }, SOON);
}

/** @param {string} call @param {any[]} args */
async function answer(call, args) {
  if (call === 'load') {
    llvm = await Llvm.load(new URL(args[0]), (progress) => page.post({ progress }));
    quiet = setTimeout(warmUp, AT_ONCE); // who waits already goes first
    return null;
  }
  if (!used) rounds += ROUNDS;
  used = true;
  try {
    return await /** @type {any} */ (llvm)[call](...args);
  } finally {
    rest();
  }
}

page.listen(async ({ id, call, args }) => {
  clearTimeout(quiet);
  try {
    page.post({ id, answer: await answer(call, args) });
  } catch (error) {
    page.post({ id, error: String(error instanceof Error ? error.message : error) });
  }
});
