/** Programs that need little of a kernel print the same on Linux and out of our libc. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from './host.js';

const top = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** @type {Record<string, string>} */
const files = {};
for (const path of ['/etc/hosts', '/etc/services', '/etc/passwd', '/etc/group'])
  if (existsSync(path)) files[path] = readFileSync(path, 'utf8');

/** @param {string} name @param {{ args?: string[], input?: string }} [options] */
function both(name, { args = [], input = '' } = {}) {
  const env = ['PORT=9999', 'TZ=UTC0'];
  const linux = spawnSync(join(top, 'build/native/tests/libc', name), args, {
    encoding: 'utf8', input, env: Object.fromEntries(env.map((line) => line.split('='))),
  });
  const lab = run(join(top, `build/tests/libc/${name}.wasm`), { args: [name, ...args], env, files, input });
  return { linux, lab };
}

/** @param {ReturnType<typeof both>} outcome */
function same({ linux, lab }) {
  assert.equal(lab.trap, null);
  assert.deepEqual(lab.stdout.split('\n'), linux.stdout.split('\n'));
  assert.equal(lab.stderr, linux.stderr);
  assert.equal(lab.status, linux.status);
}

test('the library', () => same(both('library', { args: ['a', 'b c'], input: 'first\nsecond\n' })));

test('addresses, services and messages', () => same(both('names')));

test('names out of /etc/hosts', () => {
  const hosts = '# the lab\n127.0.0.1\tlocalhost\n10.0.0.1 alice.lab alice # first\n\nbad line\n10.0.0.2 both\nfd00::2  both\n';
  const { stdout, status } = run(join(top, 'build/tests/libc/names.wasm'), { args: ['names', 'hosts'], files: { '/etc/hosts': hosts } });
  assert.equal(status, 0);
  assert.deepEqual(stdout.trimEnd().split('\n'), [
    'getaddrinfo "alice" "9999" .ai_socktype = SOCK_STREAM = 0 ',
    '  family 4 type 1 protocol 6 length 16: 10.0.0.1 9999 ',
    'getaddrinfo "ALICE.lab" "9999" .ai_socktype = SOCK_DGRAM, FLAGS(AI_CANONNAME) = 0 ',
    '  family 4 type 2 protocol 17 length 16: 10.0.0.1 9999 alice.lab',
    'getaddrinfo "alice" NULL .ai_family = AF_INET6, .ai_socktype = SOCK_STREAM = -2 Name or service not known',
    'getaddrinfo "alice" NULL .ai_family = AF_INET6, .ai_socktype = SOCK_STREAM, FLAGS(AI_V4MAPPED) = 0 ',
    '  family 6 type 1 protocol 6 length 28: ::ffff:10.0.0.1 0 ',
    'getaddrinfo "both" NULL .ai_socktype = SOCK_STREAM = 0 ', // this host has no IPv6, so that comes last
    '  family 4 type 1 protocol 6 length 16: 10.0.0.2 0 ',
    '  family 6 type 1 protocol 6 length 28: fd00::2 0 ',
    'getaddrinfo "both" NULL .ai_family = AF_INET6, .ai_socktype = SOCK_STREAM, FLAGS(AI_V4MAPPED | AI_ALL) = 0 ',
    '  family 6 type 1 protocol 6 length 28: ::ffff:10.0.0.2 0 ',
    '  family 6 type 1 protocol 6 length 28: fd00::2 0 ',
    'getaddrinfo "localhost" NULL .ai_family = AF_INET, .ai_socktype = SOCK_STREAM = 0 ',
    '  family 4 type 1 protocol 6 length 16: 127.0.0.1 0 ',
    'getaddrinfo "nosuch" NULL .ai_socktype = SOCK_STREAM = -2 Name or service not known',
    'getaddrinfo "alic" NULL .ai_socktype = SOCK_STREAM = -2 Name or service not known',
    "getnameinfo 10.0.0.1 2 100 20 = 0  'alice.lab' '80'",
    "getnameinfo 10.0.0.1 14 100 20 = 0  'alice' '80'",
    "getnameinfo 10.0.0.9 10 100 20 = -2 Name or service not known '' ''",
    'gethostbyname alice: alice.lab type 4 length 4: 10.0.0.1',
    'gethostbyname nosuch: none, Unknown host',
    'gethostbyname2 alice: none, Unknown host',
    'gethostbyaddr 10.0.0.1: alice.lab type 4 length 4: 10.0.0.1',
    'gethostbyaddr 10.0.0.9: none, Unknown host',
  ]);
});
