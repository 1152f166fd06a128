/** The benchmarks' two programs in a lab; the same in Node and in the page. */
import { HOME, Lab } from '../../web/runtime/lab.js';

const PORT = '7000';

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

/**
 * Boots a lab in which the server runs on the host alice.
 * @param {{ server: Uint8Array, client: Uint8Array }} programs
 * @param {import('../../web/runtime/lab.js').Options} [options]
 */
export async function bootLab(programs, options) {
  const lab = await Lab.boot({ onFailure: (message) => console.error(message), ...options });
  const [server, client] = [`${HOME}/server`, `${HOME}/client`];
  await lab.install(server, programs.server);
  await lab.install(client, programs.client);
  const { slept } = await lab.spawn({ path: server, argv: [server, PORT] });
  await slept;
  return {
    /**
     * Runs the client and gives the number that it prints.
     * @param {string} host              where it runs
     * @param {string | null} address    null: the server in the lab, by the loopback or from host to host
     * @param {string} port
     * @param {string} what
     * @param {number} n
     */
    async client(host, address, port, what, n) {
      /** @type {string[]} */
      const output = [];
      const inside = host === 'alice' ? '127.0.0.1' : '10.0.0.1';
      const argv = [client, address ?? inside, address ? port : PORT, what, String(n)];
      const sink = collect(output);
      const { exited } = await lab.spawn({ path: client, argv, host, stdout: sink, stderr: sink });
      const { code } = await exited;
      if (code !== 0) throw new Error(`${argv.join(' ')}: ${output.join('')}`);
      return Number(output.join(''));
    },
    shutdown: () => lab.shutdown(),
  };
}
