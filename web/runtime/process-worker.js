/**
 * A process's Worker: the program, and the kernel that its imports are the exports of.
 */
import { forking, mayFork } from './fork.js';
import { Exec, Exit, Panic, instantiateKernel } from './kernel.js';
import { owner as port } from './platform.js';

/**
 * What the kernel Worker sends to start a program, and once more if that executes another.
 * @typedef {object} Start
 * @property {WebAssembly.Module} kernel
 * @property {WebAssembly.Memory} memory  the lab's
 * @property {WebAssembly.Module} program
 * @property {number} thread              addresses in the lab's memory: the kernel's record of it,
 * @property {number} stack               the end of its kernel stack,
 * @property {number} tls                 its thread-local storage
 * @property {import('./fork.js').Image} [image]  of the parent, if it forked
 * @property {WebAssembly.Memory} [own]   the program's, if it may have threads
 * @property {number} [argument]          of the thread to be run; none: the first
 */

port.listen(run);
port.post({ type: 'ready' });

/** @param {Start} start */
function run({ kernel: module, memory, program, thread, stack, tls, image, own, argument = 0 }) {
  /** @type {WebAssembly.Instance | undefined} */
  let instance;
  const user = () => own ?? /** @type {WebAssembly.Memory | undefined} */ (instance?.exports.memory);
  /** Where the kernel's stack was when each handler that now runs was called. @type {number[]} */
  const handlers = [stack];
  const kernel = instantiateKernel(module, memory, {
    user,
    missing: () => absent,
    notify: () => port.post({ type: 'notify' }),
    stack: callers,
    callHandler(handler, signal, info) {
      const { __indirect_function_table: table, __stack_pointer: sp } = /** @type {any} */ (instance).exports;
      const top = sp.value;
      handlers.push(kernel.__stack_pointer.value);
      try {
        const at = info.length && (top - info.length) & ~15;
        if (at) new Uint8Array(/** @type {WebAssembly.Memory} */ (user()).buffer).set(info, (sp.value = at));
        table.get(handler)(signal, at, 0);
        sp.value = top;
      } catch (error) { // longjmp leaves the call that the handler interrupted
        kernel.__stack_pointer.value = handlers[handlers.length - 2];
        throw error;
      } finally {
        handlers.pop();
      }
    },
  });
  kernel.__stack_pointer.value = stack;
  kernel.__wasm_init_tls(tls);
  kernel.__wasm_call_ctors();
  kernel.k_attach(thread);
  const all = imports(program, kernel, own);
  const { start, call } = forking({
    exports: () => instance?.exports,
    fork: (number) => kernel.__syscall_fork(number),
    hand: (number, copy) => port.post({ type: 'image', number, image: copy }, copy ? [copy.memory] : []),
    cannot: () => handlers.length > 1 || !mayFork(program) || own !== undefined,
    missing: () => missing(kernel, 'env', '__syscall_fork'),
  });
  if (all.env?.__syscall_fork) all.env.__syscall_fork = call;
  try {
    instance = new WebAssembly.Instance(program, all);
  } catch (error) { // it was not linked for this kernel
    return port.post({ type: 'unusable', message: String(/** @type {Error} */ (error).message) });
  }
  for (;;) {
    const end = attempt(() => (argument ? startThread(instance, argument) : start(image)), kernel);
    kernel.__stack_pointer.value = stack;
    if (end.type !== 'ended' || !own || !(argument = kernel.k_thread_next())) return port.post({ ...end, size: own ? Infinity : user()?.buffer.byteLength });
  }
}

/** @param {WebAssembly.Instance} instance @param {number} argument  where its stack begins, and its record is */
function startThread(instance, argument) {
  const { __stack_pointer: sp, __thread_start: start } = /** @type {any} */ (instance.exports);
  sp.value = argument;
  start(argument);
}

/** @param {() => void} work @param {import('./kernel.js').KernelExports} kernel */
function attempt(work, kernel) {
  try {
    work();
    return { type: 'ended' };
  } catch (error) {
    return ending(error, kernel);
  }
}

/**
 * A program's imports are the kernel's exports, by name.
 * @param {WebAssembly.Module} program
 * @param {import('./kernel.js').KernelExports} kernel
 * @param {WebAssembly.Memory} [own]
 */
function imports(program, kernel, own) {
  /** @type {WebAssembly.Imports} */
  const all = {};
  for (const { module, name, kind } of WebAssembly.Module.imports(program)) {
    (all[module] ??= {})[name] = kind === 'memory' && own ? own : /** @type {any} */ (kernel[name] ?? (() => missing(kernel, module, name)));
  }
  return all;
}

let absent = ''; // the name of a call that the kernel asks for

/**
 * A call that the kernel does not have: the kernel logs its name and answers.
 * @param {import('./kernel.js').KernelExports} kernel
 * @param {string} module
 * @param {string} name
 */
function missing(kernel, module, name) {
  absent = name;
  return kernel.k_missing(Number(module !== 'env'));
}

/**
 * How the program ended: by exit, by a trap of its own, or by one of the kernel's.
 * @param {unknown} error
 * @param {import('./kernel.js').KernelExports} kernel
 */
function ending(error, kernel) {
  if (error instanceof Exit) return { type: 'ended' };
  if (error instanceof Exec) return { type: 'exec' };
  const { message = String(error), stack = '' } = /** @type {Error} */ (error);
  if (error instanceof Panic || kernel.k_in_kernel()) return { type: 'failure', message: `${message}\n${stack}` };
  return { type: 'trap', message, frames: frames(stack) };
}

/**
 * Where in the program a system call was made. The frames before it are the kernel's.
 * @param {number} room
 */
function callers(room) {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = room + 16;
  const all = wasmFrames(new Error().stack ?? '');
  Error.stackTraceLimit = stackTraceLimit;
  return all.filter(({ module }) => module !== all[0].module).slice(0, room).map(({ offset }) => offset);
}

/**
 * The wasm frames of a stack trace, innermost first: byte offsets in the module, with names.
 * @param {string} stack
 * @returns {{ name: string, offset: number }[]}
 */
function frames(stack) {
  return wasmFrames(stack).map(({ name, offset }) => ({ name, offset }));
}

/** @param {string} stack */
function wasmFrames(stack) {
  const found = stack.matchAll(/(?:at (?:async )?([^\s(]+) \(|^([^@\n]*)@)?([^\s(]*)wasm-function\[\d+\]:0x([0-9a-f]+)/gm);
  return [...found].map(([, v8, firefox, module, offset]) => ({
    name: (v8 ?? firefox ?? '').replace(/^.*?\.(?=[^.]*$)/, ''),
    module,
    offset: parseInt(offset, 16),
  }));
}
