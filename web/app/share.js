/**
 * A bench's files as the fragment of a link, and back: `#files=` and their JSON, deflated, in base64url.
 * A fragment never leaves the browser. What comes in one is somebody else's: it is checked, bounded,
 * and only ever becomes text in the editor.
 */
const MARK = '#files=';
const LONGEST = 64 * 1024; // of a fragment, in characters
const LARGEST = 512 * 1024; // of all files, in bytes
const MOST = 32; // files

/** @typedef {{ bench: string, files: Record<string, string> }} Shared */

/** What a C source or header may be called. @param {string} name */
export function isFileName(name) {
  return /^[A-Za-z0-9_][A-Za-z0-9_-]{0,40}\.[ch]$/.test(name);
}

/** @param {Blob} blob @param {GenericTransformStream} through */
async function pass(blob, through) {
  const reader = blob.stream().pipeThrough(/** @type {any} */ (through)).getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    size += value.length;
    if (size > LARGEST) {
      await reader.cancel();
      throw new RangeError('too large');
    }
    parts.push(value);
  }
}

/**
 * @param {Shared} shared
 * @returns {Promise<string>} the fragment; rejects with a RangeError if it is too large for a link
 */
export async function toFragment(shared) {
  const bytes = await pass(new Blob([JSON.stringify(shared)]), new CompressionStream('deflate-raw'));
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  const fragment = MARK + btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  if (fragment.length > LONGEST) throw new RangeError('too large');
  return fragment;
}

/**
 * @param {string} fragment
 * @returns {Promise<Shared|null|undefined>} null: it is broken; undefined: it is another kind of fragment
 */
export async function fromFragment(fragment) {
  if (!fragment.startsWith(MARK)) return undefined;
  if (fragment.length > LONGEST) return null;
  try {
    const text = atob(fragment.slice(MARK.length).replace(/-/g, '+').replace(/_/g, '/'));
    const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
    const json = await pass(new Blob([bytes]), new DecompressionStream('deflate-raw'));
    return checked(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)));
  } catch {
    return null;
  }
}

/** @param {any} shared @returns {Shared|null} */
function checked(shared) {
  const { bench, files } = shared ?? {};
  if (typeof bench !== 'string' || typeof files !== 'object' || files === null || Array.isArray(files)) return null;
  const entries = Object.entries(files);
  if (entries.length === 0 || entries.length > MOST) return null;
  if (!entries.every(([name, text]) => isFileName(name) && typeof text === 'string' && !text.includes('\0'))) return null;
  return { bench, files: Object.fromEntries(entries) };
}
