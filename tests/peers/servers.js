/**
 * Debian's servers, each with a configuration and data of its own in a temporary folder, on free ports
 * of 127.0.0.1. They run as the user who runs the tests, or as nobody if that is root. What they say of
 * themselves is in server.log, to be seen when something fails.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { freePort } from '../proxy/helper.js';
import { environment, newFolder, run } from './programs.js';

/** @typedef {import('./programs.js').Scope} Scope */
/** @typedef {{ port: number, folder: string, log: string }} Server */

const NOBODY = 65534;
const NEWS = 9; // leafnode's user, in every Debian
const root = process.getuid?.() === 0;
export const user = root ? { uid: NOBODY, gid: NOBODY } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const USERS = ['alice', 'bob', 'carol'];
export const PASSWORD = 'harbour';

/**
 * Writes files into a folder, each with the folders that it needs, for a user to have.
 * @param {string} folder @param {Record<string, string>} files by their paths
 * @param {{ uid: number, gid: number }} [owner]
 */
function fill(folder, files, owner = user) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  own(folder, owner);
}

/** @param {string} path @param {{ uid: number, gid: number }} owner */
function own(path, owner) {
  for (const name of readdirSync(path, { withFileTypes: true }))
    if (name.isDirectory()) own(join(path, name.name), owner);
    else chownSync(join(path, name.name), owner.uid, owner.gid);
  chownSync(path, owner.uid, owner.gid);
}

/** @param {number} port */
async function accepts(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * Starts a server, which ends with the test, and its folder with it; resolves when it listens on all its
 * ports. Should it leave processes behind, tests/run.js ends them.
 * @param {Scope} t
 * @param {string} folder its own, and its working folder
 * @param {number[]} ports
 * @param {string[]} command
 * @param {{ uid: number, gid: number }} [owner]
 */
async function start(t, folder, ports, [program, ...args], owner = user) {
  const server = { port: ports[0], folder, log: '' };
  const child = spawn(program, args, {
    cwd: folder, env: { ...environment, HOME: folder }, stdio: ['ignore', 'pipe', 'pipe'], ...(root ? owner : {}),
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { server.log += data; });
  const ended = new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(signal ?? code));
  });
  let end = '';
  ended.then((how) => { end = String(how); });
  t.after(async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });
  const deadline = Date.now() + 30_000;
  for (const port of ports)
    while (!(await accepts(port))) {
      if (end) throw new Error(`${program} has ended (${end}): ${server.log}`);
      if (Date.now() > deadline) throw new Error(`${program} does not listen on port ${port}: ${server.log}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  return server;
}

/**
 * A server that inetd would start: socat does, one process for each connection, which is its standard
 * input and output.
 * @param {Scope} t @param {string} folder @param {number} port
 * @param {string[]} command without spaces and quotes
 * @param {{ uid: number, gid: number }} [owner]
 */
function inetd(t, folder, port, command, owner) {
  const listener = `TCP4-LISTEN:${port},bind=127.0.0.1,reuseaddr,fork`;
  return start(t, folder, [port], ['socat', listener, `EXEC:${command.join(' ').replace(/[:,!]/g, '\\$&')},nofork`], owner);
}

/** A web server with these files. @param {Scope} t @param {Record<string, string>} files */
export async function nginx(t, files) {
  const folder = newFolder(), port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => `${what}_temp_path ${folder}/${what};`);
  fill(folder, {
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [join('www', path), text])),
    'nginx.conf': `daemon off;
pid ${folder}/pid;
error_log stderr;
events {}
http {
  access_log off;
  ${temporary.join('\n  ')}
  types { text/html html; text/css css; text/plain txt; }
  server {
    listen 127.0.0.1:${port};
    root ${folder}/www;
  }
}
`,
  });
  return start(t, folder, [port], ['nginx', '-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')]);
}

/**
 * A mail server for alice, bob and carol at portside.lab, whose mail is put into files of their names.
 * @param {Scope} t
 */
export async function exim(t) {
  const folder = newFolder(), port = await freePort();
  fill(folder, {
    'exim.conf': `primary_hostname = mail.portside.lab
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
spool_directory = ${folder}/spool
log_file_path = ${folder}/%slog
pid_file_path = ${folder}/pid
exim_user = ${user.uid}
exim_group = ${user.gid}
deliver_drop_privilege
never_users =
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
acl_smtp_rcpt = recipient
begin acl
recipient:
  accept domains = portside.lab
         local_parts = ${USERS.join(' : ')}
  deny message = There is nobody of that name here
begin routers
local:
  driver = accept
  domains = portside.lab
  local_parts = ${USERS.join(' : ')}
  transport = file
begin transports
file:
  driver = appendfile
  file = ${folder}/$local_part_data
`,
  });
  if (root) chownSync(join(folder, 'exim.conf'), 0, 0);
  const server = await start(t, folder, [port], ['exim4', '-C', join(folder, 'exim.conf'), '-bdf']);
  return {
    ...server,
    /** All mail that a user has got. @param {string} name */
    delivered: (name) => existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '',
  };
}

/** Dovecot's configuration, whose language is another from 2.4 on. @param {string} folder @param {{ pop3: number, imap: number }} ports */
function dovecotConfiguration(folder, ports) {
  const { stdout } = spawnSync('dovecot', ['--version'], { encoding: 'utf8', env: environment });
  const [major, minor] = stdout.split('.').map(Number);
  const [name, group] = [['-un'], ['-gn']].map((option) =>
    spawnSync('id', [...option, String(user.uid)], { encoding: 'utf8', env: environment }).stdout.trim());
  const { uid, gid } = user;
  const mailbox = major > 2 || minor > 3
    ? `dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = ~/Maildir
passdb static {
  password = ${PASSWORD}
}
userdb static {
  fields {
    uid = ${uid}
    gid = ${gid}
    home = ${folder}/home/%{user}
  }
}
`
    : `disable_plaintext_auth = no
mail_location = maildir:~/Maildir
passdb {
  driver = static
  args = password=${PASSWORD}
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${folder}/home/%u
}
`;
  const listener = (/** @type {string} */ protocol, /** @type {number} */ port) => `service ${protocol}-login {
  chroot =
  inet_listener ${protocol} {
    port = ${port}
  }
  inet_listener ${protocol}s {
    port = 0
  }
}
`;
  return `${mailbox}protocols = pop3 imap
listen = 127.0.0.1
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
ssl = no
auth_failure_delay = 0
default_internal_user = ${name}
default_internal_group = ${group}
default_login_user = ${name}
first_valid_uid = ${uid}
first_valid_gid = ${gid}
service anvil {
  chroot =
}
service stats {
  chroot =
}
${listener('pop3', ports.pop3)}${listener('imap', ports.imap)}`;
}

/**
 * A POP3 and an IMAP server in which alice, whose password is PASSWORD, has these letters.
 * @param {Scope} t @param {string[]} letters
 */
export async function dovecot(t, letters) {
  const folder = newFolder();
  const ports = { pop3: await freePort(), imap: await freePort() };
  const inbox = letters.map((text, i) => [`home/alice/Maildir/new/${1_700_000_000 + i}.${i}.portside`, text.replace(/\r?\n/g, '\r\n')]);
  fill(folder, { ...Object.fromEntries(inbox), 'dovecot.conf': dovecotConfiguration(folder, ports) });
  const server = await start(t, folder, Object.values(ports), ['dovecot', '-F', '-c', join(folder, 'dovecot.conf')]);
  return { ...server, ports };
}

/**
 * An FTP server that lets anybody read these files, from the folder in which a session begins, and put
 * others into incoming. (As vsftpd does not run as root here, "/" is the machine's own.) It has ports of
 * its own for data.
 * @param {Scope} t @param {Record<string, string>} files
 */
export async function vsftpd(t, files) {
  const folder = newFolder(), port = await freePort(), first = await freePorts(8);
  fill(folder, {
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [join('ftp', path), text])),
    'ftp/incoming/README': 'Put what you like here.\n',
    'vsftpd.conf': `listen=YES
listen_address=127.0.0.1
listen_port=${port}
background=NO
run_as_launching_user=YES
anonymous_enable=YES
allow_writeable_chroot=YES
anon_root=${folder}/ftp
local_enable=NO
write_enable=YES
anon_upload_enable=YES
connect_from_port_20=NO
pasv_min_port=${first}
pasv_max_port=${first + 7}
vsftpd_log_file=${folder}/vsftpd.log
xferlog_enable=YES
seccomp_sandbox=NO
`,
  });
  const server = await start(t, folder, [port], ['vsftpd', join(folder, 'vsftpd.conf')]);
  return { ...server, dataPorts: Array.from({ length: 8 }, (_, i) => first + i) };
}

/** The first of so many free ports in a row. @param {number} count */
async function freePorts(count) {
  for (;;) {
    const first = await freePort();
    const ports = Array.from({ length: count }, (_, i) => first + i);
    if (first + count < 65536 && !(await Promise.all(ports.map(accepts))).includes(true)) return first;
  }
}

/**
 * A Gopher server with these files, whose menus lead to `host` and port 70.
 * @param {Scope} t @param {Record<string, string>} files @param {string} host
 */
export async function gophernicus(t, files, host) {
  const folder = newFolder(), port = await freePort();
  fill(folder, files);
  chmodSync(folder, 0o755);
  for (const path of Object.keys(files)) chmodSync(join(folder, path), 0o644);
  return inetd(t, folder, port, ['/usr/sbin/gophernicus', '-h', host, '-r', folder, '-nf', '-nm', '-ns']);
}

/** A Telnet server in front of a shell script, instead of login. @param {Scope} t @param {string} script */
export async function telnetd(t, script) {
  const folder = newFolder(), port = await freePort();
  fill(folder, { session: `#!/bin/sh\n${script}` });
  chmodSync(join(folder, 'session'), 0o755);
  return inetd(t, folder, port, ['/usr/sbin/telnetd', '-h', '-E', join(folder, 'session')]);
}

/** A program and the libraries it needs, in a folder that is to be its root. @param {string} folder @param {string} program */
function copyProgram(folder, program) {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8', env: environment });
  for (const path of [program, ...(stdout.match(/\/\S+/g) ?? [])]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(path, join(folder, path));
  }
}

/** Runs a command as the user news in a folder as its root; who is not root is news in a user namespace only. @param {string} folder */
const asNews = (folder) => root
  ? ['chroot', `--userspec=${NEWS}:${NEWS}`, folder]
  : ['unshare', '--user', `--map-user=${NEWS}`, `--map-group=${NEWS}`, '--keep-caps', 'chroot', folder];

/** Why leafnode cannot run here, or ''. */
export function whyNoLeafnode() {
  const { status, stderr } = spawnSync(asNews('/')[0], [...asNews('/').slice(1), '/bin/true'], { encoding: 'utf8', env: environment });
  return status === 0 ? '' : `leafnode needs root, or a user namespace: ${stderr}`;
}

/**
 * A news server that has fetched these groups from another one, on a port of 127.0.0.1. It and its
 * fetchnews work on /etc/news/leafnode and /var/spool/news only, so they get a root of their own.
 * @param {Scope} t @param {number} from @param {string[]} groups
 */
export async function leafnode(t, from, groups) {
  const folder = newFolder(), port = await freePort(), spool = join(folder, 'var/spool/news');
  const programs = ['/usr/sbin/leafnode', '/usr/sbin/fetchnews'];
  for (const program of programs) copyProgram(folder, program);
  for (const name of ['failed.postings', 'interesting.groups', 'leaf.node', 'message.id', 'out.going', 'temp.files'])
    mkdirSync(join(spool, name), { recursive: true });
  const news = root ? { uid: NEWS, gid: NEWS } : user;
  fill(folder, {
    'etc/passwd': `news:x:${NEWS}:${NEWS}::/:/bin/sh\n`,
    'etc/group': `news:x:${NEWS}:\n`,
    'etc/news/leafnode/config': `expire = 20000
maxage = 20000
hostname = news.portside.lab
server = 127.0.0.1
port = ${from}
`,
    ...Object.fromEntries(groups.map((group) => [`var/spool/news/interesting.groups/${group}`, ''])),
  }, news);
  const fetched = await run([...asNews(folder), '/usr/sbin/fetchnews', '-v']);
  const server = await inetd(t, folder, port, [...asNews(folder), '/usr/sbin/leafnode'], root ? { uid: 0, gid: 0 } : user);
  return { ...server, fetched };
}
