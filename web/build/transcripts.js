/**
 * What a lesson's text shows of terminals: each block ```text that begins with a prompt is one, and
 * a test runs it (web/lessons/README.md has the rules).
 */

/**
 * @typedef {object} Block   a terminal of its own
 * @property {number} line   of lesson.md
 * @property {string} host
 * @property {string[]} lines   as they stand there; what is typed into a program begins with TYPED
 *
 * @typedef {{ title: string, blocks: Block[] }} Session   a section of the text, and a lab
 */

export const PROMPT = /^([a-z][a-z0-9]*):(~|\/)\S*\$ /;
const TYPED = '» ';

/**
 * What is typed in a line, and what stands before it: a program's own prompt, or nothing.
 * @param {string} line
 */
export function typedIn(line) {
  const at = line.indexOf(TYPED);
  return at < 0 ? null : { prompt: line.slice(0, at), typed: line.slice(at + TYPED.length) };
}

/**
 * @param {string} markdown
 * @param {number} textLine
 * @param {import('./frontmatter.js').Report} report
 * @returns {Session[]}
 */
export function readTranscripts(markdown, textLine, report) {
  /** @type {Session[]} */
  const sessions = [{ title: '', blocks: [] }];
  /** @type {string[] | null} of the block of code that this line is in */
  let inside = null;
  let mark = '';
  markdown.split('\n').forEach((line, i) => {
    const fence = /^(```+|~~~+)\s*(\S*)/.exec(line);
    if (inside === null && fence) {
      inside = [];
      mark = fence[0];
    } else if (inside !== null && fence && fence[2] === '' && mark.startsWith(fence[1])) {
      const block = mark.endsWith('text') && asBlock(inside, textLine + i + 1 - inside.length, report);
      if (block) sessions[sessions.length - 1].blocks.push(block);
      inside = null;
    } else if (inside !== null) {
      inside.push(line);
    } else if (line.startsWith('## ')) {
      sessions.push({ title: line.slice(3), blocks: [] });
    }
  });
  return sessions.filter(({ blocks }) => blocks.length > 0);
}

/**
 * @param {string[]} lines
 * @param {number} line
 * @param {import('./frontmatter.js').Report} report
 * @returns {Block | null}
 */
function asBlock(lines, line, report) {
  const host = PROMPT.exec(lines[0] ?? '')?.[1];
  if (!host) return null;
  lines.forEach((text, i) => {
    const other = PROMPT.exec(text)?.[1];
    if (other && other !== host) report(line + i, `this terminal is on ${host}; one on ${other} is a block of its own`);
  });
  return { line, host, lines };
}

/** @param {string} line */
const escaped = (line) => line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Does a terminal show what the block does? `...` stands for any lines, a number of five or more
 * digits for any such number. The prompt of the shell that waits at the end may be left out.
 * @param {Block} block
 * @param {string} shown
 */
export function matches(block, shown) {
  const prompt = `${block.host}:~$`;
  const pattern = block.lines
    .filter((line) => line !== `${TYPED}^D`)
    .map((line) => line.replace(`${TYPED}^D`, '').replace(TYPED, '').trimEnd())
    .map((line) => (line === '...' ? '(?:.*\\n)*?' : `${escaped(line).replace(/\d{5,}/g, '\\d{5,}')}\\n`)).join('');
  const text = shown.split('\n').map((line) => line.trimEnd()).join('\n').trimEnd();
  return new RegExp(`^${pattern}(?:${escaped(prompt)}\\n)?$`).test(`${text}\n`);
}
