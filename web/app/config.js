/** The site's config.json, which who hosts it may change. */
import { root } from './header.js';

/** @typedef {{ proxy: string | null, edit?: string }} Config  edit: the address below which the pages' sources are */

/** @type {Promise<Config>|undefined} */
let fetched;

/** @returns {Promise<Config>} */
export function siteConfig() {
  fetched ??= read();
  fetched.catch(() => { fetched = undefined; }); // it may come another time
  return fetched;
}

/** The proxy's address may be given as `:8001`: that port of the page's own host. @returns {Promise<Config>} */
async function read() {
  const response = await fetch(new URL('config.json', root));
  const { proxy = null, edit } = response.ok ? await response.json() : {};
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return { proxy: proxy?.startsWith(':') ? `${scheme}://${location.hostname}${proxy}` : proxy, edit };
}
