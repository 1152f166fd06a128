/** The lessons' clients, run in the page, with Debian's servers: by way of the bridge. */
import { after, test } from 'node:test';
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
 * What is typed after the name of a lesson's program, and what the terminal then shows. `answers`: what
 * is typed to the program once it has shown something; END ends its input.
 * @typedef {{ args: string, answers?: [RegExp, string][], shows: RegExp }} Step
 */
/**
 * @typedef {object} Client
 * @property {string} lesson
 * @property {string} file
 * @property {string} server
 * @property {Step[]} steps
 * @property {() => unknown} [then] what else is to be seen
 */
const END = 'Control+d';
const longText = /^A line of the text\nand the last one\.$/m;

/** @type {Client[]} */
const clients = [
  {
    lesson: 'http-client', file: 'get.c', server: 'nginx',
    steps: [
      { args: 'nginx.outside 80 /', shows: /^HTTP\/1\.1 200 OK\nServer: nginx[^]*\n\n<h1>From nginx<\/h1>\n\w+:~\$$/m },
      { args: 'nginx.outside 80 /text.txt', shows: longText },
    ],
  },
  {
    lesson: 'smtp-client', file: 'mail.c', server: 'exim',
    steps: [{
      args: 'exim.outside 25 bob@portside.lab alice@portside.lab Tide',
      answers: [[/^354 .*/m, 'High water at ten.\n.\nBob\n'], [/^Bob$/m, END]],
      shows: /^250 OK id=.*\nQUIT\n221 mail\.portside\.lab .*$/m,
    }],
    then: () => until(() => /^Subject: Tide\n[^]*\n\nHigh water at ten\.\n\.\nBob\n/m.test(peers.smtp.delivered('alice'))),
  },
  {
    lesson: 'pop3', file: 'letters.c', server: 'dovecot',
    steps: [
      { args: 'dovecot.outside 110 alice harbour', shows: /^1 Across the bridge\n2 Twice across the bridge$/m },
      { args: 'dovecot.outside 110 alice harbour 1', shows: /^The first line\.\n\.\n\.\.\nThe last line\.$/m },
      { args: 'dovecot.outside 110 alice wrong', shows: /^-ERR .*$/m },
    ],
  },
  {
    lesson: 'imap', file: 'inbox.c', server: 'dovecot',
    steps: [{
      args: 'dovecot.outside 143 alice harbour',
      shows: /^Subject: Across the bridge\n[^]*^Subject: Twice across the bridge\n[^]*^a4 LOGOUT\n\* BYE .*\na4 OK .*$/m,
    }],
  },
  {
    lesson: 'ftp', file: 'get.c', server: 'vsftpd',
    steps: [
      { args: 'ftp.outside 21 notes/', shows: /^-r.* text\.txt\n226 .*\n> QUIT\n221 .*$/m },
      { args: 'ftp.outside 21 notes/text.txt', shows: /^and the last one\.\n226 .*\n> QUIT\n221 .*$/m },
    ],
  },
  {
    lesson: 'nntp', file: 'news.c', server: 'leafnode',
    steps: [
      { args: 'leafnode.outside 119 lab.harbour', shows: /^2 Testing, one two\n3 The notice board is open\n[^]*^205 /m },
      { args: 'leafnode.outside 119 lab.harbour 2', shows: /pinned up in two groups\.\n\n\.\n\.\. Lines that begin with dots[^]*^205 /m },
    ],
  },
  {
    lesson: 'telnet', file: 'telnet.c', server: 'telnetd',
    steps: [{
      args: 'telnetd.outside 23',
      answers: [[/^> (WONT|DONT) \d+\n[^]*Your name:/m, 'Rosa\n'], [/^Hello, Rosa, on a terminal\.$/m, '\n']],
      shows: /^Hello, Rosa, on a terminal\.$/m,
    }],
  },
  {
    lesson: 'gopher-client', file: 'gopher.c', server: 'gophernicus',
    steps: [{
      args: 'gopher.outside 70',
      answers: [[/^ 0 deep.*\/\n 1 text\.txt.*\nWhich\?$/m, '1\n'], [/^They dig\.\nWhich\?$/m, '9\n'], [/dig\.[^]*Which\?$/, '0\n'], [/^ \d er\.txt[^]*Which\?$/m, END]],
      shows: /^Which\?\n/m,
    }],
  },
];

const withoutLeafnode = whyNoLeafnode();
if (withoutLeafnode) console.log(withoutLeafnode);

async function startPeers() {
  const t = { after };
  const news = withoutLeafnode ? undefined : await startServer(t, 'nntp');
  return {
    web: await nginx(t, { 'text.txt': text, 'index.html': '<h1>From nginx</h1>\n' }),
    smtp: await exim(t),
    mail: await dovecot(t, [letter, letter.replace('Across', 'Twice across')]),
    files: await vsftpd(t, { 'notes/text.txt': text }),
    news: news && await leafnode(t, news.port, ['lab.harbour', 'lab.test']),
    terminal: await telnetd(t, `printf 'Your name: '; read -r name; [ -t 0 ] && echo "Hello, $name, on a terminal."; read -r end`), // when that has ended it sends nothing more
    menu: await gophernicus(t, { 'text.txt': 'On gophers\n\nThey dig.\n', 'deep/er.txt': 'Down here\n' }, 'gopher.outside'),
  };
}

/** A bridge to the servers, by names and by the ports that their protocols have. */
async function startBridgeTo() {
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
  return (await startBridge(scope, lines.join(''))).url;
}

const scope = /** @type {import('node:test').TestContext} */ (/** @type {unknown} */ ({ after }));
const site = await serveSite({ isolated: true });
after(() => site.close());
const browser = await launch();
after(() => browser.close());
const peers = await startPeers();
const bridge = await startBridgeTo();

/** Runs a program at the prompt of a terminal, and answers it. @param {TerminalPane} pane @param {string} program @param {Step} step */
async function take(pane, program, { args, answers = [], shows }) {
  await pane.type(`./${program} ${args}`);
  for (const [prompt, answer] of answers) {
    await pane.shows(prompt);
    if (answer === END) await pane.page.keyboard.press(answer);
    else await pane.page.keyboard.type(answer);
  }
  await pane.shows(shows);
  await pane.shows(/^\w+:~\$$/m);
}

for (const { lesson, file, server, steps, then } of clients) {
  const skip = (server === 'leafnode' && withoutLeafnode) || false;
  test(`${lesson}/${file} with ${server}`, { skip, timeout: 120_000 }, async () => {
    const { page, close } = await openLesson(browser, site.url, { proxy: bridge }, { path: `lessons/protocols/${lesson}/` });
    const pane = new TerminalPane(page, page.locator(`.terminal[data-file="${file}"]`).first());
    for (const step of steps) await take(pane, file.replace('.c', ''), step);
    await then?.();
    await close();
  });
}
