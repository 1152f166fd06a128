import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { align, compare, knownDifferences, programs, report, total } from './conformance.js';

/** @type {import('./conformance.js').Result[]} */
const results = [];
after(() => console.log(total(results)));

const known = knownDifferences();
for (const program of programs)
  test(`${program} answers as on Linux`, async () => {
    const result = await compare(program, known);
    results.push(result);
    console.log(report(result));
    assert.deepEqual({ unknown: result.unknown, stale: result.stale }, { unknown: [], stale: [] });
  });

test('at least 400 checks, of which at most ten differ as listed', () => {
  const checks = results.reduce((n, result) => n + result.checks, 0);
  const differ = results.reduce((n, result) => n + result.known.length, 0);
  assert.ok(checks >= 400, `${checks} checks`);
  assert.ok(differ <= 10, `${differ} known differences`);
});

test('every listed difference is of a program that there is', () => {
  assert.deepEqual(known.filter(({ program }) => !programs.includes(program)), []);
});

test('a missing line is one difference, and those behind it still agree', () => {
  assert.deepEqual(align(['a = 1', 'b = 2', 'c = 3'], ['a = 1', 'c = 4']), [
    { linux: 'a = 1', lab: 'a = 1' },
    { linux: 'b = 2', lab: undefined },
    { linux: 'c = 3', lab: 'c = 4' },
  ]);
});
