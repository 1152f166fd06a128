/** What a browser needs to run programs here. */

/** @typedef {'worker'|'wasm'|'threads'|'memory'|'isolation'} Feature */

/**
 * @param {typeof globalThis} scope
 * @returns {Feature[]} what is missing; empty if programs can run
 */
export function missingFeatures(scope) {
  if (!('Worker' in scope)) return ['worker'];
  if (!('WebAssembly' in scope)) return ['wasm'];
  if (scope.crossOriginIsolated === false) return ['isolation'];
  if (!('SharedArrayBuffer' in scope)) return ['memory'];
  return hasThreads(scope) ? [] : ['threads'];
}

/** @param {typeof globalThis} scope */
function hasThreads({ WebAssembly, SharedArrayBuffer }) {
  try {
    // A function that does atomic.fence: only engines with threads accept it.
    const bytes = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 7, 1, 5, 0, 254, 3, 0, 11];
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    return memory.buffer instanceof SharedArrayBuffer && WebAssembly.validate(new Uint8Array(bytes));
  } catch {
    return false;
  }
}

/**
 * On a host that sends no COOP and COEP headers the service worker supplies them from the page's second
 * load on, and isolation.js begins that load by itself. Resolves when it will not come.
 * @param {number} patience in milliseconds
 */
export async function isolationSettled(patience = 4000) {
  const worker = navigator.serviceWorker;
  if (globalThis.crossOriginIsolated !== false || !worker || worker.controller) return;
  await new Promise((resolve) => setTimeout(resolve, patience));
}
