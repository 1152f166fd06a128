/** The checkers' library: what each failure says, on Linux and in the lab. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { collector, compile, startLab } from '../runtime/lab.js';

const top = fileURLToPath(new URL('../..', import.meta.url));
const limit = { timeout: 120_000 };
const PATIENCE = 600, IN_LAB = 900; // ms; in the lab a crash is told by way of the page
const passing = 11;

/** What must stand in each failure, in this order. @type {Record<string, string[]>} */
const wanted = {
  'silent connect': ['learner has not connected after 600 ms', 'The advice.'],
  'loop connect': ['learner has not connected after 600 ms'],
  'early connect': ['learner ended with status 3 before it connected', 'learner printed on standard error:', '  one', '  two'],
  'early listen': ['learner ended with status 3 before it listened at 127.0.0.1 port 1'],
  'silent listen': ['learner does not listen at 127.0.0.1 port 1 after 600 ms'],
  flood: ['learner prints without end', 'got: `again and again\\n'],
  drip: ['learner has not ended after 600 ms', 'learner printed:', '  xxx'],
  crash: ['learner was ended by signal 11 (Segmentation fault); wanted is status 0'],
  'crash badly': ['learner was ended by signal 11 (Segmentation fault); wanted is another status than 0'],
  'wrong status': ['learner ended with status 3; wanted is status 0', '  two'],
  'good status': ['learner ended with status 0; wanted is another status than 0'],
  'many lines': ['learner ended with status 0; wanted is status 1', 'learner printed on standard error:', '  line 21', '  line 30'],
  'crashing client': ['learner closed the connection', 'wanted: `hello`', 'learner was ended by signal 11 (Segmentation fault)'],
  'something else': ['learner says something else than is wanted', 'sent: `1`, `22`', 'got: `hello\\nworld\\n`', 'wanted: `hello\\nWorld\\n`', 'The advice.'],
  half: ['learner said nothing more for 600 ms', 'got: `hel`', 'wanted: `hello`'],
  'half line': ['learner said nothing more for 600 ms', 'got: `hel`', 'wanted: a line'],
  'ended line': ['learner closed the connection', 'got: nothing', 'wanted: a line'],
  'no end': ['learner has not closed the connection after 600 ms'],
  'too much': ['learner says more than is wanted', 'got: `\\nworld\\n`', 'wanted: the end of the connection'],
  'too early': ['learner says something too early', 'got: `hel`'],
  'end too early': ['learner closed the connection too early'],
  resets: ['learner reset the connection: it closed it before it had read everything', 'sent: `hello`'],
  deaf: ['learner does not read what is sent to it: ', 'bytes are left after 600 ms'],
  'hung up': ['learner closed the connection before it had heard everything', 'sent: '],
  'prints else': ['learner prints something else than is wanted', 'sent: `hello\\n` on standard input', 'got: `hello\\n`', 'wanted: `hallo\\n`'],
  'prints less': ['learner prints too little, and ends', 'got: `hello`', 'wanted: `hello\\n`'],
  'prints late': ['learner has not printed what is wanted in time', 'got: nothing', 'wanted: `hello\\n`'],
  'prints more': ['learner prints more than is wanted', 'got: `o\\n`', 'wanted: nothing more'],
  'no line': ['learner prints no further line', 'got: `hello`'],
  'no error': ['learner does not say on standard error what is wanted', 'wanted: `three`', '  two'],
  'not reading': ['learner does not read its standard input'],
  'no datagram': ['learner has not sent a datagram after 600 ms'],
  'early datagram': ['learner ended with status 3 before it sent a datagram'],
  'one datagram too many': ['learner sends one datagram too many', 'got: `ping`'],
  'no such program': ['other was not given to the check'],
  'own words': ['in words of its own'],
  'after failure': ['first'],
};

/** @param {string} output @param {number | null} code @param {number} [patience] */
function verify(output, code, patience = PATIENCE) {
  const results = [...output.matchAll(/^(not )?ok (\d+) - (.*)\n((?:# .*\n)*)/gm)];
  assert.deepEqual(results.map(([, , number]) => Number(number)), results.map((_, i) => i + 1));
  const bad = results.slice(0, passing).filter(([, not]) => not);
  assert.deepEqual(bad.map(([all]) => all), []);
  assert.deepEqual(results.slice(passing).map(([, not, , title]) => [not, title]), Object.keys(wanted).map((title) => ['not ', title]));
  for (const [all, , , title, lines] of results.slice(passing)) {
    let rest = lines;
    for (const part of wanted[title]) {
      const at = rest.indexOf(part.replace(`${PATIENCE} ms`, `${patience} ms`));
      assert.notEqual(at, -1, `${part} is missing in\n${all}`);
      rest = rest.slice(at + part.length);
    }
  }
  assert.doesNotMatch(output, /still works/);
  assert.ok(output.endsWith(`\n1..${results.length}\n`));
  assert.equal(code, 1);
}

test('on Linux', limit, async () => {
  const programs = ['checker', 'learner'].map((name) => join(top, 'build/native/tests/check', name));
  const child = spawn(programs[0], [programs[1]], { env: { ...process.env, CHECK_PATIENCE: String(PATIENCE) }, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (bytes) => (output += bytes));
  const [code] = await once(child, 'close');
  verify(output, code);
});

test('in the lab, where a crash has its line', limit, async (t) => {
  await compile('int main(void) { return 0; }'); // who names the line of a crash is there before
  const { lab, orFailure } = await startLab(t);
  for (const name of ['checker', 'learner']) await lab.install(`/tmp/${name}`, readFileSync(join(top, `build/tests/check/${name}.wasm`)));
  const out = collector();
  const env = ['PATH=/bin', `CHECK_PATIENCE=${IN_LAB}`];
  const { exited } = await lab.spawn({ path: '/tmp/checker', argv: ['checker', '/tmp/learner'], env, stdout: out, stderr: out });
  const { code } = await orFailure(exited);
  verify(out.text, code, IN_LAB);
  assert.match(out.text, /^# {3}Segmentation fault in crash/m);
});
