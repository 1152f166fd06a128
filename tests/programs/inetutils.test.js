/** GNU inetutils: the clients with the lab's servers, the servers with these and other clients. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startLab } from './lab.js';

const limit = { timeout: 60_000 };
const INETD = `
echo     stream tcp nowait learner internal
daytime  stream tcp nowait learner internal
echo     dgram  udp wait   learner internal
ftp      stream tcp nowait learner /usr/bin/ftpd ftpd -A
tftp     dgram  udp wait   learner /usr/bin/tftpd tftpd /srv
`;

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

test('inetd: its own services, and tftp with tftpd by it', limit, async (t) => {
  const { serve, start, run } = await startLab(t, {
    programs: ['inetd', 'tftp', 'tftpd', 'nc'],
    files: { '/etc/inetd.conf': INETD, '/srv/letter': 'dear alice\n'.repeat(500), '/srv/new': '' },
  });
  await serve('bob', 'inetd -d /etc/inetd.conf');
  const echo = await start('alice', 'nc bob 7');
  echo.type('hello\n');
  await echo.expect(/^hello\n/);
  echo.kill('SIGTERM');
  assert.match(await run('alice', 'nc bob 13'), /\d\d:\d\d:\d\d \d{4}\r\n/);
  assert.match(await run('alice', 'tftp bob', 'get /srv/letter /tmp/letter\nquit\n'), /Received 5500 bytes/);
  assert.match(await run('alice', 'tftp bob', 'put /tmp/letter /srv/new\nquit\n'), /Sent 5500 bytes/);
});

test('whois asks the server that it is told', limit, async (t) => {
  const { serve, start } = await startLab(t, { programs: ['whois', 'nc'] });
  const server = await serve('bob', 'nc -l -p 43');
  const client = await start('alice', 'whois -h bob ada');
  await server.expect(/^ada\r\n/);
  server.type('ada: countess\r\n');
  await client.expect(/ada: countess/);
});

test('logger sends syslogd what it writes to its file', limit, async (t) => {
  const { serve, run } = await startLab(t, {
    programs: ['syslogd', 'logger', 'nc'], files: { '/etc/syslog.conf': '*.*\t/tmp/messages\n', '/tmp/messages': '' },
  });
  await serve('bob', 'syslogd -n -r --no-klog --no-unixaf -f /etc/syslog.conf');
  await run('alice', 'logger -h bob -p user.info a line for the log');
});
