/** Markdown and code to HTML, as lessons use them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cppLanguage } from '@codemirror/lang-cpp';
import { pythonLanguage } from '@codemirror/lang-python';
import { classHighlighter, highlightCode } from '@lezer/highlight';
import MarkdownIt from 'markdown-it';
import { PROMPT, typedIn } from './transcripts.js';

/** @type {Record<string, { parse(text: string): import('@lezer/common').Tree }>} */
const parsers = { c: cppLanguage.parser, python: pythonLanguage.parser };

/** @param {string} text */
export function escapeHtml(text) {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/**
 * The code as HTML, coloured by the same classes that the editor uses.
 * @param {string} code
 * @param {string} language
 */
export function highlight(code, language) {
  const parser = parsers[language];
  if (!parser) return escapeHtml(code);
  let html = '';
  highlightCode(code, parser.parse(code), classHighlighter, (text, classes) => {
    html += classes ? `<span class="${classes}">${escapeHtml(text)}</span>` : escapeHtml(text);
  }, () => {
    html += '\n';
  });
  return html;
}

/** A terminal, with what is typed into its programs. @param {string} text */
function showTyped(text) {
  return text.split('\n').map((line) => {
    const typing = typedIn(line);
    return typing ? `${escapeHtml(typing.prompt)}<b>${escapeHtml(typing.typed)}</b>` : escapeHtml(line);
  }).join('\n');
}

/**
 * @param {string} markdown
 * @param {string} folder where the pictures are that it names
 */
export function renderMarkdown(markdown, folder) {
  const md = new MarkdownIt({ html: true, typographer: true });
  md.renderer.rules.fence = (tokens, i) => {
    const language = tokens[i].info.trim();
    const transcript = language === 'text' && PROMPT.test(tokens[i].content);
    const code = transcript ? showTyped(tokens[i].content) : highlight(tokens[i].content, language);
    return `<pre class="code" data-language="${escapeHtml(language)}" tabindex="0"><code>${code}</code></pre>\n`;
  };
  md.renderer.rules.heading_open = (tokens, i) => {
    const words = tokens[i + 1].content.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
    return `<${tokens[i].tag} id="${words.join('-')}">`;
  };
  // A drawing stands in the page itself, so that it takes the page's colours.
  const image = md.renderer.rules.image;
  md.renderer.rules.image = (tokens, i, options, env, self) => {
    const source = String(tokens[i].attrGet('src'));
    if (source.endsWith('.svg') && !source.includes(':')) return readFileSync(join(folder, source), 'utf8');
    return image ? image(tokens, i, options, env, self) : self.renderToken(tokens, i, options);
  };
  return md.render(markdown);
}
