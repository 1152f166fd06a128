/** Small servers, clients and proxies: each does what it is for, with another program at the other end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startLab } from './lab.js';

const limit = { timeout: 60_000 };
const PAGE = '<p>Hello from the lab</p>\n';
const GET = 'GET /page.html HTTP/1.0\r\n\r\n';
const www = { files: { '/www/page.html': PAGE } };

test('netcat: a conversation, a scan, and datagrams', limit, async (t) => {
  const { serve, start, run } = await startLab(t, { programs: ['nc'] });
  const server = await serve('bob', 'nc -l -p 7000');
  const client = await start('alice', 'nc bob 7000');
  client.type('hello\n');
  await server.expect(/^hello\n/);
  server.type('good day\n');
  await client.expect(/^good day\n/);
  client.kill('SIGTERM');
  await server.end();

  await serve('bob', 'nc -l -p 7001');
  assert.match(await run('alice', 'nc -v -n -z 10.0.0.2 7001'), /7001 .*open/);
  assert.match(await run('alice', 'nc -v -n -z 10.0.0.2 7002', '', 1), /refused/);

  const datagrams = await serve('bob', 'nc -u -l -p 7003');
  const sender = await start('alice', 'nc -u bob 7003');
  sender.type('a datagram\n');
  await datagrams.expect(/^a datagram\n/);
  datagrams.type('another\n');
  await sender.expect(/^another\n/);
});

test('micro_httpd, a process for each connection by mini-inetd, asked by netcat', limit, async (t) => {
  const { serve, run } = await startLab(t, { programs: ['nc', 'mini-inetd', 'micro_httpd'], ...www });
  await serve('bob', 'mini-inetd 8000 /usr/bin/micro_httpd micro_httpd /www');
  const answers = await Promise.all(Array.from({ length: 4 }, () => run('alice', 'nc bob 8000', GET)));
  for (const answer of answers) {
    assert.match(answer, /^HTTP\/1\.0 200 Ok\r\n/);
    assert.ok(answer.endsWith(PAGE), answer);
  }
  assert.match(await run('alice', 'nc bob 8000', 'GET /none HTTP/1.0\r\n\r\n'), /^HTTP\/1\.0 404 Not Found/);
});

test('mini_httpd: files by sendfile, folders, and what it does not have', limit, async (t) => {
  const { serve, run } = await startLab(t, { programs: ['nc', 'mini_httpd'], ...www });
  await serve('bob', 'mini_httpd -D -p 8000 -d /www -u learner -l /tmp/log');
  const page = await run('alice', 'nc bob 8000', GET);
  assert.match(page, /^HTTP\/1\.0 200 Ok\r\n/i);
  assert.match(page, /Content-Length: 26\r\n/);
  assert.ok(page.endsWith(PAGE), page);
  assert.match(await run('alice', 'nc bob 8000', 'GET / HTTP/1.0\r\n\r\n'), /Index of[^]*page\.html/);
  assert.match(await run('alice', 'nc bob 8000', 'GET /none HTTP/1.0\r\n\r\n'), / 404 Not Found/);
});

test('finger asks fingerd, which runs finger', limit, async (t) => {
  const { serve, run } = await startLab(t, { programs: ['mini-inetd', 'finger', 'fingerd'], files: { '/home/learner/.plan': 'To learn.\n' } });
  const inetd = await serve('bob', 'mini-inetd 79 /usr/bin/fingerd fingerd');
  assert.match(await run('alice', 'finger learner@bob'), /Login: learner[^]*Directory: \/home\/learner[^]*Plan:\r?\nTo learn\./);
  await run('alice', 'finger nobody-there@bob');
  await inetd.expect(/nobody-there: no such user/);
});

test('nuttcp measures, both ways', limit, async (t) => {
  const { serve, run } = await startLab(t, { programs: ['nuttcp'] });
  await serve('bob', 'nuttcp -S --nofork');
  assert.match(await run('alice', 'nuttcp -4 -n 64m bob'), /64\.0000 MB \/ +[\d.]+ sec = +[\d.]+ Mbps/);
  assert.match(await run('alice', 'nuttcp -4 -r -n 64m bob'), /64\.0000 MB \/ +[\d.]+ sec = +[\d.]+ Mbps/);
  assert.match(await run('alice', 'nuttcp -4 -u -R 10m -T 1 bob'), /MB \/ +[\d.]+ sec = +[\d.]+ Mbps/);
});

test('tcplisten takes one connection', limit, async (t) => {
  const { serve, start } = await startLab(t, { programs: ['nc', 'tcplisten'] });
  const server = await serve('bob', 'tcplisten 7000');
  const client = await start('alice', 'nc bob 7000');
  client.type('from alice\n');
  await server.expect(/from alice\n/);
  server.type('from bob\n');
  await client.expect(/^from bob\n/);
});

for (const [name, line, host, port] of [
  ['simpleproxy', 'simpleproxy -L 8000 -R http:80', 'bob', 8000],
  ['redir', 'redir -n :8000 http:80', 'bob', 8000],
  ['rinetd', 'rinetd -f -c /etc/rinetd.conf', 'bob', 8000],
  ['6tunnel', '6tunnel -d -4 8000 http 80', 'bob', 8000],
])
  test(`${name} passes connections on`, limit, async (t) => {
    const { serve, run } = await startLab(t, {
      programs: ['nc', `${name}`], servers: ['dns', 'http'],
      files: { '/etc/rinetd.conf': '0.0.0.0 8000 10.0.0.12 80\n' },
    });
    await serve(`${host}`, `${line}`);
    const answers = await Promise.all([1, 2, 3].map(() => run('alice', `nc ${host} ${port}`, 'GET / HTTP/1.0\r\n\r\n')));
    for (const answer of answers) assert.match(answer, /^HTTP\/1\.[01] 200 /);
  });

test('fping asks many hosts at once', limit, async (t) => {
  const { run } = await startLab(t, { programs: ['fping'] });
  const said = await run('alice', 'fping -e bob carol alice 10.0.0.99', '', 1);
  for (const host of ['bob', 'carol', 'alice']) assert.match(said, new RegExp(`^${host} is alive \\([\\d.]+ ms\\)`, 'm'));
  assert.match(said, /10\.0\.0\.99 is unreachable/);
  assert.match(await run('alice', 'fping -c 3 -q -p 20 -t 2000 bob'), /bob : xmt\/rcv\/%loss = 3\/3\/0%/);
});
