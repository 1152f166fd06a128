/**
 * The site's service worker. Every file comes from the network if there is one, and is kept; without
 * a network it comes from what was kept. The site's files are kept ahead when the worker is installed,
 * in a cache of the site's version, so that the whole course can be read and run offline after the
 * first visit. The compiler's own files are in a cache of theirs (runtime/llvm.js); its list is here.
 */
/** @typedef {{ version: string, files: string[] }} Made  what build/site.js puts in place of globalThis.SITE */
/** @type {Made} */
const { version, files } = /** @type {any} */ (globalThis).SITE;
const scope = /** @type {any} */ (self);
const PREFIX = `portside ${scope.registration.scope} `;
const name = PREFIX + version;
const AT_ONCE = 8;

async function keepAll() {
  const cache = await caches.open(name);
  const left = [...files];
  const next = async () => {
    for (let path = left.shift(); path !== undefined; path = left.shift()) {
      const url = new URL(path, scope.registration.scope);
      if (await cache.match(url)) continue;
      const response = await fetch(url, { cache: 'no-cache' }).catch(() => null);
      if (response?.ok) await cache.put(url, response);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}

scope.addEventListener('install', () => scope.skipWaiting());

scope.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil((async () => {
    await scope.clients.claim();
    for (const other of await caches.keys()) if (other.startsWith(PREFIX) && other !== name) await caches.delete(other);
  })());
});

// A page asks for it when it has come to rest: what it needs itself goes first.
scope.addEventListener('message', (/** @type {any} */ event) => {
  if (event.data === 'keep') event.waitUntil(keepAll().then(() => event.source?.postMessage('kept')));
});

/** The headers that shared memory needs. @param {Response} response */
function isolated(response) {
  if (response.status === 0 || response.type === 'opaque') return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  const body = [204, 205, 304].includes(response.status) ? null : response.body;
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}

/** @param {Request} request */
async function answer(request) {
  const url = new URL(request.url);
  if (url.pathname.endsWith('/')) url.pathname += 'index.html';
  url.search = url.hash = '';
  try {
    const response = await fetch(request);
    if (response.status === 200) {
      const copy = response.clone();
      const kept = caches.open(name).then((cache) => cache.put(url, copy));
      kept.catch(() => {}); // no room: it comes from the network
    }
    return isolated(response);
  } catch (error) {
    const kept = await (await caches.open(name)).match(url);
    if (kept) return isolated(kept);
    throw error;
  }
}

/** What the compiler keeps itself: to pass so much on takes longer than to fetch it. @param {string} url */
const isLarge = (url) => /\/toolchain\/.*\.(gz|wasm)$/.test(new URL(url).pathname);

scope.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  const own = request.url.startsWith(scope.registration.scope) && !isLarge(request.url);
  if (own && request.method === 'GET' && !request.headers.has('range')) event.respondWith(answer(request));
});
