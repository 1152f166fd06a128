/**
 * The kernel Worker: process 0. It starts and ends the Workers of processes, keeps the kernel's
 * time, and carries bytes between the kernel's descriptors and the page. It never blocks.
 */
import { Commands } from './commands.js';
import { Gateway, webSocketClass } from './gateway.js';
import { MEMORY, Panic, instantiateKernel, packStrings } from './kernel.js';
import { importedMemory } from './memory.js';
import { owner as page, readAsset } from './platform.js';
import { Streams } from './streams.js';
import { Workers } from './workers.js';

/**
 * @typedef {import('./platform.js').OwnedWorker} OwnedWorker
 *
 * @typedef {{ bytes: Uint8Array<ArrayBuffer>, module: Promise<WebAssembly.Module>, memory: import('./memory.js').Pages | null }} Program
 *
 * @typedef {import('./fork.js').Image} Image
 *
 * @typedef {object} Process
 * @property {number} pid
 * @property {Program} program
 * @property {WebAssembly.Memory} [own]  its program's, if that may have threads
 * @property {number} threads   Workers that it has
 * @property {Map<number, Image>} images   of it, by number, for the children that it forks
 * @property {Map<number, (image?: Image) => void>} forked  children that wait for theirs
 *
 * @typedef {object} Thread
 * @property {Process} process
 * @property {OwnedWorker} [worker]
 * @property {boolean} ended    it is not to run
 * @property {{ kernel: WebAssembly.Module, memory: WebAssembly.Memory, thread: number, stack: number, tls: number, argument?: number }} start
 *
 * @typedef {object} Boot       the first message
 * @property {number} id
 * @property {string} assets     the folder with kernel.wasm and programs/
 * @property {{ name: string, address: string }[]} hosts
 * @property {string | null} proxy
 * @property {string} script    of the process Worker
 */

const EVENT = { spawn: 1, exit: 2, slept: 3, ready: 4, connect: 5, log: 6, exec: 7, thread: 8, end: 9, wanted: 10, asked: 11 }; // enum event_type
const REUSED = 2 ** 26;  // bytes: what a program had is there until the Worker collects its garbage
const KEPT_PROGRAMS = 32;
const SIGKILL = 9;
const FRAMES = 262144; // bytes of them that are taken at a time
const SOCKET_RECORD = 292; // sizeof (struct socket_record)

page.listen(async (message) => {
  if (message.type !== 'boot') return kernelWorker?.handle(message);
  try {
    await KernelWorker.boot(message);
    page.post({ type: 'answer', id: message.id });
  } catch (error) {
    page.post({ type: 'refused', id: message.id, message: /** @type {Error} */ (error).message });
  }
});
/** @type {KernelWorker | undefined} */
let kernelWorker;

class KernelWorker {
  /** @type {Map<number, Process>} */
  processes = new Map();
  /** By the number that the kernel knows their Workers by. @type {Map<number, Thread>} */
  threads = new Map();
  /** Compiled programs by their files' version, the last used last. @type {Map<number, Program>} */
  programs = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer;
  due = false;

  /** @param {Boot} boot */
  static async boot(boot) {
    const commands = new Commands(boot.assets);
    const [kernel, WebSocket] = await Promise.all([
      readAsset(new URL('kernel.wasm', boot.assets)).then((bytes) => WebAssembly.compile(bytes)),
      webSocketClass(),
      commands.load(),
    ]);
    const self = new KernelWorker(boot, kernel, commands, WebSocket);
    kernelWorker = self;
    self.kernel.__wasm_init_tls(self.kernel.k_tls());
    self.kernel.__wasm_call_ctors();
    self.kernel.k_boot();
    for (const { name, address } of boot.hosts) self.addHost(name, address);
    if (self.install('/bin/sh', commands.shell, 0o755) < 0) throw new Error('/bin/sh: the lab cannot take it');
    for (const [i, command] of commands.list.entries()) self.offer(i + 1, command);
    await self.workers.begin();
  }

  /**
   * @param {Boot} boot
   * @param {WebAssembly.Module} kernel
   * @param {Commands} commands
   * @param {typeof globalThis.WebSocket} WebSocket
   */
  constructor(boot, kernel, commands, WebSocket) {
    this.commands = commands;
    this.workers = new Workers(new URL(boot.script), (message) => this.fail(message));
    this.module = kernel;
    this.memory = new WebAssembly.Memory(MEMORY);
    this.kernel = instantiateKernel(this.module, this.memory, {
      user: () => undefined,
      missing: () => '',
      notify: () => this.wake(),
      stack: () => [],
      callHandler: () => {},
    });
    this.streams = new Streams(this.kernel, this.memory, page);
    this.gateway = new Gateway({
      proxy: boot.proxy,
      WebSocket,
      read: (fd, max) => this.streams.readGateway(fd, max),
      write: (fd, bytes) => this.streams.write(fd, bytes),
      exchange: (fd, bytes, ms) => this.streams.exchange(fd, bytes, ms),
      connected: (fd) => this.kernel.k_gateway_connected(fd),
      end: (fd) => this.kernel.k_gateway_end(fd),
      failed: (fd, errno) => {
        this.put(packStrings([errno]));
        this.kernel.k_gateway_failed(fd);
      },
      close: (fd) => this.kernel.k_close(fd),
      console: (pid, text) => this.say(pid, `${text}\n`),
    });
  }

  /** Runs soon, once however often it is asked to. */
  wake() {
    if (this.due) return;
    this.due = true;
    queueMicrotask(() => this.guard(() => this.run()));
  }

  run() {
    this.due = false;
    clearTimeout(this.timer);
    const wait = this.kernel.k_tick();
    for (let at; (at = this.kernel.k_event());) this.event(at);
    if (wait >= 0) this.timer = setTimeout(() => this.wake(), Math.min(Math.ceil(wait), 2 ** 31 - 1));
  }

  /** @param {() => void} work  a failure of the kernel ends the lab */
  guard(work) {
    try {
      work();
    } catch (error) {
      const { message, stack } = /** @type {Error} */ (error);
      this.fail(error instanceof Panic ? message : `${message}\n${stack}`);
    }
  }

  /** @param {string} message */
  fail(message) {
    page.post({ type: 'failure', message });
  }

  /** @param {number} at  struct event */
  event(at) {
    const [type, id, a, b, pointer, length] = new Int32Array(this.memory.buffer, at, 6);
    const bytes = () => new Uint8Array(this.memory.buffer).slice(pointer, pointer + length);
    const text = () => new TextDecoder().decode(bytes());
    switch (type) {
      case EVENT.spawn: return this.spawned(id, new Int32Array(bytes().buffer), a ? this.image(a, b) : undefined);
      case EVENT.exec: return this.executes(id, new Int32Array(bytes().buffer));
      case EVENT.exit: return page.post({ type: 'exited', pid: id, status: a });
      case EVENT.thread: return this.threadMade(id, a, b, new Int32Array(bytes().buffer));
      case EVENT.end: return this.terminated(id);
      case EVENT.slept: return page.post({ type: 'slept', pid: id });
      case EVENT.ready: return this.ready(id);
      case EVENT.connect: return this.gateway.connect({ fd: id, pid: a, target: text() });
      case EVENT.wanted: return void this.fetchCommand(id, new Uint32Array(bytes().buffer)[0]);
      case EVENT.asked: return this.asked(id);
      case EVENT.log: return page.post({ type: 'log', line: text() });
    }
  }

  /** @param {number} fd  a program has begun to ask the page */
  asked(fd) {
    this.streams.adopt(fd);
    page.post({ type: 'asked', fd });
    this.ready(fd);
  }

  /** @param {number} fd */
  ready(fd) {
    if (this.streams.ready(fd)) return;
    const POLLIN = 1, POLLOUT = 4, POLLERR = 8, POLLHUP = 16;
    const can = this.kernel.k_poll(fd);
    if (can & POLLHUP) this.gateway.closed(fd, Boolean(can & POLLERR));
    else this.gateway.ready(fd, { readable: Boolean(can & POLLIN), writable: Boolean(can & POLLOUT) });
  }

  // --- processes ---

  /**
   * @param {number} pid
   * @param {Int32Array} spawn  struct spawn
   * @param {Promise<Image | undefined>} [copy]  of the parent, if that forked
   */
  spawned(pid, spawn, copy) {
    const [, , , image, size, version] = spawn;
    const process = { pid, program: this.program(image, size, version), threads: 0, images: new Map(), forked: new Map() };
    this.processes.set(pid, process);
    void this.start(pid, this.addThread(pid, process, spawn), copy);
  }

  /**
   * Another thread of a process.
   * @param {number} id
   * @param {number} pid
   * @param {number} argument
   * @param {Int32Array} spawn  struct spawn
   */
  threadMade(id, pid, argument, spawn) {
    const process = this.processes.get(pid);
    if (process) void this.start(id, this.addThread(id, process, spawn, argument));
  }

  /**
   * @param {number} id
   * @param {Process} process
   * @param {Int32Array} spawn  struct spawn
   * @param {number} [argument]
   */
  addThread(id, process, [thread, stack, tls], argument) {
    /** @type {Thread} */
    const entry = { process, ended: false, start: { kernel: this.module, memory: this.memory, thread, stack, tls, argument } };
    this.threads.set(id, entry);
    process.threads++;
    return entry;
  }

  /**
   * Its process has another program now; the Worker will ask for it.
   * @param {number} id
   * @param {Int32Array} spawn  struct spawn
   */
  executes(id, [, , , image, size, version]) {
    const entry = this.threads.get(id);
    if (!entry) return;
    entry.process.program = this.program(image, size, version);
    entry.process.own = undefined;
    entry.start.argument = undefined;
  }

  /**
   * A copy of a process that forks.
   * @param {number} parent
   * @param {number} number
   * @returns {Promise<Image | undefined>}  undefined: it ended before it had handed that over
   */
  async image(parent, number) {
    const { images, forked } = this.processes.get(parent) ?? {};
    const image = images?.get(number);
    images?.delete(number);
    return image ?? (forked && new Promise((resolve) => forked.set(number, resolve)));
  }

  /**
   * The compiled program in the kernel's file at `image`.
   * @param {number} image
   * @param {number} size
   * @param {number} version
   */
  program(image, size, version) {
    let program = this.programs.get(version);
    if (!program) {
      const bytes = new Uint8Array(this.memory.buffer).slice(image, image + size);
      program = { bytes, module: WebAssembly.compile(bytes), memory: importedMemory(bytes) };
    }
    this.programs.delete(version);
    this.programs.set(version, program);
    for (const oldest of this.programs.keys()) if (this.programs.size > KEPT_PROGRAMS) this.programs.delete(oldest);
    return program;
  }

  /**
   * @param {number} id
   * @param {Thread} entry
   * @param {Promise<Image | undefined>} [copy]  of its process's parent, if that forked
   */
  async start(id, entry, copy) {
    const worker = await this.workers.next(entry);
    entry.worker = worker;
    const image = await copy;
    if (entry.ended || !worker) return this.release(id, true);
    if (copy && !image) return this.kernel.k_crashed(entry.process.pid, SIGKILL);
    worker.listen((message) => this.guard(() => this.fromThread(id, message)));
    await this.give(id, entry, image);
  }

  /**
   * Gives the Worker its program.
   * @param {number} id
   * @param {Thread} entry
   * @param {Image} [image]
   */
  async give(id, entry, image) {
    const { process } = entry, { memory } = process.program;
    try {
      const program = await process.program.module;
      if (entry.ended) return this.release(id);
      if (memory) process.own ??= new WebAssembly.Memory({ ...memory, shared: true });
      entry.worker?.post({ ...entry.start, program, image, own: process.own }, image ? [image.memory] : []);
    } catch (error) {
      this.unusable(process.pid, /** @type {Error} */ (error).message);
    }
  }

  /**
   * The file is WebAssembly, but no program of this lab.
   * @param {number} pid
   * @param {string} message
   */
  unusable(pid, message) {
    this.say(pid, `cannot be run: ${message}\n`);
    this.kernel.k_crashed(pid, 126 << 8);
  }

  /**
   * Writes to where the process's errors go.
   * @param {number} pid
   * @param {string} text
   */
  say(pid, text) {
    this.kernel.k_console(pid, this.put(new TextEncoder().encode(text)));
  }

  /**
   * @param {number} id
   * @param {{ type: string, message: string, frames: object[], number: number, image: Image | null, size: number }} message
   *   size: of the program's memory, when it has ended; Infinity: other Workers have it too
   */
  fromThread(id, message) {
    const process = this.threads.get(id)?.process;
    if (message.type === 'notify') return this.wake();
    if (message.type === 'failure') return this.fail(message.message);
    if (!process) return;
    if (message.type === 'image') return this.imageFrom(process, message);
    if (message.type === 'exec') return this.execute(id);
    if (message.type === 'unusable') return this.unusable(process.pid, message.message);
    if (message.type === 'trap') {
      page.post({ ...message, pid: process.pid, program: process.program.bytes });
      return;
    }
    this.run(); // a child that it forked is to find what it has handed over
    this.release(id, message.size < REUSED);
  }

  /** @param {Process} process @param {{ number: number, image: Image | null }} message  null: no fork came of it */
  imageFrom({ images, forked }, { number, image }) {
    const wanted = forked.get(number);
    if (wanted && image) wanted(image);
    else if (image) images.set(number, image);
    else images.delete(number);
    forked.delete(number);
  }

  /** The Worker has left its program for that of the last EVENT.exec. @param {number} id */
  execute(id) {
    this.run();
    const entry = this.threads.get(id);
    if (entry) void this.give(id, entry);
  }

  /** @param {number} id  its Worker still runs the program's code, or is on its way into the kernel or out of it */
  terminated(id) {
    const entry = this.threads.get(id);
    if (!entry) return;
    entry.ended = true;
    if (!entry.worker) return;
    if (this.kernel.k_inside(id)) setTimeout(() => this.guard(() => this.terminated(id)));
    else {
      this.forget(id, entry, entry.worker.end());
      this.wake(); // its last call for that may be lost with it
    }
  }

  /**
   * @param {number} id  nothing runs in its Worker that could still use what the kernel has for it
   * @param {boolean} [idle]  the Worker can take another program
   */
  release(id, idle = false) {
    const entry = this.threads.get(id);
    if (!entry) return;
    if (entry.worker && idle) this.workers.give(entry.worker);
    else void entry.worker?.end();
    this.forget(id, entry);
  }

  /**
   * @param {number} id
   * @param {Thread} entry
   * @param {Promise<unknown>} [end]  until then the Worker may come into the kernel
   */
  forget(id, entry, end) {
    this.threads.delete(id);
    if (end) void end.then(() => this.kernel.k_release(id));
    else this.kernel.k_release(id);
    const { process } = entry;
    if (--process.threads) return;
    this.processes.delete(process.pid);
    for (const wanted of process.forked.values()) wanted();
  }

  // --- what the page asks for ---

  /**
   * Puts bytes where k_ functions take them from. Returns how many fitted.
   * @param {Uint8Array} bytes
   */
  put(bytes) {
    return this.streams.put(bytes);
  }

  /**
   * @param {string} name
   * @param {string} address  dotted quad
   */
  addHost(name, address) {
    const at = this.kernel.k_buffer();
    this.put(packStrings([name]));
    const number = address.split('.').reduce((n, part) => n * 256 + Number(part), 0);
    if (this.kernel.k_host(at, number | 0) < 0) throw new Error(`no room for host ${name}`);
  }

  /**
   * @param {string} host
   * @param {import('./lab.js').Link} link
   */
  link(host, { delay = 0, jitter = 0, loss = 0, duplicate = 0, reorder = 0, rate = 0, cut = false }) {
    this.put(packStrings([host]));
    return this.kernel.k_link(delay, jitter, loss, duplicate, reorder, rate, Number(cut));
  }

  /** Hands over what has been recorded since it was last asked. */
  frames() {
    const onWay = this.kernel.k_on_way(); // of these none is missing
    /** @type {Uint8Array[]} */
    const chunks = [];
    for (let bytes; (bytes = this.taken(FRAMES, (at) => this.kernel.k_frames(at, FRAMES))).length > 0;) chunks.push(bytes);
    return { chunks, lost: this.kernel.k_frames_lost(), onWay };
  }

  /** struct socket_record, one behind the other. */
  sockets() {
    const size = this.kernel.k_sockets(0, 0) * SOCKET_RECORD;
    return this.taken(size, (at) => Math.min(this.kernel.k_sockets(at, size) * SOCKET_RECORD, size));
  }

  /**
   * Bytes that the kernel puts where it is told to.
   * @param {number} room
   * @param {(at: number) => number} fill  how many it has put there
   */
  taken(room, fill) {
    const at = this.kernel.k_alloc(room || 1);
    if (!at) return new Uint8Array();
    const n = fill(at);
    const bytes = new Uint8Array(this.memory.buffer).slice(at, at + n);
    this.kernel.k_free(at);
    return bytes;
  }

  /** @param {any} message */
  handle(message) {
    this.guard(() => {
      const answer = this.answer(message);
      if (message.id !== undefined) page.post({ type: 'answer', id: message.id, answer });
      this.wake();
    });
  }

  /** @param {any} m */
  answer(m) {
    switch (m.type) {
      case 'install': return this.install(m.path, m.bytes, m.mode);
      case 'files': return this.files(m.path, m.limit);
      case 'terminal': return this.streams.terminal(m.cols, m.rows);
      case 'pipe': return this.streams.pipe(m.programReads);
      case 'spawn': return this.spawn(m);
      case 'kill': return this.kernel.k_kill(m.pid, m.signal);
      case 'trapped': return this.trapped(m);
      case 'input': return this.streams.input(m.fd, m.bytes);
      case 'end-input': return this.streams.endInput(m.fd);
      case 'consumed': return this.streams.consumed(m.fd, m.bytes);
      case 'capture': return this.streams.capture();
      case 'captured': return this.streams.captured();
      case 'trace': return this.streams.trace(m.bytes, m.stack);
      case 'traced': return this.streams.flush(m.fd);
      case 'program': return this.programs.get(m.image)?.bytes;
      case 'link': return this.link(m.host, m.link);
      case 'record': return this.kernel.k_record();
      case 'frames': return this.frames();
      case 'hold': return this.kernel.k_hold(Number(m.on));
      case 'step': return this.kernel.k_step(m.count);
      case 'sockets': return this.sockets();
      case 'resize': return this.kernel.k_pty_resize(m.fd, m.cols, m.rows);
      case 'signal': return this.signal(m.fd, m.signal);
    }
    throw new Error(`unknown message ${m.type}`);
  }

  /**
   * @param {string} path
   * @param {Uint8Array} bytes
   * @param {number} mode
   */
  install(path, bytes, mode) {
    const at = this.kernel.k_alloc(bytes.length || 1);
    if (!at) return -1;
    new Uint8Array(this.memory.buffer).set(bytes, at);
    this.put(packStrings([path]));
    const error = this.kernel.k_install(at, bytes.length, mode);
    this.kernel.k_free(at);
    return error;
  }

  /**
   * @param {string} path
   * @param {number} limit
   * @returns {Uint8Array<ArrayBuffer> | null} the block of src/kernel/keep.c
   */
  files(path, limit) {
    this.put(packStrings([path]));
    const at = this.kernel.k_files(limit);
    if (!at) return null;
    const [length] = new Uint32Array(this.memory.buffer, at, 1);
    const block = new Uint8Array(this.memory.buffer, at + 4, length).slice();
    this.kernel.k_free(at);
    return new Uint8Array(block); // on memory that is not shared
  }

  /** Puts a command in /bin, whose bytes are fetched when it is first run. @param {number} number @param {import('./commands.js').Command} command */
  offer(number, { program, size, names }) {
    this.put(packStrings([`/bin/${program}`, ...names]));
    if (this.kernel.k_offer(number, size, names.length) < 0) throw new Error(`/bin/${program}: the lab cannot take it`);
  }

  /** @param {number} number @param {number} inode */
  async fetchCommand(number, inode) {
    const bytes = await this.commands.fetch(number).catch(() => null);
    this.guard(() => {
      this.deliver(inode, bytes);
      this.wake();
    });
  }

  /**
   * @param {number} inode
   * @param {Uint8Array | null} bytes
   */
  deliver(inode, bytes) {
    const at = bytes && this.kernel.k_alloc(bytes.length);
    if (bytes && at) new Uint8Array(this.memory.buffer).set(bytes, at);
    this.kernel.k_deliver(inode, at || 0, bytes?.length ?? 0);
    if (at) this.kernel.k_free(at);
  }

  /** @param {{ host: string, path: string, argv: string[], env: string[], io: number[], give: number[] }} m */
  spawn({ host, path, argv, env, io, give }) {
    const strings = packStrings([host, path, ...argv, ...env]);
    if (this.put(strings) < strings.length) return -1;
    const pid = this.kernel.k_spawn(argv.length, env.length, ...io);
    for (const fd of give) this.kernel.k_close(fd); // they are the program's now
    return pid;
  }

  /**
   * The page has said what a trap was: a line is shown, which a shell may end, and the process ends by
   * the signal.
   * @param {{ pid: number, signal: number, what: string, about: string }} trap  what: as a shell calls it
   */
  trapped({ pid, signal, what, about }) {
    if (!this.kernel.k_shell_tells(pid)) this.say(pid, `${what} ${about}`.trimEnd() + '\n');
    else if (about) this.say(pid, `${about}: `);
    this.kernel.k_crashed(pid, signal);
  }

  /**
   * @param {number} fd      a terminal
   * @param {number} signal  for its foreground process group
   */
  signal(fd, signal) {
    const group = this.kernel.k_pty_foreground(fd);
    return group ? this.kernel.k_kill(-group, signal) : 0;
  }
}
