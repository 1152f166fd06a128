/**
 * A static web server for development and for the tests. It sends what a page needs for shared
 * memory, and no more: in life any static host does.
 */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.c': 'text/plain; charset=utf-8',
  '.h': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/** What is sent compressed to who takes that, as static hosts do; and the files as they were then. */
const compressed = new Set(['.html', '.css', '.js', '.json', '.wasm', '.svg']);
const LARGEST = 2 << 20; // bytes
/** @type {Map<string, { tag: string, bytes: Promise<Buffer> }>} */
const kept = new Map();

/** @param {string} path @param {string} tag */
function compress(path, tag) {
  let known = kept.get(path);
  if (known?.tag !== tag) kept.set(path, known = { tag, bytes: readFile(path).then((bytes) => promisify(gzip)(bytes)) });
  return known.bytes;
}

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */

/** @param {Response} response @param {number} status @param {Record<string, string>} [headers] */
function answer(response, status, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'text/plain', ...headers });
  response.end(`${status}\n`);
}

/**
 * The file of a URL's path under root; null if the path leaves root or cannot be decoded.
 * @param {string} root @param {string} pathname
 */
function fileOf(root, pathname) {
  let path;
  try {
    path = resolve(root, `.${decodeURIComponent(pathname)}`);
  } catch {
    return null;
  }
  return (path + sep).startsWith(root + sep) && !path.includes('\0') ? path : null;
}

/** @param {string | null} path */
const look = (path) => (path === null ? null : stat(path).catch(() => null));

/** @param {string} root @param {Request} request @param {Response} response */
async function serveFile(root, request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return answer(response, 405, { Allow: 'GET, HEAD' });
  const [pathname, query] = (request.url ?? '/').split(/(?=\?)/, 2);
  let path = fileOf(root, pathname);
  let found = await look(path);
  if (path && found?.isDirectory()) {
    if (!pathname.endsWith('/'))
      return answer(response, 301, { Location: `./${pathname.split('/').pop()}/${query ?? ''}` });
    path = join(path, 'index.html');
    found = await look(path);
  }
  if (!path || !found?.isFile()) return answer(response, 404);

  const tag = `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"`;
  response.setHeader('ETag', tag);
  if (request.headers['if-none-match'] === tag) return response.writeHead(304).end();
  const kind = extname(path);
  response.setHeader('Content-Type', types[kind] ?? 'application/octet-stream');
  if (compressed.has(kind) && found.size <= LARGEST) {
    response.setHeader('Vary', 'Accept-Encoding');
    if (/\bgzip\b/.test(String(request.headers['accept-encoding'])) && request.method === 'GET') {
      const bytes = await compress(path, tag);
      response.setHeader('Content-Encoding', 'gzip');
      response.setHeader('Content-Length', bytes.length);
      return response.end(bytes);
    }
  }
  response.setHeader('Content-Length', found.size);
  if (request.method === 'HEAD') return response.end();
  pipeline(createReadStream(path), response, () => {});
}

/**
 * Serves a folder until close(); rejects if it cannot listen. Port 0 is any free one.
 * @param {{ root: string, port?: number, host?: string, isolated?: boolean, config?: object }} options
 *     isolated: send the headers that allow shared memory; false is a host that cannot
 *     config: what the site's config.json says, in place of the file
 */
export async function serveStatic({ root, port = 0, host = '127.0.0.1', isolated = true, config }) {
  const folder = resolve(root);
  const server = createServer((request, response) => {
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
      response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    }
    if (config && request.url === '/config.json') {
      response.setHeader('Content-Type', types['.json']);
      response.end(JSON.stringify(config));
      return;
    }
    serveFile(folder, request, response).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });
  await new Promise((listening, failed) => {
    server.once('error', failed);
    server.listen(port, host, () => listening(undefined));
  });
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://${host}:${address.port}/`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed(undefined)));
    },
  };
}
