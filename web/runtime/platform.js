/**
 * What differs between a browser and Node: how a Worker is made, how it and its owner speak, and
 * how a file of ours is read. Both give Workers shared memory and atomic waits.
 */
/** @type {boolean} */
export const isNode = typeof process !== 'undefined' && Boolean(process.versions?.node);

const LINGERS = 3000; // ms; Chromium lets a Worker that is terminated run or sleep on for 2 s

/**
 * What a Worker of Node runs first, so that our scripts find there what they find in a browser's. They
 * are not to wait at their top level: Node aborts if such a script is terminated as it begins.
 */
const LIKE_A_BROWSER = `
  const { parentPort, workerData } = require('node:worker_threads');
  globalThis.crypto ??= require('node:crypto').webcrypto;
  globalThis.postMessage = (message, { transfer }) => parentPort.postMessage(message, transfer);
  Object.defineProperty(globalThis, 'onmessage', {
    set: (listener) => parentPort.removeAllListeners('message').on('message', (data) => listener({ data })),
  });
  import(workerData);
`;

/**
 * The other side of a channel of messages.
 * @typedef {object} Port
 * @property {(message: any, transfer?: Transferable[]) => void} post
 * @property {(listener: (message: any) => void) => void} listen  in place of the listener before
 */

/**
 * @typedef {Port & { end: () => Promise<unknown>, onError: (listener: (message: string) => void) => void }} OwnedWorker
 *   end: terminates it; the promise is for when it surely does not run any more
 */

/**
 * Starts a Worker from a script.
 * @param {URL} script
 * @returns {Promise<OwnedWorker>}
 */
export async function startWorker(script) {
  if (isNode) {
    const { Worker } = await import('node:worker_threads');
    const worker = new Worker(LIKE_A_BROWSER, { eval: true, workerData: script.href, resourceLimits: { stackSizeMb: 4 } });
    return {
      post: (message, transfer = []) => worker.postMessage(message, /** @type {any} */ (transfer)),
      listen: (listener) => void worker.removeAllListeners('message').on('message', listener),
      onError: (listener) => void worker.on('error', (error) => listener(String(error.stack ?? error))),
      end: () => worker.terminate(),
    };
  }
  const worker = new Worker(script, { type: 'module' });
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    listen: (listener) => { worker.onmessage = ({ data }) => listener(data); },
    onError: (listener) => worker.addEventListener('error', (event) => listener(event.message)),
    end: () => {
      worker.terminate();
      return new Promise((resolve) => setTimeout(resolve, LINGERS));
    },
  };
}

/** In a Worker: its owner. @type {Port} */
export const owner = {
  post: (message, transfer = []) => postMessage(message, { transfer }),
  listen: (listener) => { globalThis.onmessage = ({ data }) => listener(data); },
};

/**
 * @param {URL} url
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function readAsset(url) {
  if (isNode && url.protocol === 'file:') {
    const { readFile } = await import('node:fs/promises');
    return new Uint8Array(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
