/** What the page says, in English, apart from the lessons. */
export const texts = {
  compiler: (/** @type {number} */ percent) => `Compiler ${percent} %`,
  compilerFailed: (/** @type {string} */ reason) => `The compiler could not be loaded (${reason}).`,
  notRun: (/** @type {string} */ reason) => `Not run: ${reason}`,
  notStarted: 'The lab could not be started.',
  again: 'Try again',
  close: 'Close',
  waiting: (/** @type {number} */ percent) => `compiler ${percent} %`,
  compiling: 'compiling',
  running: 'running',
  missing: {
    title: 'This browser cannot run the programs here.',
    lacks: (/** @type {string[]} */ names) => `It lacks ${names.join(' and ')}.`,
    advice: 'A current Chrome, Edge, Firefox or Safari has it. You can read the lesson all the same, and compile the programs with gcc on Linux.',
    features: {
      worker: 'Web Workers',
      wasm: 'WebAssembly',
      threads: 'WebAssembly threads',
      memory: 'shared memory (SharedArrayBuffer)',
      isolation: 'shared memory, because this page is not cross-origin isolated (the server sends no COOP and COEP headers, and no service worker could stand in)',
    },
  },
  failure: {
    title: 'The lab broke down and was started again.',
    kept: 'Your code is kept. Programs that were running are gone.',
    repeated: 'The lab broke down again. Your code is kept.',
    restart: 'Start the lab again',
  },
};
