/** The page's compiler: one call at a time, in the order they come. */
import { Llvm } from './llvm.js';
import { owner as page } from './platform.js';

/** @type {Llvm} */
let llvm;

/** @param {string} call @param {any[]} args */
async function answer(call, args) {
  if (call !== 'load') {
    setTimeout(() => llvm.prepare());
    return /** @type {any} */ (llvm)[call](...args);
  }
  llvm = await Llvm.load(new URL(args[0]), (progress) => page.post({ progress }));
  setTimeout(() => void llvm.warmUp());
  return null;
}

page.listen(async ({ id, call, args }) => {
  try {
    page.post({ id, answer: await answer(call, args) });
  } catch (error) {
    page.post({ id, error: String(error instanceof Error ? error.message : error) });
  }
});
