/**
 * fork(2). A program cannot be copied in the middle of a call: what it has on WebAssembly's own stack
 * is out of reach. So a program that may fork has been instrumented (Binaryen's Asyncify, asyncify.js):
 * asked to, it leaves all its functions and keeps in its memory what is needed to come back to where it
 * was. Then its memory is copied; and the parent here, the child in its own Worker, come back from
 * fork with the kernel's answer.
 */

/**
 * What makes a child of its parent.
 * @typedef {object} Image
 * @property {ArrayBuffer} memory  from the stack pointer on: nothing that is in use lies below
 * @property {number} stack  its stack pointer
 * @property {number} state  where the state is that Asyncify comes back to
 */

const NORMAL = 0, REWINDING = 2; // asyncify_get_state()
const PAGE = 65536;

/** @param {WebAssembly.Module} module */
export const mayFork = (module) => WebAssembly.Module.exports(module).some(({ name }) => name === 'asyncify_start_unwind');

/**
 * @param {object} needs
 * @param {() => any} needs.exports                  the program's
 * @param {() => boolean} needs.cannot               it was not instrumented, or JavaScript is on the stack
 * @param {() => number} needs.missing               what the call answers then
 * @param {(number: number, image: Image | null) => void} needs.hand  gives the kernel Worker an image; null: it is not needed
 * @param {(number: number) => number} needs.fork    the kernel's part, with that image: the child's pid, or -errno
 */
export function forking({ exports, cannot, missing, hand, fork }) {
  let answer = 0, state = 0, forks = 0;

  /** What the program imports as __syscall_fork. @param {number} at  where the state is to be kept */
  function call(at) {
    if (cannot()) return missing();
    const program = exports();
    if (program.asyncify_get_state() === REWINDING) {
      program.asyncify_stop_rewind();
      return answer;
    }
    program.asyncify_start_unwind((state = at));
    return 0;
  }

  /** Runs the program to its end: from its start, or from where the image was made. @param {Image} [image] */
  function start(image) {
    const program = exports();
    if (image) {
      restore(program, image);
      program.asyncify_start_rewind(image.state);
    }
    for (;;) {
      program._start();
      if (!program.asyncify_get_state || program.asyncify_get_state() === NORMAL) return;
      program.asyncify_stop_unwind();
      const stack = program.__stack_pointer.value;
      hand(++forks, { memory: program.memory.buffer.slice(stack), stack, state });
      answer = fork(forks);
      if (answer < 0) hand(forks, null);
      program.asyncify_start_rewind(state);
    }
  }

  return { call, start };
}

/**
 * @param {{ memory: WebAssembly.Memory, __stack_pointer: WebAssembly.Global }} program
 * @param {Image} image
 */
function restore(program, { memory, stack }) {
  const more = stack + memory.byteLength - program.memory.buffer.byteLength;
  if (more > 0) program.memory.grow(more / PAGE);
  new Uint8Array(program.memory.buffer).set(new Uint8Array(memory), stack);
  program.__stack_pointer.value = stack;
}
