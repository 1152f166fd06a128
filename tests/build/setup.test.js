/**
 * src/setup.sh and src/kernel/lwip.sh on systems made of a PATH: only the commands named, some of them
 * played by scripts that note how they were called.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const top = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** @type {string} */
let folder;

/** @param {string[]} commands that the system has */
function have(...commands) {
  for (const command of commands) {
    const where = ['/usr/bin', '/bin'].map((bin) => join(bin, command)).find(existsSync);
    if (where) symlinkSync(where, join(folder, command));
  }
}

/** @param {string} command @param {string} script what it does, beside noting its arguments */
function play(command, script) {
  writeFileSync(join(folder, command), `#!/bin/sh\necho ${command} "$@" >>${folder}/calls\n${script}\n`);
  chmodSync(join(folder, command), 0o755);
}

/** @param {string} script @param {string} argument */
function run(script, argument) {
  const { status, stdout, stderr } = spawnSync('/bin/sh', [join(top, script), argument], {
    encoding: 'utf8',
    env: { PATH: folder },
  });
  const calls = existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : '';
  return { status, output: stdout + stderr, calls };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portside-'));
  have('sh', 'cat', 'dirname', 'env', 'grep', 'id', 'mkdir', 'mktemp', 'mv', 'rm', 'sed', 'sha256sum', 'sort', 'tar', 'tr', 'xz');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('without apt, set-up stops with the list of what to install', () => {
  const { status, output } = run('src/setup.sh', join(folder, 'config.mk'));
  assert.equal(status, 1);
  assert.match(output, /missing:.* gcc .*emscripten .*nodejs .*npm /);
  assert.match(output, /has no apt/);
  assert.ok(!existsSync(join(folder, 'config.mk')));
});

test('missing packages are named, then installed by sudo', () => {
  rmSync(join(folder, 'id'));
  play('id', 'echo 1000');
  play('apt-get', 'true');
  play('sudo', 'exec "$@"');
  const { status, output, calls } = run('src/setup.sh', join(folder, 'config.mk'));
  assert.ok(output.indexOf('emscripten') < output.indexOf('Installing'));
  assert.match(calls, /^sudo env DEBIAN_FRONTEND=noninteractive apt-get update/m);
  assert.match(calls, /^sudo env .* apt-get install --no-install-recommends .*emscripten .*--yes$/m);
  assert.equal(status, 1); // this apt installs nothing
  assert.match(output, /Still missing: .*emscripten/);
});

test('with neither root nor sudo, the command to run as root is shown', () => {
  rmSync(join(folder, 'id'));
  play('id', 'echo 1000');
  play('apt-get', 'true');
  const { status, output, calls } = run('src/setup.sh', join(folder, 'config.mk'));
  assert.equal(status, 1);
  assert.match(output, /As root, run\n  apt-get install .*emscripten/);
  assert.doesNotMatch(calls, /apt-get/);
});

test('the packages of tests/peers are installed by a script of their own', () => {
  rmSync(join(folder, 'id'));
  play('id', 'echo 1000');
  play('apt-get', 'true');
  play('sudo', 'true');
  const { status, output, calls } = run('src/setup.sh', '--peers');
  assert.equal(status, 1);
  assert.match(output, /missing: curl swaks lynx /);
  assert.match(calls, /^sudo env DEBIAN_FRONTEND=noninteractive sh tests\/peers\/install\.sh curl swaks lynx .*--yes$/m);
  assert.match(output, /Still missing: curl swaks/);
});

test('... which keeps servers from being started, takes its own measures back, and removes nothing', () => {
  const policy = join(folder, 'policy-rc.d'), script = join(folder, 'install.sh');
  const text = readFileSync(join(top, 'tests/peers/install.sh'), 'utf8');
  assert.match(text, /\/usr\/sbin\/policy-rc\.d/);
  writeFileSync(script, text.replaceAll('/usr/sbin/policy-rc.d', policy));
  have('chmod');
  play('systemctl', '[ "$1" != cat ] || [ "$2" = dovecot.service ]');
  play('apt-get', `${policy}; [ $? = 101 ]`);
  const { status, stderr } = spawnSync('/bin/sh', [script, 'nginx', '--yes'], { encoding: 'utf8', env: { PATH: folder } });
  assert.equal(status, 0, stderr);
  const calls = readFileSync(join(folder, 'calls'), 'utf8');
  assert.match(calls, /^apt-get install --no-install-recommends --no-remove nginx --yes$/m);
  assert.match(calls, /^systemctl disable --quiet nginx\.service$/m);
  assert.doesNotMatch(calls, /disable .*dovecot\.service/); // it was there before, and is somebody's
  assert.ok(!existsSync(policy));
});

test("lwIP's source is refused when it is not what it was", () => {
  play('apt-get', 'case "$*" in *source*) echo changed >lwip_2.1.3+dfsg1.orig.tar.xz ;; esac');
  const { status, output, calls } = run('src/kernel/lwip.sh', join(folder, 'lwip'));
  assert.equal(status, 1);
  assert.match(output, /lwip_2\.1\.3\+dfsg1\.orig\.tar\.xz is not what it was/);
  assert.match(calls, /source --tar-only --download-only lwip/);
  assert.ok(!existsSync(join(folder, 'lwip/src')));
});

test('a version of lwIP that nobody has tried is refused, with the way around', () => {
  play('apt-get', 'case "$*" in *source*) echo new >lwip_9.0.orig.tar.xz ;; esac');
  const { status, output } = run('src/kernel/lwip.sh', join(folder, 'lwip'));
  assert.equal(status, 1);
  assert.match(output, /lwip_9\.0\.orig\.tar\.xz is not a version that Portside knows/);
  assert.match(output, /make LWIP=DIRECTORY/);
});
