/**
 * An instance of kernel.wasm on the lab's shared memory, in whichever Worker this is, and the few
 * imports that it stands on (src/kernel/machine_wasm.c). Bytes are moved here, never understood.
 */

/** Leaves a program from within a system call. */
export class Exit {
  /** @param {number} status */
  constructor(status) {
    this.status = status;
  }
}

/** Leaves a program for another, in the same process. */
export class Exec {}

/** The kernel found itself broken. */
export class Panic extends Error {}

/**
 * @typedef {Record<string, Function> & { __stack_pointer: WebAssembly.Global }} KernelExports
 *
 * @typedef {object} Machine
 * @property {() => WebAssembly.Memory | undefined} user   the program's memory
 * @property {() => string} missing                        the call that was made and the kernel does not have
 * @property {() => void} notify                           wakes the kernel Worker
 * @property {(room: number) => number[]} stack            where the program is: byte offsets, innermost first
 * @property {(handler: number, signal: number, info: Uint8Array) => void} callHandler  info: empty, or for its second argument
 */

export const MEMORY = { initial: 1024, maximum: 16384, shared: true }; // 64 KiB pages, as the kernel is linked

const STAGE = 65536;
const stage = new Uint8Array(STAGE + 8);

/**
 * Copies between a program's memory and the lab's, which is shared and where `shared` is the address.
 * V8 copies to and from shared memory by words only if both addresses are aligned alike; by bytes it
 * takes six times as long, so that the rest goes by way of memory of our own.
 * @type {(bytes: Uint8Array, to: number, from: Uint8Array, at: number, n: number, shared: number) => void}
 */
function copy(bytes, to, from, at, n, shared) {
  if (n <= 32) {
    for (let i = 0; i < n; i++) bytes[to + i] = from[at + i];
  } else if (n < 256 || ((to ^ at) & 7) === 0) {
    bytes.set(from.subarray(at, at + n), to);
  } else {
    const aligned = shared & 7;
    for (let done = 0; done < n; done += STAGE) {
      const part = Math.min(n - done, STAGE);
      stage.set(from.subarray(at + done, at + done + part), aligned);
      bytes.set(stage.subarray(aligned, aligned + part), to + done);
    }
  }
}

/**
 * @param {WebAssembly.Module} module
 * @param {WebAssembly.Memory} memory  the lab's
 * @param {Machine} machine
 * @returns {KernelExports}
 */
export function instantiateKernel(module, memory, { user, missing, notify, stack, callHandler }) {
  let kernel8 = new Uint8Array(memory.buffer);
  let user8 = new Uint8Array(0);
  const kernelHas = (/** @type {number} */ end) => {
    if (end > kernel8.length) kernel8 = new Uint8Array(memory.buffer);
  };
  const userHas = (/** @type {number} */ end) => {
    if (end <= user8.length) return true;
    user8 = new Uint8Array(user()?.buffer ?? new ArrayBuffer(0)); // it has grown, or this is the first time
    return end <= user8.length;
  };
  const host = {
    now_ms: (/** @type {number} */ realtime) =>
      realtime ? performance.timeOrigin + performance.now() : monotonic + performance.now(),
    copy_from_user: (/** @type {number} */ to, /** @type {number} */ from, /** @type {number} */ n) => {
      [to, from, n] = [to >>> 0, from >>> 0, n >>> 0];
      if (!userHas(from + n)) return -1;
      kernelHas(to + n);
      copy(kernel8, to, user8, from, n, to);
      return 0;
    },
    copy_to_user: (/** @type {number} */ to, /** @type {number} */ from, /** @type {number} */ n) => {
      [to, from, n] = [to >>> 0, from >>> 0, n >>> 0];
      if (!userHas(to + n)) return -1;
      kernelHas(from + n);
      copy(user8, to, kernel8, from, n, from);
      return 0;
    },
    random: (/** @type {number} */ to, /** @type {number} */ n) => {
      const bytes = crypto.getRandomValues(new Uint8Array(n));
      kernelHas((to >>> 0) + n);
      kernel8.set(bytes, to >>> 0);
    },
    stack: (/** @type {number} */ to, /** @type {number} */ room) => {
      const offsets = stack(room);
      kernelHas((to >>> 0) + offsets.length * 4);
      new Uint32Array(memory.buffer, to >>> 0, offsets.length).set(offsets);
      return offsets.length;
    },
    missing: (/** @type {number} */ to, /** @type {number} */ room) => {
      const name = new TextEncoder().encode(missing()).subarray(0, room);
      kernelHas((to >>> 0) + room);
      kernel8.set(name, to >>> 0);
      return name.length;
    },
    notify,
    exit: (/** @type {number} */ status) => {
      throw new Exit(status);
    },
    exec: () => {
      throw new Exec();
    },
    call_handler: (/** @type {number} */ handler, /** @type {number} */ signal, /** @type {number} */ info, /** @type {number} */ n) =>
      callHandler(handler, signal, kernel8.subarray(info >>> 0, (info >>> 0) + n)),
    panic: (/** @type {number} */ text, /** @type {number} */ n) => {
      kernelHas((text >>> 0) + n);
      throw new Panic(new TextDecoder().decode(kernel8.slice(text >>> 0, (text >>> 0) + n)));
    },
  };
  const { exports } = new WebAssembly.Instance(module, { host, env: { memory } });
  return /** @type {any} */ (exports);
}

/** The clocks of all Workers begin at the same time, though each counts from its own. */
const monotonic = performance.timeOrigin % 2 ** 32;

/**
 * Strings as the kernel takes them: one after another, each ended by NUL.
 * @param {string[]} strings
 */
export function packStrings(strings) {
  return new TextEncoder().encode(strings.map((s) => `${s}\0`).join(''));
}
