/** The benchmarks' programs in a lab; the same in Node and in the page. */
import { HOME, Input, Lab } from '../../web/runtime/lab.js';

const PORT = '7000';

/** many.c's arguments, with its server's places put in. @param {string[]} args @param {string} sink @param {string} closer */
export function placed(args, sink, closer) {
  return args.flatMap((arg) => (arg === 'sink' ? ['127.0.0.1', sink] : arg === 'closer' ? ['127.0.0.1', closer] : [arg]));
}

/** @param {string[]} output */
function collect(output) {
  const decoder = new TextDecoder();
  return {
    /** @param {Uint8Array} bytes @param {() => void} done */
    onData(bytes, done) {
      output.push(decoder.decode(bytes, { stream: true }));
      done();
    },
  };
}

export const PROGRAMS = ['server', 'client', 'sink', 'many', 'processes', 'threads'];

/**
 * Boots a lab in which the servers run on the host alice.
 * @param {Record<string, Uint8Array>} programs
 * @param {import('../../web/runtime/lab.js').Options} [options]
 */
export async function bootLab(programs, options) {
  const lab = await Lab.boot({ onFailure: (message) => console.error(message), ...options });
  const path = (/** @type {string} */ name) => `${HOME}/${name}`;
  for (const name of PROGRAMS) await lab.install(path(name), programs[name]);
  await (await lab.spawn({ path: path('server'), argv: ['server', PORT] })).slept;
  /** @type {string[]} */
  const ports = [];
  await (await lab.spawn({ path: path('sink'), stdout: collect(ports) })).slept;

  /** Runs a program and gives the number that it prints. @param {string} host @param {string} name @param {string[]} args */
  async function run(host, name, args) {
    /** @type {string[]} */
    const output = [];
    const sink = collect(output);
    const { exited } = await lab.spawn({ path: path(name), argv: [name, ...args], host, stdout: sink, stderr: sink });
    const { code } = await exited;
    if (code !== 0) throw new Error(`${name} ${args.join(' ')}: ${output.join('')}`);
    return Number(output.join(''));
  }

  return {
    lab,
    /**
     * Runs the client and gives the number that it prints.
     * @param {string} host              where it runs
     * @param {string | null} address    null: the server in the lab, by the loopback or from host to host
     * @param {string} port
     * @param {string} what
     * @param {number} n
     */
    client(host, address, port, what, n) {
      const inside = host === 'alice' ? '127.0.0.1' : '10.0.0.1';
      return run(host, 'client', [address ?? inside, address ? port : PORT, what, String(n)]);
    },
    /** @param {string[]} args  of many.c; 'sink' and 'closer' stand for an address and a port */
    many(...args) {
      const [sink, closer] = ports.join('').trim().split(' ');
      return run('alice', 'many', placed(args, sink, closer));
    },
    /** @param {string} name @param {string[]} args */
    run: (name, ...args) => run('alice', name, args),
    /** Starts so many processes, and answers how long that took, in ms, and what ends them. @param {number} count */
    async together(count) {
      const stdin = new Input();
      /** @type {(ms: number) => void} */
      let tell;
      const said = new Promise((/** @type {(ms: number) => void} */ resolve) => { tell = resolve; });
      const stdout = { onData: (/** @type {Uint8Array} */ bytes, /** @type {() => void} */ done) => {
        tell(Number(new TextDecoder().decode(bytes)));
        done();
      } };
      const { exited } = await lab.spawn({ path: path('processes'), argv: ['processes', 'together', String(count)], stdin, stdout });
      const end = async () => {
        stdin.end();
        await exited;
      };
      return { ms: await said, end };
    },
    shutdown: () => lab.shutdown(),
  };
}
