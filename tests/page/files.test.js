/** The learner's files, in a storage that may refuse. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Files } from '../../web/app/files.js';

const starter = { name: 'a.c', version: '1', text: 'int x;' };

function memory() {
  /** @type {Map<string, string>} */
  const values = new Map();
  return {
    getItem: (/** @type {string} */ key) => values.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void values.set(key, value),
    removeItem: (/** @type {string} */ key) => void values.delete(key),
    values,
  };
}

test('a changed file is kept, for its own lesson and its own version of the starter', () => {
  const storage = memory();
  new Files('tcp/one', [starter], () => storage).save('a.c', 'int y;');
  assert.equal(new Files('tcp/one', [starter], () => storage).load('a.c'), 'int y;');
  assert.equal(new Files('tcp/two', [starter], () => storage).load('a.c'), 'int x;');
  const newer = { name: 'a.c', version: '2', text: 'int z;' };
  assert.equal(new Files('tcp/one', [newer], () => storage).load('a.c'), 'int z;');
});

test('a file changed back leaves nothing behind', () => {
  const storage = memory();
  const files = new Files('tcp/one', [starter], () => storage);
  files.save('a.c', 'int y;');
  files.save('a.c', 'int x;');
  assert.equal(storage.values.size, 0);
});

test('an emptied file stays empty', () => {
  const storage = memory();
  const files = new Files('tcp/one', [starter], () => storage);
  files.save('a.c', '');
  assert.equal(files.load('a.c'), '');
});

test('a browser that does not store loses nothing else', () => {
  const refuse = () => {
    throw new DOMException('no', 'SecurityError');
  };
  const files = new Files('tcp/one', [starter], refuse);
  files.save('a.c', 'int y;');
  assert.equal(files.load('a.c'), 'int x;');
});
