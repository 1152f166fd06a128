/**
 * node web/build/commands.js PROGRAM.wasm[=NAMES]...: prints, as JSON, the programs that the lab offers
 * in /bin: their size, and the other names that each has, which the file NAMES lists.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';

const commands = process.argv.slice(2).map((argument) => {
  const [path, list] = argument.split('=');
  const program = basename(path, '.wasm');
  const names = list ? readFileSync(list, 'utf8').split('\n').filter((name) => name && name !== program) : [];
  return { program, size: statSync(path).size, names };
});
process.stdout.write(`${JSON.stringify(commands)}\n`);
