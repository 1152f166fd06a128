/** The library's DNS client: against the lab's server, and against one that lies. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { HOSTS, Lab } from '../../web/runtime/lab.js';
import { collector } from '../runtime/lab.js';

const programs = join(dirname(fileURLToPath(import.meta.url)), '../../build/tests/lab');
const limit = { timeout: 120_000 };

/** @param {import('node:test').TestContext} t @param {Parameters<typeof Lab.boot>[0]} [options] */
async function start(t, options) {
  const lab = await Lab.boot({ ...options, onLog: (line) => t.diagnostic(line) });
  t.after(() => lab.shutdown());
  for (const name of ['lookup', 'hostile']) await lab.install(`/tmp/${name}`, readFileSync(join(programs, `${name}.wasm`)));
  return {
    lab,
    /** @param {string} path @param {string} text */
    write: (path, text) => lab.install(path, new TextEncoder().encode(text), 0o644),
    /** The lines of lookup. @param {string[]} names */
    async lookup(...names) {
      const stdout = collector();
      const { exited } = await lab.spawn({ path: '/tmp/lookup', argv: ['lookup', ...names], stdout });
      assert.equal((await exited).code, 0);
      return stdout.text.trimEnd().split('\n');
    },
  };
}

const NO_NAME = 'Name or service not known', AGAIN = 'Temporary failure in name resolution', NO_DATA = 'No address associated with hostname';

test('names and addresses from a DNS server in the lab', limit, async (t) => {
  const { lab, lookup, write } = await start(t);
  const many = Array.from({ length: 100 }, (_, i) => `10.1.0.${i} many.lab\n`).join('');
  await write('/tmp/zone', `10.7.7.7 web.example www.web.example # 10.9.9.9\nfd00::7 Web.example\n10.8.8.8 far.lab\nfd00::8 six.lab\n${many}`);
  await write('/etc/resolv.conf', `search nowhere lab\nnameserver ${HOSTS[2].address}\n`);
  await lab.install('/bin/dns', readFileSync(join(programs, '../../programs/dns.wasm')));
  await (await lab.spawn({ path: '/bin/dns', argv: ['dns', '53', '/tmp/zone'], host: 'carol' })).slept;
  assert.deepEqual(await lookup('-4', 'alice', '10.0.0.2', 'WEB.example', 'www.web.example.', 'far', 'six', 'many', 'example', 'nosuch', '-6', 'six'), [
    'alice: alice 10.0.0.1', '10.0.0.2: bob', 'WEB.example: web.example 10.7.7.7', 'www.web.example.: www.web.example 10.7.7.7', 'far: far.lab 10.8.8.8',
    `six: ${NO_DATA}`, 'many: many.lab 10.1.0.0 10.1.0.1 10.1.0.2 10.1.0.3 (16)', `example: ${NO_DATA}`, `nosuch: ${NO_NAME}`, 'six: six.lab fd00::8',
  ]);
  assert.deepEqual(await lookup('web.example', '10.7.7.7', '10.7.7.8', 'fd00::7', 'fd00::9'), [
    'web.example: web.example fd00::7 10.7.7.7', '10.7.7.7: web.example', '10.7.7.8: Unknown host', 'fd00::7: web.example', 'fd00::9: Unknown host',
  ]);
});

test('the DNS server that comes with a lab', limit, async (t) => {
  const { lookup } = await start(t, { dns: 'carol' });
  assert.deepEqual(await lookup('-4', 'bob', 'nosuch', 'lab', '10.9.9.9'), ['bob: bob 10.0.0.2', `nosuch: ${NO_NAME}`, `lab: ${NO_DATA}`, '10.9.9.9: Unknown host']);
});

test('the servers that a lesson names, each on its own host', limit, async (t) => {
  const { lookup } = await start(t, { servers: ['dns'] });
  assert.deepEqual(await lookup('-4', 'dns', 'dns.lab', 'nosuch'), ['dns: dns 10.0.0.11', 'dns.lab: dns 10.0.0.11', `nosuch: ${NO_NAME}`]);
});

test('answers that are wrong', limit, async (t) => {
  const { lab, lookup, write } = await start(t);
  assert.deepEqual(await lookup('id.lab'), [`id.lab: ${NO_NAME}`], 'without a server');
  await write('/etc/resolv.conf', `; comment\nsearch lab # ours\nnameserver ${HOSTS[1].address}\noptions timeout:1 attempts:1\n`);
  assert.deepEqual(await lookup('id.lab'), [`id.lab: ${AGAIN}`], 'nobody answers');
  await (await lab.spawn({ path: '/tmp/hostile', host: 'bob' })).slept;
  const passed = ['id', 'question', 'type', 'noreply', 'none', 'short', 'port'];
  assert.deepEqual(await lookup('-4', ...passed), passed.map((name) => `${name}: ${name}.lab 10.9.8.7`));
  const FAIL = 'Non-recoverable failure in name resolution';
  assert.deepEqual(await lookup('-4', 'owner', 'chain', 'circle', 'pointer', 'length', 'over', 'count', 'words', 'fail', 'silent', '10.0.9.1'), [
    `owner: ${NO_DATA}`, 'chain: z.chain.lab 10.9.8.7', ...['circle', 'pointer', 'length', 'over', 'count', 'words'].map((name) => `${name}: ${FAIL}`),
    `fail: ${AGAIN}`, `silent: ${AGAIN}`, '10.0.9.1: No address associated with name',
  ]);
});
