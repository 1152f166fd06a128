/** The lessons' clients, run in the page, with Debian's servers: by way of the bridge. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startServer } from '../lab/session.js';
import { TerminalPane, launch, openLesson, serveSite } from '../page/page.js';
import { startBridge, until } from '../proxy/helper.js';
import { dovecot, exim, gophernicus, leafnode, nginx, telnetd, vsftpd, whyNoLeafnode } from './servers.js';

const text = 'A line of the text\n'.repeat(10_000) + 'and the last one.\n';
const letter = `Date: Mon, 02 Mar 2026 09:00:00 +0000
From: Rosa <rosa@far.example>
To: alice@portside.lab
Subject: Across the bridge

The first line.
.
..
The last line.
`;

/**
 * What is typed at the terminal of a lesson's program, and what that shows. `answers`: what is typed
 * once the program has shown something.
 * @typedef {object} Session
 * @property {string} server
 * @property {string} lesson
 * @property {string} file
 * @property {string} args
 * @property {RegExp} shows
 * @property {[RegExp, string][]} [answers]
 * @property {() => unknown} [then] what else is to be seen, if not in the terminal
 */
/** @type {Session[]} */
const sessions = [
  {
    server: 'nginx', lesson: 'http-client', file: 'get.c', args: 'nginx.outside 80 /text.txt',
    shows: /^A line of the text\nand the last one\.\n\w+:~\$$/m,
  },
  {
    server: 'vsftpd', lesson: 'ftp', file: 'get.c', args: 'ftp.outside 21 /notes/text.txt',
    shows: /^A line of the text\nand the last one\.\n226 .*\n> QUIT\n221 .*\n\w+:~\$$/m,
  },
];

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serveSite>>} */
let site;
/** @type {string | undefined} */
let bridge;
/** @type {Awaited<ReturnType<typeof startPeers>>} */
let peers;

const withoutLeafnode = whyNoLeafnode();
if (withoutLeafnode) console.log(withoutLeafnode);

/** All servers. */
async function startPeers() {
  const t = { after };
  const news = withoutLeafnode ? undefined : await startServer(t, 'nntp');
  return {
    web: await nginx(t, { 'text.txt': text, 'index.html': '<h1>From nginx</h1>\n' }),
    smtp: await exim(t),
    mail: await dovecot(t, [letter, letter.replace('Across', 'Twice across')]),
    files: await vsftpd(t, { 'notes/text.txt': text }),
    news: news && await leafnode(t, news.port, ['lab.harbour', 'lab.test']),
    terminal: await telnetd(t, `printf 'Your name: '; read -r name; echo "Hello, $name, at $TERM"; stty size`),
    menu: await gophernicus(t, { 'text.txt': 'On gophers\n\nThey dig.\n', 'deep/er.txt': 'Down here\n' }, 'gopher.outside', 70),
  };
}

before(async () => {
  [browser, site, peers] = await Promise.all([launch(), serveSite({ isolated: true }), startPeers()]);
  const { web, smtp, mail, files, news, terminal, menu } = peers;
  const targets = [
    ['nginx.outside:80', web.port],
    ['exim.outside:25', smtp.port],
    ['dovecot.outside:110', mail.ports.pop3],
    ['dovecot.outside:143', mail.ports.imap],
    ['ftp.outside:21', files.port],
    ...files.dataPorts.map((port) => [`ftp.outside:${port}`, port]),
    ...(news ? [['leafnode.outside:119', news.port]] : []),
    ['telnetd.outside:23', terminal.port],
    ['gopher.outside:70', menu.port],
  ];
  const lines = targets.map(([name, port]) => `${name}: 127.0.0.1:${port}\n`);
  bridge = (await startBridge(/** @type {any} */ ({ after }), lines.join(''))).url;
});
after(async () => {
  await browser?.close();
  await site?.close();
});

for (const { server, lesson, file, args, shows, answers = [], then } of sessions) {
  const skip = server === 'leafnode' && withoutLeafnode;
  test(`${lesson}/${file} with ${server}`, { skip, timeout: 120_000 }, async () => {
    const { page, close } = await openLesson(browser, site.url, { proxy: bridge }, `lessons/protocols/${lesson}/`);
    const pane = new TerminalPane(page, file);
    await pane.type(`./${file.replace('.c', '')} ${args}`);
    for (const [prompt, answer] of answers) {
      await pane.shows(prompt);
      await page.keyboard.type(answer);
    }
    await pane.shows(shows);
    await then?.();
    await close();
  });
}
