/** The lab's servers, as programs for Linux, in sessions with clients that Debian has. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startServer } from '../lab/session.js';
import { onTerminal, run, temporaryFolder } from './programs.js';

/** @param {string} name */
const start = (name) => startServer({ after }, name);
const [http, smtp, pop3, imap, ftp, nntp, telnet, gopher] =
  await Promise.all(['http', 'smtp', 'pop3', 'imap', 'ftp', 'nntp', 'telnet', 'gopher'].map(start));

const letter = 'From: Rosa <rosa@far.example>\r\nSubject: By curl\r\n\r\n.A line with a dot\r\n.\r\nand the last one\r\n';

/** @param {string[]} args */
const curl = (...args) => run(['curl', '--silent', '--show-error', '--max-time', '20', ...args]);
/** @param {{ port: number }} server @param {string} path */
const at = ({ port }, path) => `127.0.0.1:${port}${path}`;

test('curl: HTTP', async () => {
  assert.match(await curl(at(http, '/')), /^<!doctype html>[^]*small harbour/);
  assert.match(await curl('--head', at(http, '/')), /^HTTP\/1\.1 200 OK\n/);
  assert.equal(await curl('--data', 'name=Rosa', at(http, '/echo')), 'name=Rosa');
  const chunked = ['--header', 'Transfer-Encoding: chunked', '--data', 'in chunks'];
  assert.equal(await curl(...chunked, at(http, '/echo')), 'in chunks');
  const verbose = await curl('--verbose', '--location', at(http, '/old'), at(http, '/ports.html'));
  assert.match(verbose, /< HTTP\/1\.1 30\d [^]*< HTTP\/1\.1 200 OK[^]*Re-using existing (http: )?connection/);
  const refused = ['--fail', '--silent', '--output', '/dev/null', '--write-out', '%{http_code}'];
  assert.equal(await run(['curl', ...refused, at(http, '/nothing')], { status: 22 }), '404');
});

test('curl: FTP, passive and active', async (t) => {
  const url = `ftp://alice:harbour@${at(ftp, '')}`;
  const upload = join(temporaryFolder(t), 'upload');
  const text = 'A line\nand another\n'.repeat(5000);
  writeFileSync(upload, text);
  for (const [name, ...mode] of [['epsv'], ['pasv', '--disable-epsv'], ['eprt', '--ftp-port', '-'], ['port', '--ftp-port', '-', '--disable-eprt']]) {
    const stored = `${url}/${name}`;
    await curl(...mode, '--upload-file', upload, stored);
    const got = await curl(...mode, `${url}/harbour/`, `${url}/harbour/signals.txt`, stored);
    assert.match(got, /^-r.* 303 .* signals\.txt$/m);
    assert.match(got, /^Signals on the quay\n[^]*hand over\.\nA line\n/m);
    assert.ok(got.endsWith(`hand over.\n${text}`));
    assert.equal(await curl(...mode, '--range', '2-5', stored), text.slice(2, 6));
  }
});

test('curl: SMTP', async (t) => {
  const file = join(temporaryFolder(t), 'letter');
  writeFileSync(file, letter);
  const to = ['--mail-rcpt', 'alice@portside.lab', '--mail-rcpt', 'bob@portside.lab'];
  await curl('--mail-from', 'rosa@far.example', ...to, '--upload-file', file, `smtp://${at(smtp, '/client.lab')}`);
  await smtp.logged(/<rosa@far\.example>.*\n/);
});

test('curl: POP3', async () => {
  const url = `pop3://alice:harbour@${at(pop3, '')}`;
  assert.match(await curl(`${url}/`), /^(\d \d+\n){4}$/);
  assert.match(await curl(`${url}/1`), /^Subject: Welcome to Portside\n[^]*Harbour office, Portside\n$/m);
  assert.match(await curl('--request', 'TOP 1 0', `${url}/`), /^Subject: Welcome to Portside\n/m);
  await run(['curl', '--silent', url.replace('harbour', 'wrong')], { status: 67 });
});

test('curl: IMAP', async (t) => {
  const url = `imap://alice:harbour@${at(imap, '')}`;
  const file = join(temporaryFolder(t), 'letter');
  writeFileSync(file, letter);
  assert.match(await curl(`${url}/`), /^\* LIST .* INBOX$/m);
  assert.match(await curl(`${url}/INBOX;UID=1`), /^Subject: Welcome to Portside\n/m);
  assert.equal(await curl(`${url}/INBOX?UNSEEN`), '* SEARCH 3 4\n');
  await curl('--upload-file', file, `${url}/Drafts`);
  assert.equal((await curl(`${url}/Drafts;MAILINDEX=1`)).trimEnd(), letter.replaceAll('\r', '').trimEnd());
});

test('curl: Gopher', async () => {
  assert.match(await curl(`gopher://${at(gopher, '/')}`), new RegExp(`^0The harbour at a glance\t/harbour\t127\\.0\\.0\\.1\t${gopher.port}$`, 'm'));
  assert.match(await curl(`gopher://${at(gopher, '/0/harbour')}`), /^Portside has one quay[^]*\n\.\n$/);
  assert.match(await curl(`gopher://${at(gopher, '/7/search%09berths')}`), /^0Berths and numbers\t/m);
});

test('curl: Telnet', async () => {
  const talk = await run(['curl', '--silent', '--max-time', '20', `telnet://${at(telnet, '')}`], { input: 'Rosa\r\nlook\r\nquit\r\n' });
  assert.match(talk, /Your name, sailor\? [^]*Welcome, Rosa[^]*notice board:[^]*Fair winds!\n$/);
});

test('swaks: SMTP', async () => {
  const swaks = ['swaks', '--server', '127.0.0.1', '--port', String(smtp.port), '--helo', 'client.lab', '--from', 'sam@far.example'];
  const session = await run([...swaks, '--to', 'carol@portside.lab,bob@portside.lab', '--header', 'Subject: By swaks', '--pipeline']);
  assert.match(session, /^ -> QUIT\n<- {2}221 .*\n=== Connection closed/m);
  assert.doesNotMatch(session, /^<\*\*/m);
  await smtp.logged(/<sam@far\.example>.*\n/);
  const refused = await run([...swaks, '--to', 'mallory@portside.lab'], { status: 24 });
  assert.match(refused, /^<\*\* 550 /m);
});

test('lynx: HTTP and Gopher', async (t) => {
  const lynx = ['lynx', '-cfg=/dev/null', '-dump', '-nolist'];
  const cwd = temporaryFolder(t);
  assert.match(await run([...lynx, `http://${at(http, '/')}`], { cwd }), /very small harbour[^]*\* Why a harbour has numbers/);
  assert.match(await run([...lynx, `http://${at(http, '/chunked')}`], { cwd }), /\w/);
  assert.match(await run([...lynx, `gopher://${at(gopher, '/1/')}`], { cwd }), /\(FILE\) The harbour at a glance\n[^]*\(\?\) +Search the texts/);
  assert.match(await run([...lynx, `gopher://${at(gopher, '/0/harbour')}`], { cwd }), /^Portside has one quay[^]*with nothing on it but a dot\.\n/);
});

test('tnftp: a session, with data connections both ways', async (t) => {
  const cwd = temporaryFolder(t);
  const input = `open 127.0.0.1 ${ftp.port}
user alice harbour
binary
passive off
cd /harbour
get signals.txt
passive on
get berths.txt
cd ..
put signals.txt copy.txt
rename copy.txt signals.copy
size signals.copy
mkdir shed
ls
delete signals.copy
rmdir shed
quit
`;
  const session = await run(['tnftp', '-n', '-i'], { input, cwd });
  assert.match(session, / 303 .* signals\.copy$/m);
  assert.match(session, /^d.* shed$/m);
  assert.match(session, /^signals\.copy\s+303$/m);
  assert.match(readFileSync(join(cwd, 'signals.txt'), 'utf8'), /^Signals on the quay\n[^]*hand over\.\n$/);
  assert.match(readFileSync(join(cwd, 'berths.txt'), 'utf8'), /143 {2}imap/);
});

test('slrn: reads news, and posts', async (t) => {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, 'body'), 'This is my first article.\n.\n');
  writeFileSync(join(cwd, '.slrnrc'), `set hostname "client.lab"
set username "rosa"
set realname "Rosa"
set use_tilde 0
set confirm_actions 0
set generate_message_id 0
set editor_command "cat body >> '%s'"
`);
  const server = ['--nntp', '-h', '127.0.0.1', '-p', String(nntp.port)];
  const slrn = onTerminal(t, ['slrn', ...server, '-C-', '-f', 'newsrc', '-i', '.slrnrc', '--create'], cwd);
  const start = await slrn.expect(/4 {2}lab\.harbour[^]*Select/);
  assert.doesNotMatch(start, /support disabled|rror/);
  slrn.type('\r');
  await slrn.expect(/The notice board is open[^]*4\/4 unread/);
  slrn.type('\r');
  await slrn.expect(/Every tenth packet will be[^]*That is for you to do\./);
  slrn.type('qP');
  await slrn.expect(/Newsgroup: /);
  slrn.type('\r');
  await slrn.expect(/Subject:/);
  slrn.type('By slrn\r');
  await slrn.expect(/Post the message\?/);
  slrn.type('y');
  await slrn.expect(/done\./);
  slrn.type('q');
  await slrn.ended();
  const session = await nntp.dial();
  session.send('GROUP lab.harbour\r\nARTICLE 5\r\nQUIT\r\n');
  assert.match(await session.end(), /^Subject: By slrn\r\n[^]*\r\n\r\nThis is my first article\.\r\n\.\.\r\n\.\r\n/m);
});

test('telnet: options negotiated, and a session', async (t) => {
  const terminal = onTerminal(t, ['telnet', '127.0.0.1', String(telnet.port)], temporaryFolder(t));
  await terminal.expect(/Your name, sailor\? /);
  terminal.type('Tess\r');
  await terminal.expect(/Tess[^]*Welcome, Tess[^]*> /);
  terminal.type('window\r');
  await terminal.expect(/> /);
  terminal.type('quit\r');
  assert.match(await terminal.ended(), /Fair winds!/);
});
