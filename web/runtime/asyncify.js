/**
 * Makes a program that can call fork() ready for it (fork.js). It keeps the names of its functions,
 * but not their lines.
 */

const WANTS = '__syscall_fork', IMPORTS = 16384; // bytes in which a program's imports are

/** @param {Uint8Array} wasm */
export const forks = (wasm) => new TextDecoder('latin1').decode(wasm.subarray(0, IMPORTS)).includes(WANTS);

/**
 * @param {Uint8Array<ArrayBuffer>} wasm
 * @param {string} script  where Binaryen is
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function asyncify(wasm, script) {
  const { default: binaryen } = await import(script);
  const { MutableGlobals, SignExt, NontrappingFPToInt, ExceptionHandling, Atomics, BulkMemory, BulkMemoryOpt } =
    binaryen.Features;
  const module = binaryen.readBinary(wasm);
  try {
    module.setFeatures(MutableGlobals | SignExt | NontrappingFPToInt | ExceptionHandling | Atomics | BulkMemory | BulkMemoryOpt);
    binaryen.setDebugInfo(true);
    binaryen.setOptimizeLevel(1);
    binaryen.setPassArgument('asyncify-imports', `env.${WANTS}`);
    module.runPasses(['asyncify']);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}
