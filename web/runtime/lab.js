/**
 * A lab: hosts on a network, and processes that run C programs on them. This is the one file of the
 * runtime that the page, the command line and the tests use; it is the same in a browser and in Node.
 *
 *     const lab = await Lab.boot();
 *     await lab.install('/bin/hello', wasm);
 *     const hello = await lab.spawn({ path: '/bin/hello', stdout: { onData: (bytes, done) => ... } });
 *     const { code, signal } = await hello.exited;
 */
import { Request, answer } from './cc.js';
import { isNode, readAsset, startWorker } from './platform.js';

export const HOME = '/home/learner';
const ENVIRONMENT = [
  'PATH=/bin', `HOME=${HOME}`, 'USER=learner', 'LOGNAME=learner', 'SHELL=/bin/sh', 'LANG=C.UTF-8', 'TERM=xterm', 'PS1=\\h:\\w\\$ ',
];
export const HOSTS = [
  { name: 'alice', address: '10.0.0.1' },
  { name: 'bob', address: '10.0.0.2' },
  { name: 'carol', address: '10.0.0.3' },
];
const RESOLVER = '198.51.100.53'; // the bridge's own DNS server (proxy/bridge.py)
const FIRST_SERVER = 11; // the last part of its address
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGABRT: 6, SIGFPE: 8, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

/**
 * What is wrong with a program's trap, as an engine words it: what a shell calls it, the signal, and
 * what more is known. The null check of the compiler's ends in `unreachable`, as do abort's like.
 * @type {[RegExp, string, keyof typeof SIGNALS, string][]}
 */
const TRAPS = [
  [/divide by zero|integer overflow|division by zero|divide result unrepresentable|not representable/i, 'Floating point exception', 'SIGFPE', ''],
  [/call stack|recursion/i, 'Segmentation fault', 'SIGSEGV', '(stack overflow)'],
  [/./, 'Segmentation fault', 'SIGSEGV', ''],
];

/**
 * @typedef {keyof typeof SIGNALS} SignalName
 * @typedef {(bytes: Uint8Array<ArrayBuffer>, done: () => void) => void} Sink  calls done() when it can take more
 * @typedef {{ onData: Sink }} Output
 * @typedef {{ fd: number, program: number }} Opened  the kernel Worker's descriptor and the program's
 * @typedef {{ function: string, file: string, line: number }} Place
 * @typedef {(program: Uint8Array<ArrayBuffer>, offsets: number[]) => Promise<(Place | null)[]>} Symbolize
 *
 * @typedef {object} Options
 * @property {URL | string} [assets]   folder with kernel.wasm, programs/ and, in a browser, the Workers' scripts
 * @property {{ name: string, address: string }[]} [hosts]
 * @property {string | null} [proxy]   the bridge's WebSocket address
 * @property {string | null} [dns]     the host on which the lab's DNS server runs; none unless told
 * @property {string[]} [servers]      programs of src/lab, each started on a host of its name; told `dns`, the others ask it
 * @property {(pid: number) => void} [onSlept]   a process, of whoever's, slept in the kernel for the first time
 * @property {import('./cc.js').Make} [make]  the compiler, for the lab's cc
 * @property {Symbolize} [symbolize]   where in the source a trap was
 * @property {(line: string) => void} [onLog]         the kernel's log
 * @property {(message: string) => void} [onFailure]  the kernel is broken: boot another lab
 *
 * What the link between a host and the others does to what the host sends, as Linux's netem would.
 * @typedef {object} Link
 * @property {number} [delay]      ms
 * @property {number} [jitter]     ms: the delay varies by up to that, either way
 * @property {number} [loss]       the part of the frames that is lost, 0 to 1
 * @property {number} [duplicate]  that comes twice
 * @property {number} [reorder]    that overtakes those that are delayed
 * @property {number} [rate]       bits a second; 0: no limit
 * @property {boolean} [cut]       nothing passes, in either direction
 *
 * @typedef {object} Ended
 * @property {number} code            exit status, 128 + signal when a signal ended it
 * @property {number | null} signal
 */

export class Lab {
  /** @type {Map<number, { resolve: (answer: any) => void, reject: (error: Error) => void }>} */
  #asked = new Map();
  #lastId = 0;
  /** @type {Map<number, { sink: Sink, ended?: () => void, foreground?: (group: number) => void }>} */
  #sinks = new Map();
  /** @type {Map<number, { exited: (ended: Ended) => void, slept: () => void }>} */
  #processes = new Map();
  /** Ends that came before their process's number did. @type {Map<number, number>} */
  #early = new Map();
  #worker;
  #options;
  /** The settings of the links that are not perfect, by host. @type {Map<string, Link>} */
  links = new Map();
  /** The terminals' own shells, by process. @type {Set<number>} */
  shells = new Set();

  /**
   * @param {import('./platform.js').OwnedWorker} worker
   * @param {Options} options
   */
  constructor(worker, options) {
    this.#worker = worker;
    this.#options = options;
    worker.onError((message) => this.#fail(message));
  }

  /**
   * Starts a lab. Rejects with what is wrong: no shared memory, a file that is not there.
   * @param {Options} [options]
   */
  static async boot(options = {}) {
    const assets = new URL(options.assets ?? new URL('../../build/', import.meta.url));
    const script = (/** @type {string} */ name) => new URL(name, isNode ? import.meta.url : assets);
    const program = (/** @type {string} */ name) => readAsset(new URL(`programs/${name}.wasm`, assets));
    const worker = await startWorker(script('kernel-worker.js'));
    const { proxy = null, servers = [] } = options;
    const hosts = [...(options.hosts ?? HOSTS), ...servers.map((name, i) => ({ name, address: `10.0.0.${FIRST_SERVER + i}` }))];
    const lab = new Lab(worker, { ...options, hosts });
    worker.listen((message) => lab.#receive(message));
    try {
      await lab.#ask({ type: 'boot', assets: assets.href, hosts, proxy, script: script('process-worker.js').href });
      const dns = options.dns ?? servers.find((name) => name === 'dns');
      if (dns || proxy) await lab.#setResolver(hosts.find(({ name }) => name === dns)?.address, proxy !== null);
      if (dns) await lab.#startDns(dns, proxy !== null, await program('dns'));
      await Promise.all(servers.filter((name) => name !== dns).map(async (name) => lab.#startServer(name, await program(name))));
    } catch (error) {
      lab.shutdown();
      throw error;
    }
    return lab;
  }

  /** A program in the lab has begun to ask the compiler. @param {number} fd */
  #serveCompiler(fd) {
    const request = new Request();
    const make = this.#options.make ?? (async () => ({ output: 'cc: this lab has no compiler\n' }));
    const reply = async (/** @type {{ words: string[], files: Record<string, Uint8Array> }} */ { words, files }) => {
      const outcome = await make(words, files).catch((error) => ({ output: `cc: ${error.message}\n` }));
      for (const bytes of answer(outcome)) this.#post({ type: 'input', fd, bytes });
      this.#post({ type: 'end-input', fd });
    };
    this.#sinks.set(fd, {
      sink: (bytes, done) => {
        const whole = request.add(bytes);
        if (whole) void reply(whole);
        done();
      },
      ended: () => void this.#sinks.delete(fd),
    });
  }

  /**
   * Has every host ask the lab's DNS server, and then the bridge's for what that does not know.
   * @param {string | undefined} dns  its address
   * @param {boolean} outside
   */
  async #setResolver(dns, outside) {
    const lines = ['search lab'];
    if (dns) lines.push(`nameserver ${dns}`);
    if (outside) lines.push(`nameserver ${RESOLVER}`, 'options use-vc timeout:10 attempts:1'); // the bridge has no UDP
    await this.install('/etc/resolv.conf', new TextEncoder().encode(`${lines.join('\n')}\n`), 0o644);
  }

  /**
   * Starts the lab's DNS server: the only one, or one that leaves to the bridge's what is not the lab's.
   * @param {string} host
   * @param {boolean} outside
   * @param {Uint8Array} program
   */
  async #startDns(host, outside, program) {
    await this.install('/sbin/dns', program);
    await (await this.spawn({ path: '/sbin/dns', argv: outside ? ['dns', '-z', 'lab'] : ['dns'], host })).slept;
  }

  /** Starts it, and waits until it waits. In /sbin, for telnet in /bin is the client. @param {string} name @param {Uint8Array} program */
  async #startServer(name, program) {
    await this.install(`/sbin/${name}`, program);
    await (await this.spawn({ path: `/sbin/${name}`, argv: [name], host: name })).slept;
  }

  /** @returns {{ name: string, address: string }[]} */
  get hosts() {
    return this.#options.hosts ?? HOSTS;
  }

  shutdown() {
    this.#worker.end();
  }

  /**
   * Writes a file into the lab, and the folders on its way.
   * @param {string} path
   * @param {Uint8Array} bytes
   * @param {number} [mode]
   */
  async install(path, bytes, mode = 0o755) {
    const error = await this.#ask({ type: 'install', path, bytes, mode });
    if (error < 0) throw new Error(`${path}: the lab cannot take it (error ${-error})`);
  }

  /**
   * The files below a folder of the lab, but for programs and those that are longer than `limit` bytes.
   * @param {string} folder
   * @param {number} limit
   * @returns {Promise<{ path: string, mode: number, bytes: Uint8Array }[]>} path: counted from the folder
   */
  async files(folder, limit) {
    /** @type {Uint8Array | null} */
    const block = await this.#ask({ type: 'files', path: folder, limit });
    if (!block) throw new Error(`${folder}: there is no such folder in the lab`);
    const view = new DataView(block.buffer, block.byteOffset);
    const files = [];
    for (let at = 0; at < block.length;) {
      const [length, mode, size] = [0, 4, 8].map((offset) => view.getUint32(at + offset, true));
      const path = new TextDecoder().decode(block.subarray(at + 12, at + 12 + length));
      files.push({ path, mode, bytes: block.subarray(at + 12 + length, at + 12 + length + size) });
      at += 12 + length + size;
    }
    return files;
  }

  /**
   * Sets a host's link, also while it is in use.
   * @param {string} host
   * @param {Link} link
   */
  async link(host, link) {
    const error = await this.#ask({ type: 'link', host, link });
    if (error < 0) throw new Error(`there is no host '${host}' in the lab`);
    this.links.set(host, link);
  }

  /**
   * Captures every frame on every host's interfaces, as pcapng. The promise it gives is for the end:
   * it has handed over all frames, and answers how many were dropped because the sink was too slow.
   * @param {Sink} sink
   * @returns {Promise<() => Promise<number>>}
   */
  async capture(sink) {
    const { fd, error } = await this.#ask({ type: 'capture' });
    if (error) throw new Error('the lab is being captured already');
    this.#sinks.set(fd, { sink });
    return () => this.#ask({ type: 'captured' }); // it comes back behind the frames
  }

  /** Begins to record the last frames of every host, for frames(). What floods is cut short. */
  async record() {
    if ((await this.#ask({ type: 'record' })) < 0) throw new Error('there is no room to record frames');
  }

  /**
   * What has been recorded since it was last asked, as pcapng, in pieces of whole blocks.
   * @returns {Promise<{ chunks: Uint8Array<ArrayBuffer>[], lost: number, onWay: number }>}
   *   lost: frames, in all, that were overwritten before anyone asked; onWay: frames that have not arrived yet
   */
  frames() {
    return this.#ask({ type: 'frames' });
  }

  /** Holds the network, or lets it go on: frames and TCP's clocks stand, programs do not. @param {boolean} on */
  async hold(on) {
    await this.#ask({ type: 'hold', on });
  }

  /** While it is held: lets the next frames arrive. @param {number} [count] */
  async step(count = 1) {
    await this.#ask({ type: 'step', count });
  }

  /** All sockets, as web/wire/sockets.js reads them. @returns {Promise<Uint8Array<ArrayBuffer>>} */
  sockets() {
    return this.#ask({ type: 'sockets' });
  }

  /**
   * Traces every system call of every process: records as src/kernel/trace.h has them, in pieces of
   * any size, for web/runtime/trace.js. The function that it gives ends it; its promise is for when
   * all records have been handed over.
   * @param {object} trace
   * @param {Sink} trace.onRecords
   * @param {number} [trace.bytes]   of each buffer that are kept, at most 1024
   * @param {boolean} [trace.stack]  where in its program each call was made; that takes longer
   * @returns {Promise<() => Promise<void>>}
   */
  async trace({ onRecords, bytes = 64, stack = false }) {
    const { fd, error } = await this.#ask({ type: 'trace', bytes, stack });
    if (error) throw new Error(`no more traces are possible (error ${-error})`);
    this.#sinks.set(fd, { sink: onRecords });
    return async () => {
      await this.#ask({ type: 'traced', fd });
      this.#sinks.delete(fd);
    };
  }

  /**
   * Places in the source of a program that is traced.
   * @param {number} image      which, as the record says
   * @param {number[]} offsets  of the record
   * @returns {Promise<(Place | null)[]>}
   */
  async places(image, offsets) {
    const program = await this.#ask({ type: 'program', image });
    return (program && (await this.#options.symbolize?.(program, offsets))) ?? offsets.map(() => null);
  }

  /**
   * Opens a terminal, with a shell in it unless told otherwise; when that exits, another begins.
   * @param {object} terminal
   * @param {string} [terminal.host]
   * @param {number} [terminal.cols]
   * @param {number} [terminal.rows]
   * @param {boolean} [terminal.shell]
   * @param {Sink} terminal.onOutput
   * @param {(group: number) => void} [terminal.onForeground]  which process group has it now
   */
  async terminal({ host = HOSTS[0].name, cols = 80, rows = 24, shell = true, onOutput, onForeground }) {
    const opened = await this.#ask({ type: 'terminal', cols, rows });
    this.#sinks.set(opened.fd, { sink: onOutput, foreground: onForeground });
    const terminal = new Terminal(opened, (message) => this.#post(message));
    const start = async () => {
      const io = { stdin: terminal, stdout: terminal, stderr: terminal };
      const { pid, exited } = await this.spawn({ path: '/bin/sh', argv: ['sh'], host, ...io });
      terminal.shell = pid;
      this.shells.add(pid);
      void exited.then(({ signal }) => {
        this.shells.delete(pid);
        if (signal === null) void start(); // one that crashes would crash again
      });
    };
    if (shell) await start();
    return terminal;
  }

  /**
   * Starts a program.
   * @param {object} program
   * @param {string} program.path
   * @param {string[]} [program.argv]
   * @param {string[]} [program.env]
   * @param {string} [program.host]
   * @param {Terminal | Input} [program.stdin]    nothing: at its end
   * @param {Terminal | Output} [program.stdout]  nothing: thrown away
   * @param {Terminal | Output} [program.stderr]
   */
  async spawn({ path, argv = [path], env = ENVIRONMENT, host = HOSTS[0].name, stdin, stdout, stderr }) {
    const input = stdin ?? new Input();
    const ends = [input instanceof Terminal ? input.opened : await this.#inputPipe(input)];
    /** @type {Promise<void>[]} */
    const drained = [];
    for (const out of [stdout, stderr]) {
      ends.push(out instanceof Terminal ? out.opened : await this.#outputPipe(out?.onData, drained));
    }
    const give = [input, stdout, stderr].flatMap((end, i) => (end instanceof Terminal ? [] : [ends[i].program]));
    const io = ends.map(({ program }) => program);
    const pid = await this.#ask({ type: 'spawn', path, argv, env, host, io, give });
    if (pid < 0) throw new Error(`${path}: cannot be started on ${host} (error ${-pid})`);
    if (!stdin && input instanceof Input) input.end();
    return this.#process(pid, drained);
  }

  /**
   * @param {number} pid
   * @param {Promise<void>[]} drained
   */
  #process(pid, drained) {
    /** @type {Promise<Ended>} */
    const ended = new Promise((exited) => {
      this.#processes.set(pid, { exited, slept: () => {} });
    });
    /** @type {Promise<void>} */
    const slept = new Promise((resolve) => {
      const entry = this.#processes.get(pid);
      if (entry) entry.slept = resolve;
    });
    const exited = ended.then(async (end) => {
      await Promise.all(drained);
      return end;
    });
    const early = this.#early.get(pid);
    if (early !== undefined) this.#exited(pid, early);
    return {
      pid,
      /** How it ended, once all that it wrote has been handed over. */
      exited,
      /** When it first sleeps in the kernel, or ends. */
      slept,
      kill: (/** @type {SignalName} */ signal) => this.#post({ type: 'kill', pid, signal: SIGNALS[signal] }),
    };
  }

  /** @param {Input} input */
  async #inputPipe(input) {
    const opened = await this.#ask({ type: 'pipe', programReads: true });
    input.connect((message) => this.#post({ ...message, fd: opened.fd }));
    return opened;
  }

  /**
   * @param {Sink | undefined} sink
   * @param {Promise<void>[]} drained
   * @returns {Promise<Opened>}
   */
  async #outputPipe(sink = (_, done) => done(), drained) {
    const opened = await this.#ask({ type: 'pipe', programReads: false });
    drained.push(new Promise((ended) => {
      this.#sinks.set(opened.fd, { sink, ended });
    }));
    return opened;
  }

  /** @param {object} message */
  #post(message) {
    this.#worker.post(message);
  }

  /**
   * Its answer; rejects if it is refused, or the lab breaks down first.
   * @param {object} message
   * @returns {Promise<any>}
   */
  #ask(message) {
    const id = ++this.#lastId;
    this.#post({ ...message, id });
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
    });
  }

  /** @param {any} m */
  #receive(m) {
    switch (m.type) {
      case 'answer': return this.#answered(m.id, m.answer);
      case 'refused': return this.#refused(m.id, m.message);
      case 'output': return this.#output(m.fd, m.bytes);
      case 'end': return this.#sinks.get(m.fd)?.ended?.();
      case 'foreground': return this.#sinks.get(m.fd)?.foreground?.(m.group);
      case 'asked': return this.#serveCompiler(m.fd);
      case 'slept': return this.#slept(m.pid);
      case 'exited': return this.#exited(m.pid, m.status);
      case 'trap': return void this.#trapped(m);
      case 'log': return this.#options.onLog?.(m.line);
      case 'failure': return this.#fail(m.message);
    }
  }

  /**
   * @param {number} id
   * @param {any} [answer]
   */
  #answered(id, answer) {
    this.#asked.get(id)?.resolve(answer);
    this.#asked.delete(id);
  }

  /**
   * @param {number} id
   * @param {string} message
   */
  #refused(id, message) {
    this.#asked.get(id)?.reject(new Error(message));
    this.#asked.delete(id);
  }

  /**
   * @param {number} fd
   * @param {Uint8Array<ArrayBuffer>} bytes
   */
  #output(fd, bytes) {
    const n = bytes.length;
    this.#sinks.get(fd)?.sink(bytes, () => this.#post({ type: 'consumed', fd, bytes: n }));
  }

  /** @param {number} pid */
  #slept(pid) {
    this.#processes.get(pid)?.slept();
    this.#options.onSlept?.(pid);
  }

  /**
   * @param {number} pid
   * @param {number} status  as wait() gives it
   */
  #exited(pid, status) {
    const entry = this.#processes.get(pid);
    if (!entry) return void this.#early.set(pid, status);
    const signal = status & 127;
    this.#processes.delete(pid);
    entry.slept();
    entry.exited({ code: signal ? 128 + signal : status >> 8, signal: signal || null });
  }

  /**
   * A program trapped: its terminal gets one line, as a shell would print it, with the place.
   * @param {{ pid: number, message: string, frames: { name: string, offset: number }[], program: Uint8Array<ArrayBuffer> }} trap
   */
  async #trapped({ pid, message, frames, program }) {
    const [, what, signal, more] = /** @type {(typeof TRAPS)[number]} */ (TRAPS.find(([pattern]) => pattern.test(message)));
    const places = await this.#options.symbolize?.(program, frames.map(({ offset }) => offset)).catch(() => []);
    const own = Math.max(places?.findIndex((place) => place?.file) ?? 0, 0); // the innermost that is not libc's
    const place = places?.[own];
    const name = (place?.function || frames[own]?.name)?.replace(/^__(original_main|main_argc_argv)$/, 'main'); // clang's
    const about = [name && `in ${name}`, place && `at ${place.file}:${place.line}`, more].filter(Boolean).join(' ');
    this.#post({ type: 'trapped', pid, signal: SIGNALS[signal], what, about });
  }

  /** @param {string} message */
  #fail(message) {
    this.shutdown();
    for (const { reject } of this.#asked.values()) reject(new Error(message));
    this.#asked.clear();
    this.#options.onFailure?.(message);
  }
}

/** A terminal of the lab: what is typed goes in, and signals for its foreground process group. */
export class Terminal {
  #post;
  /** The process, and process group, of the shell in it; 0: there is none. */
  shell = 0;

  /**
   * @param {Opened} opened
   * @param {(message: object) => void} post
   */
  constructor(opened, post) {
    this.opened = opened;
    this.#post = post;
  }

  /** @param {string | Uint8Array} keys */
  input(keys) {
    const bytes = typeof keys === 'string' ? new TextEncoder().encode(keys) : keys;
    this.#post({ type: 'input', fd: this.opened.fd, bytes });
  }

  /** @param {number} cols @param {number} rows */
  resize(cols, rows) {
    this.#post({ type: 'resize', fd: this.opened.fd, cols, rows });
  }

  /** @param {SignalName} signal */
  signal(signal) {
    this.#post({ type: 'signal', fd: this.opened.fd, signal: SIGNALS[signal] });
  }
}

/** A program's standard input, when it is no terminal. */
export class Input {
  /** @type {((message: object) => void) | undefined} */
  #post;
  /** @type {object[]} */
  #early = [];

  /** @param {(message: object) => void} post */
  connect(post) {
    this.#post = post;
    for (const message of this.#early) post(message);
  }

  /** @param {Uint8Array} bytes */
  write(bytes) {
    this.#send({ type: 'input', bytes });
  }

  end() {
    this.#send({ type: 'end-input' });
  }

  /** @param {object} message */
  #send(message) {
    if (this.#post) this.#post(message);
    else this.#early.push(message);
  }
}
