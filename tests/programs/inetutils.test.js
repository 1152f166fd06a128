/** GNU inetutils: the clients with the lab's servers, the servers with these and other clients. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startLab } from './lab.js';

const limit = { timeout: 60_000 };
test('ping and traceroute', limit, async (t) => {
  const { run } = await startLab(t, { programs: ['ping', 'traceroute'] });
  assert.match(await run('alice', 'ping -c 3 -i 0.2 bob'), /3 packets transmitted, 3 packets received, 0% packet loss/);
  assert.match(await run('alice', 'ping -c 1 -w 1 10.0.0.99', '', 1), /1 packets transmitted, 0 packets received, 100% packet loss/);
  assert.match(await run('alice', 'traceroute -M icmp bob'), /traceroute to bob \(10\.0\.0\.2\)[^]*1 +10\.0\.0\.2/);
});

test('telnet with the lab\'s Telnet server', limit, async (t) => {
  const { start } = await startLab(t, { programs: ['telnet'], servers: ['dns', 'telnet'] });
  const client = await start('alice', 'telnet telnet');
  await client.expect(/Connected to telnet/);
  await client.expect(/ogin|ame/);
  client.endInput();
});

test('ftp with the lab\'s FTP server', limit, async (t) => {
  const { run } = await startLab(t, { programs: ['ftp'], servers: ['dns', 'ftp'], files: { '/home/learner/letter': 'dear bob\n' } });
  const said = await run('alice', 'ftp -n -v -p ftp', 'user anonymous me@here\nls\npwd\nquit\n');
  assert.match(said, /Connected to ftp[^]*^230 [^]*^150 [^]*^226 [^]*^257 [^]*^221 /m);
});

test('whois asks the server that it is told', limit, async (t) => {
  const { serve, run } = await startLab(t, { programs: ['whois', 'mini-inetd'] });
  await serve('bob', 'mini-inetd 43 /bin/head head -n 1');
  assert.match(await run('alice', 'whois -h bob ada'), /^ada\r?$/m);
});
