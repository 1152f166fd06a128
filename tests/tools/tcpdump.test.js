/** tcpdump's lines are those of Debian's tcpdump for the same file, natively and in the lab. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { linux, nativeCommand, startLab } from './lab.js';

const timeout = 60_000;
const LAST = 4; // frames with the last name that is asked for: of A and of AAAA, question and answer
const build = new URL('../../build/', import.meta.url);

/** The traffic between hosts of a lab, as tcpdump -w has it. @param {import('node:test').TestContext} t */
async function capture(t) {
  const { lab, start, run } = await startLab(t, { commands: ['tcpdump', 'dns', 'http'], programs: ['serve', 'traffic'] });
  await lab.install('/etc/resolv.conf', new TextEncoder().encode('nameserver 10.0.0.2\nsearch lab\n'));
  for (const server of ['serve', 'dns', 'http']) await (await start([server], { host: 'bob' })).slept;
  let file = Buffer.alloc(0), look = () => {};
  const tcpdump = await start(['tcpdump', '-w', '-'], {
    stdout: { onData: (bytes, done) => (file = Buffer.concat([file, bytes]), look(), done()) },
  });
  await tcpdump.err.until(/listening on eth0, link-type EN10MB \(Ethernet\), snapshot length 262144 bytes\n/);
  await run(['traffic']);
  await new Promise((resolve) => { // what it has not yet read when it is stopped is not in the file
    look = () => file.toString('latin1').split('\x07nothing').length > LAST && resolve(undefined);
    look();
  });
  tcpdump.kill('SIGINT');
  const { code } = await tcpdump.exited;
  assert.equal(code, 0);
  assert.match(tcpdump.err.text, /^\n\d+ packets captured\n\d+ packets received by filter\n0 packets dropped by kernel\n$/);
  return { lab, run, file };
}

test('the lines of every kind of packet, and filters', { timeout }, async (t) => {
  const { lab, run, file } = await capture(t);
  const folder = await mkdtemp(join(tmpdir(), 'tcpdump-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'packets');
  await writeFile(path, file);
  await lab.install(path, file, 0o644);

  const lines = linux('tcpdump', ['-n', '-r', path]).out;
  for (const kind of [/ARP, Request/, /ARP, Reply/, /Flags \[S\]/, /Flags \[R/, /HTTP: GET \/ HTTP\/1\.0/, /ICMP 10\.0\.0\.2 udp port/,
    /ICMP echo reply/, /ICMP6, neighbor advertisement/, /ICMP6, destination unreachable/, /igmp v2 report/, / A\? example\.lab/,
    /NXDomain/, /IP6 fd00:6c61:62::1\.\d+ > fd00:6c61:62::2.7778: UDP, length 5/]) assert.match(lines, kind);

  const all = [[], ['-e'], ['-q'], ['-S'], ['-t'], ['-tt'], ['-ttt'], ['-tttt'], ['-x'], ['-X'], ['-xx'], ['-XX'], ['-A'], ['-c', '5'],
    ['-v', 'arp or igmp or tcp'], ['arp'], ['tcp port 7000'], ['udp and not port 53'], ['src host 10.0.0.1 and (port 80 or port 9)'],
    ['dst', '10.0.0.2'], ['icmp', 'or', 'icmp6'], ['!', '(', 'tcp or udp', ')'], ['ip6'], ['net 10.0.0.0/24 and greater 80'],
    ['host fd00:6c61:62::2'], ['tcp src port 7000'], ['portrange 1-100']];
  for (const args of all) {
    const theirs = linux('tcpdump', ['-n', '-r', path, ...args]);
    const ours = linux(nativeCommand('tcpdump'), ['-n', '-r', path, ...args]);
    assert.equal(ours.out, theirs.out, `tcpdump -n ${args.join(' ')}`);
    assert.equal(ours.err, theirs.err);
  }
  assert.equal((await run(['tcpdump', '-n', '-r', path], { env: ['TZ=UTC'] })).out, linux('env', ['TZ=UTC', 'tcpdump', '-n', '-r', path]).out);
  for (const wrong of [['port'], ['and'], ['(', 'tcp'], ['tcp', ')']]) {
    const { status, err } = linux(nativeCommand('tcpdump'), ['-r', path, ...wrong]);
    assert.deepEqual([status, err.split('\n').at(-2)], [1, "tcpdump: can't parse filter expression: syntax error"]);
  }
});

test('in the lab: lines as packets pass, an interface, a filter, a count', { timeout }, async (t) => {
  const { lab, start, run } = await startLab(t, { commands: ['tcpdump'] });
  for (const name of ['serve', 'ask']) await lab.install(`/bin/${name}`, await readFile(new URL(`tests/tools/${name}.wasm`, build)));
  await (await start(['serve'], { host: 'bob' })).slept;
  const tcpdump = await start(['tcpdump', '-n', '-t', '-i', 'eth0', '-c', '3', 'tcp', 'port', '7000'], { host: 'bob' });
  await tcpdump.err.until(/listening on eth0/);
  await run(['ask']);
  assert.equal((await tcpdump.exited).code, 0);
  assert.match(tcpdump.out.text, new RegExp([
    String.raw`^IP 10\.0\.0\.1\.(\d+) > 10\.0\.0\.2\.7000: Flags \[S\], seq \d+, win \d+, options \[mss 1460.*\], length 0\n`,
    String.raw`IP 10\.0\.0\.2\.7000 > 10\.0\.0\.1\.\1: Flags \[S\.\], seq \d+, ack \d+, win \d+, options \[mss 1460.*\], length 0\n`,
    String.raw`IP 10\.0\.0\.1\.\1 > 10\.0\.0\.2\.7000: Flags \[\.\], ack 1, win \d+, length 0\n$`].join('')));
  assert.match((await run(['tcpdump', '-i', 'eth7'])).err, /^tcpdump: eth7: No such device exists\n\(SIOCGIFHWADDR: No such device\)\n$/);
});
