/** The index that the page searches: the lessons' sections as plain text. */

/**
 * @param {{ path: string, title: string, html: string }[]} pages html: what is to be searched
 * @returns {import('../app/find.js').Section[]}
 */
export function searchIndex(pages) {
  return pages.flatMap(({ path, title, html }) => html.split(/(?=<h2[ >])/).flatMap((part) => {
    const [, id = ''] = /^<h2[^>]* id="([^"]*)"/.exec(part) ?? [];
    const [, heading = ''] = /^<h2[^>]*>(.*?)<\/h2>/s.exec(part) ?? [];
    const text = plain(part.replace(/^<h2.*?<\/h2>/s, ''));
    return text === '' ? [] : [{ path: id ? `${path}#${id}` : path, lesson: title, title: plain(heading), text }];
  }));
}

/** @param {string} html */
function plain(html) {
  return html.replace(/<style.*?<\/style>/gs, '').replace(/<[^>]+>/g, ' ').replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
    .replace(/&(lt|gt|quot|amp);/g, (_, name) => ({ lt: '<', gt: '>', quot: '"', amp: '&' })[/** @type {'lt'} */ (name)] ?? '').replace(/\s+/g, ' ').trim();
}
