/** What of the lessons a query finds. */

/** @typedef {{ path: string, lesson: string, title: string, text: string }} Section */

/**
 * The sections that have all words, each at the beginning of one of theirs; first those that have
 * them in their titles.
 * @param {Section[]} sections
 * @param {string} query
 */
export function find(sections, query) {
  const wanted = (query.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []).map((word) => new RegExp(`(?<![\\p{L}\\p{N}_])${word}`, 'iu'));
  if (wanted.length === 0) return [];
  const found = [];
  for (const section of sections) {
    const titles = `${section.lesson} ${section.title}`;
    if (!wanted.every((word) => word.test(titles) || word.test(section.text))) continue;
    const score = wanted.filter((word) => word.test(section.title)).length * 2 + wanted.filter((word) => word.test(section.lesson)).length;
    const at = Math.max(section.text.search(wanted[0]), 0);
    found.push({ section, score, at });
  }
  return found.sort((a, b) => b.score - a.score);
}
