/** cc, as one types it in the lab's shell: the same words give the same with gcc on Linux. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Lab } from '../../web/runtime/lab.js';
import { Toolchain } from '../../web/runtime/toolchain.js';
import { collector } from './lab.js';

const limit = { timeout: 120_000 };

const FILES = `
mkdir include "a folder"
cat >include/twice.h <<'END'
#pragma once
#include "inner.h"
int twice(int n);
END
echo '#define FIVE 5' >include/inner.h
echo '#include "../include/twice.h"
int twice(int n) { return 2 * n; }' >"a folder/twice.c"
cat >main.c <<'END'
#include <stdio.h>
#include <pthread.h>
#include "twice.h"
#ifdef LOUD
#define MARK "!"
#else
#define MARK ""
#endif
static _Thread_local int n = FIVE;
static void *run(void *unused) {
  printf("%d%s\\n", twice(n), MARK);
  return unused;
}
int main(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, NULL)) return 1;
  return pthread_join(thread, NULL);
}
END
`;
const COMMANDS = `
cc -Wall -Iinclude -pthread main.c "a folder/twice.c" -o one -lm && ./one
cc -c -I include -D LOUD main.c && cc -c "a folder/twice.c" && cc main.o twice.o && ./a.out
cc -c -o other.o -I include main.c && cc other.o twice.o -o one && ./one; ls
echo 'int main(void) { return x; }' >bad.c; cp one kept
cc bad.c -o kept 2>said; echo "status $?"; grep -c "error: .*x" said; ./kept
cc 2>said; echo "status $?"; grep -c 'no input files' said
cc nowhere.c 2>said; echo "status $?"; grep -c 'nowhere.c: No such file' said
echo 'int nowhere(void); int main(void) { return nowhere(); }' >bad.c
cc bad.c 2>said; test $? != 0 && grep -q nowhere said; echo "status $?"
`;

test('the same words as on Linux', limit, async (t) => {
  const toolchain = await Toolchain.load();
  const lab = await Lab.boot({ make: (words, files) => toolchain.make(words, files) });
  t.after(() => lab.shutdown());
  const out = collector();
  const script = `cd /tmp${FILES}${COMMANDS}`;
  const { exited } = await lab.spawn({ path: '/bin/sh', argv: ['sh', '-c', script], stdout: out, stderr: out });
  await exited;
  const cwd = mkdtempSync(join(tmpdir(), 'portside-cc-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  const linux = await promisify(execFile)('sh', ['-c', `${FILES}${COMMANDS}`], { cwd });
  assert.equal(out.text, linux.stdout);
  assert.match(out.text, /^10\n10!\n10\n/);
});

test('a lab without a compiler says so', limit, async (t) => {
  const lab = await Lab.boot();
  t.after(() => lab.shutdown());
  const out = collector();
  const { exited } = await lab.spawn({ path: '/bin/sh', argv: ['sh', '-c', 'cd /tmp; echo "int x;" >x.c; cc x.c'], stderr: out });
  assert.equal((await exited).code, 1);
  assert.equal(out.text, 'cc: this lab has no compiler\n');
});
