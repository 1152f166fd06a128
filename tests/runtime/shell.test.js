/** The lab's shell, typed at as a learner does: quoting, pipes, jobs, history, mistakes, and programs that want too much. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'node:test';
import { inTime } from '../lab/session.js';
import { collector, startLab } from './lab.js';

const limit = { timeout: 60_000 };
const PROMPT = 'alice:~$ ';
const program = (/** @type {string} */ name) =>
  new Uint8Array(readFileSync(fileURLToPath(new URL(`../../build/tests/runtime/${name}.wasm`, import.meta.url))));
const literally = (/** @type {string} */ text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/**
 * A shell in a terminal, at its prompt.
 * @param {import('node:test').TestContext} t
 * @param {string[]} [servers]
 */
async function startShell(t, servers) {
  const { lab, orFailure } = await startLab(t, { servers });
  const screen = collector();
  let onForeground = (/** @type {number} */ _) => {};
  const terminal = await lab.terminal({ onOutput: screen.onData, onForeground: (group) => onForeground(group) });
  const type = (/** @type {string} */ text) => terminal.input(text);
  /** Waits for what the screen is to show next. @param {RegExp} pattern */
  const expect = (pattern) =>
    orFailure(inTime(screen.until(pattern), () => `${pattern} did not come: ${JSON.stringify(screen.text)}`));
  await expect(/alice:~\$ $/);
  return {
    lab, type, expect,
    /** Types a line; it prints these and nothing else before the next prompt. @param {string} line @param {string[]} printed */
    async line(line, ...printed) {
      type(`${line}\r`);
      await expect(new RegExp(`^${literally([line, ...printed, PROMPT].join('\r\n'))}$`));
    },
    /** Starts a program that echoes lines, and has it do so, so that the terminal is sure to be its own. @param {string} line */
    async echoing(line) {
      /** @type {Promise<void>} */
      const given = new Promise((resolve) => {
        onForeground = (group) => group !== terminal.shell && resolve();
      });
      type(`${line}\r`);
      await inTime(given, () => `${line} does not get the terminal`);
      type('hello\r');
      await expect(/hello\r\nhello\r\n$/);
    },
  };
}

test('the shell quotes, counts, pipes, redirects, and knows how a command ended', limit, async (t) => {
  const { line, type, expect } = await startShell(t);
  await line('echo "$HOME" \'$HOME\' \\$HOME $((6*7)) ${none:-"a  b"} `echo c`', '/home/learner $HOME $HOME 42 a  b c');
  await line('echo b a >list; tr " " "\\n" <list | sort | head -n 1', 'a');
  await line('cat nowhere >>list 2>&1; wc -l <list; echo $?', '2', '0');
  await line('grep -c . nowhere', 'grep: nowhere: No such file or directory');
  await line('echo $?', '2');
  await line('false || echo no && ! true; echo $?', 'no', '1');
  await line('for i in 1 2 3; do echo $i; done | sed -n 2p', '2');
  type('cat <<END | tr a-z A-Z\r');
  await expect(/> $/);
  type('shout $((1+1))\rEND\r');
  await expect(/SHOUT 2\r\nalice:~\$ $/);
  await line('echo \'echo it ran "$1"\' >script; chmod +x script; ./script well', 'it ran well');
});

test('mistakes get the usual words', limit, async (t) => {
  const { line, type, expect } = await startShell(t);
  await line('nothing', 'sh: nothing: not found');
  await line('echo $?', '127');
  await line('./nothing', 'sh: ./nothing: not found');
  await line('/tmp', 'sh: /tmp: Permission denied');
  await line('if then', 'sh: syntax error: unexpected "then"');
  await line('echo a | ; echo b', 'sh: syntax error: unexpected ";"');
  await line('cd nowhere', "sh: cd: can't cd to nowhere: No such file or directory");
  await line('cat <nowhere', "sh: can't open nowhere: no such file");
  type('echo "unfinished\r');
  await expect(/> $/);
  type('\x03');
  await expect(/\^C\r\nalice:~\$ $/);
});

test('of a program that traps a line says where, which the shell ends if it would say as much', limit, async (t) => {
  const { lab, line, type, expect } = await startShell(t);
  await lab.install('/home/learner/trap', program('trap'));
  await line('./trap', 'in main: Segmentation fault');
  await line('echo $?', '139');
  await line('./trap 2>errors; cat errors', 'Segmentation fault in main', 'Segmentation fault');
  await line('./trap | cat', 'in main: Segmentation fault');
  type('./trap &\r');
  await expect(/Segmentation fault in main\r\n/);
});

test('jobs are stopped, go on, and are ended', limit, async (t) => {
  const { line, echoing, type, expect } = await startShell(t);
  await echoing('cat');
  type('\x1a');
  await expect(/^\^Z\[1\]\+ {2}Stopped +cat\r\nalice:~\$ $/);
  type('(echo begun; exec sleep 1000) &\r');
  await expect(/begun\r\n/);
  await line('');
  await line('jobs',
    '[1]+  Stopped                    cat',
    '[2]-  Running                    (echo begun; exec sleep 1000)');
  type('kill %2; wait %2; echo $?\r');
  await expect(/143\r\n[^]*\$ $/);
  await echoing('fg %1');
  type('\x03');
  await expect(/\^C\r\nalice:~\$ $/);
  await line('echo $?', '130');
  await line('jobs');
});

test('the line can be edited, found again, and completed', limit, async (t) => {
  const { line, type, expect } = await startShell(t);
  await line('echo one', 'one');
  type('cho two\x01e\x05 three\r'); // Ctrl-A, Ctrl-E
  await expect(/\r\ntwo three\r\nalice:~\$ $/);
  type('\x1b[A\x1b[A\r'); // arrow up: the line before the last
  await expect(/\r\none\r\nalice:~\$ $/);
  type('\x12thr\r'); // Ctrl-R
  await expect(/\r\ntwo three\r\nalice:~\$ $/);
  await line('touch a_long_name');
  type('ls a_l\t\r');
  await expect(/\r\na_long_name\r\nalice:~\$ $/);
});

test('a fork bomb meets EAGAIN and Ctrl-C ends it; a memory hog meets ENOMEM', limit, async (t) => {
  const { lab, line, type, expect } = await startShell(t);
  /** Runs it until it finds none: what is killed counts until it has noticed. @param {string} pgrep */
  const none = async (pgrep) => {
    do type(`${pgrep}\r`);
    while (await expect(/\r\n[^]*\$ $/) !== `${pgrep}\r\n${PROMPT}`);
  };
  for (const name of ['bomb', 'hog']) await lab.install(`/bin/${name}`, program(name));
  await line('hog', 'malloc: Cannot allocate memory');
  await line('ulimit -u 12');
  type('bomb\r');
  await expect(/fork: Resource temporarily unavailable\r\n/);
  type('\x03');
  await expect(/\^C[^]*\$ $/);
  await none('pgrep bomb');
  type('f() { f | f & }; f\r'); // each of a group of its own, so Ctrl-C is not for them
  await expect(/can't fork: Resource temporarily unavailable\r\n/);
  type('kill -9 -1; echo a"l"ive\r');
  await expect(/\nalive\r\n[^]*\$ $/);
  await line('');
  await none('pgrep -v "^sh$"');
});

test('a command speaks with the server of the same name', limit, async (t) => {
  const { line, type, expect } = await startShell(t, ['dns', 'telnet', 'echo']);
  await line('echo one | nc -w 1 echo 7', 'one');
  type('telnet telnet\r');
  await expect(/Connected to telnet\r\n[^]*name[^]*$/);
  type('\x1d');
  await expect(/e\texit telnet\r\n$/);
  type('e\r');
  await expect(/alice:~\$ $/);
});
