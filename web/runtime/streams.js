/**
 * Bytes between the kernel Worker's descriptors (masters of terminals, ends of pipes) and the page.
 * What the page has not yet consumed is bounded, so that a program that prints without end waits.
 */

/**
 * @typedef {object} Stream
 * @property {number} unconsumed      bytes that the page was given and has not done with
 * @property {Uint8Array[]} input     not yet taken by the kernel
 * @property {boolean} ending         no more input comes
 * @property {boolean} terminal
 * @property {number} foreground      process group last told
 */

const BUFFER = 65536; // k_buffer
const AHEAD = 262144; // bytes that the page may be behind
const EAGAIN = [6, 11]; // Emscripten's number, Linux's

export class Streams {
  /** @type {Map<number, Stream>} */
  #streams = new Map();
  /** The capture's descriptor; -1: there is none. */
  #capture = -1;
  /** Memory that is not shared, which a WebSocket insists on. */
  #own = new Uint8Array(BUFFER);

  /**
   * @param {import('./kernel.js').KernelExports} kernel
   * @param {WebAssembly.Memory} memory
   * @param {import('./platform.js').Port} page
   */
  constructor(kernel, memory, page) {
    this.kernel = kernel;
    this.memory = memory;
    this.page = page;
  }

  /** @param {Uint8Array} bytes */
  put(bytes) {
    const n = Math.min(bytes.length, BUFFER);
    new Uint8Array(this.memory.buffer).set(bytes.subarray(0, n), this.kernel.k_buffer());
    return n;
  }

  /**
   * @param {number} pair  a descriptor << 16 | the program's
   * @param {boolean} terminal
   */
  #open(pair, terminal) {
    if (pair < 0) return { error: pair };
    const fd = pair >> 16;
    this.#streams.set(fd, { unconsumed: 0, input: [], ending: false, terminal, foreground: 0 });
    return { fd, program: pair & 0xffff };
  }

  /** A stream that a program has begun. @param {number} fd */
  adopt(fd) {
    this.#open(fd << 16, false);
  }

  /** @param {number} cols @param {number} rows */
  terminal(cols, rows) {
    return this.#open(this.kernel.k_pty(cols, rows), true);
  }

  /** Every frame on every host's interfaces, from now on. */
  capture() {
    const fd = this.kernel.k_capture();
    if (fd >= 0) this.#capture = fd;
    return this.#open(fd < 0 ? fd : fd << 16, false);
  }

  /** Gives the page all frames there are now, however far behind it is. How many were dropped. */
  captured() {
    const stream = this.#streams.get(this.#capture);
    if (stream) this.#output(this.#capture, stream, Infinity);
    return this.kernel.k_capture_dropped();
  }

  /**
   * Every system call of every process, from now on.
   * @param {number} bytes   of each buffer
   * @param {boolean} stack  where it was made, too
   */
  trace(bytes, stack) {
    const fd = this.kernel.k_trace(bytes, Number(stack));
    return this.#open(fd < 0 ? fd : fd << 16, false);
  }

  /** Gives the page what there is now, however far behind it is, and ends. @param {number} fd */
  flush(fd) {
    const stream = this.#streams.get(fd);
    if (!stream) return;
    this.#output(fd, stream, Infinity);
    this.#close(fd);
  }

  /** @param {boolean} programReads */
  pipe(programReads) {
    return this.#open(this.kernel.k_pipe(Number(programReads)), false);
  }

  /**
   * Something changed about a descriptor. False: it is none of ours.
   * @param {number} fd
   */
  ready(fd) {
    const stream = this.#streams.get(fd);
    if (!stream) return false;
    this.#output(fd, stream);
    this.#feed(fd, stream);
    if (!stream.terminal) return true;
    const group = this.kernel.k_pty_foreground(fd);
    if (group !== stream.foreground) this.page.post({ type: 'foreground', fd, group });
    stream.foreground = group;
    return true;
  }

  /**
   * @param {number} fd
   * @param {Uint8Array} bytes
   */
  input(fd, bytes) {
    const stream = this.#streams.get(fd);
    if (!stream) return;
    stream.input.push(bytes);
    this.#feed(fd, stream);
  }

  /** @param {number} fd */
  endInput(fd) {
    const stream = this.#streams.get(fd);
    if (!stream) return;
    stream.ending = true;
    this.#feed(fd, stream);
  }

  /**
   * @param {number} fd
   * @param {number} bytes  that the page has done with
   */
  consumed(fd, bytes) {
    const stream = this.#streams.get(fd);
    if (!stream) return;
    stream.unconsumed -= bytes;
    this.#output(fd, stream);
  }

  /**
   * @param {number} fd
   * @param {Stream} stream
   * @param {number} [ahead]
   */
  #output(fd, stream, ahead = AHEAD) {
    while (stream.unconsumed < ahead) {
      const bytes = this.read(fd, BUFFER);
      if (!bytes) return;
      if (bytes.length === 0) return this.#close(fd);
      stream.unconsumed += bytes.length;
      this.page.post({ type: 'output', fd, bytes }, [bytes.buffer]);
    }
  }

  /**
   * @param {number} fd
   * @param {Stream} stream
   */
  #feed(fd, stream) {
    while (stream.input.length > 0) {
      const n = this.write(fd, stream.input[0]);
      if (n < 0) stream.input = []; // nobody will read it
      else if (n < stream.input[0].length) {
        stream.input[0] = stream.input[0].subarray(n);
        if (n === 0) return;
      } else stream.input.shift();
    }
    if (stream.ending) this.#close(fd);
  }

  /** @param {number} fd */
  #close(fd) {
    this.#streams.delete(fd);
    this.kernel.k_close(fd);
    this.page.post({ type: 'end', fd });
  }

  /**
   * Bytes from a descriptor, in memory of their own; none: the end; null: nothing now.
   * @param {number} fd
   * @param {number} max
   * @returns {Uint8Array<ArrayBuffer> | null}
   */
  read(fd, max) {
    const at = this.kernel.k_buffer();
    const n = this.kernel.k_read(fd, at, Math.min(max, BUFFER));
    if (n < 0) return null;
    return new Uint8Array(this.memory.buffer).slice(at, at + n);
  }

  /**
   * @param {number} fd
   * @param {number} max
   */
  readGateway(fd, max) {
    const n = this.kernel.k_read(fd, this.kernel.k_buffer(), Math.min(max, BUFFER));
    return n === 0 ? 'eof' : n < 0 ? null : this.#got(n);
  }

  /**
   * Writes, and reads what is answered within so many ms, if anything. False: not now, and nothing was done.
   * @param {number} fd
   * @param {Uint8Array} bytes
   * @param {number} ms
   */
  exchange(fd, bytes, ms) {
    if (bytes.length > BUFFER) return false;
    const n = this.kernel.k_gateway_exchange(fd, this.put(bytes), ms);
    return n === 0 ? null : n > 0 && this.#got(n);
  }

  /** What is in k_buffer. @param {number} n */
  #got(n) {
    this.#own.set(new Uint8Array(this.memory.buffer, this.kernel.k_buffer(), n));
    return this.#own.subarray(0, n);
  }

  /**
   * How many of the bytes were taken: 0 when there is no room, negative when nobody will read them.
   * @param {number} fd
   * @param {Uint8Array} bytes
   */
  write(fd, bytes) {
    let done = 0;
    while (done < bytes.length) {
      const n = this.kernel.k_write(fd, this.kernel.k_buffer(), this.put(bytes.subarray(done)));
      if (n < 0) return EAGAIN.includes(-n) || done > 0 ? done : n;
      if (n === 0) return done;
      done += n;
    }
    return done;
  }
}
