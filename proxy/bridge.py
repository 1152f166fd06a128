#!/usr/bin/python3
"""The bridge: a TCP connection to a real server for each WebSocket that a page opens.

    /usr/bin/python3 proxy/bridge.py --listen 127.0.0.1:8001 --targets proxy/targets

It is websockify (Debian's packages websockify and python3-numpy) with a handler of our own, because
a program's connect() needs more than websockify says: whether the TCP connection exists, and why not.

What goes over a WebSocket to ws://HOST:PORT/?token=ADDRESS:PORT
    bridge  an empty message       the TCP connection exists; this is always the first message
    both    a message with bytes   the next bytes of that direction; message borders mean nothing
    both    an empty message       this direction has ended: shutdown(SHUT_WR)
    client  a second empty one     it has closed: it reads no more, and waits for code 1000
    bridge  close 1000             both directions have ended and every byte was passed on
    both    close 4000, reason     an errno name and perhaps a space and a sentence; the connection
                                   was refused, or is reset
A client that knows only bytes and close 1000 works too.
"""
import argparse
import collections
import errno
import ipaddress
import logging
import re
import select
import socket
import struct
import sys
import time
from urllib.parse import parse_qs, urlsplit

import resolver

INSTALL = 'run "sudo apt install websockify python3-numpy" and start the bridge with /usr/bin/python3'
try:
    from websockify import websocket
    from websockify.websockifyserver import WebSockifyRequestHandler, WebSockifyServer
except ImportError:
    sys.exit('bridge: %s has no websockify: %s' % (sys.executable, INSTALL))

MESSAGE = 65536         # the most bytes of one message to the client
HELD = 1 << 20          # bytes held for a slow target before the client is made to wait
STALL = 60              # seconds a target may take nothing once its client has gone
HEARTBEAT = 30          # seconds of silence before a ping: it keeps an idle line open in proxies
                        # between, and shows whether a client that is made to wait is still there
CLOSE_CODE = 4000       # WebSocket close code whose reason is an errno name
RESOLVER = '198.51.100.53:53'   # the token that reaches the bridge's own DNS server
STAND_INS = ipaddress.ip_network('198.18.0.0/15')

log = logging.getLogger('bridge')


class Refused(Exception):
    """No connection: args are an errno name and what the user should know, or ''."""


class BadTargets(Exception):
    """The allow-list cannot be used: one line that says where and why."""


def endpoint(text):
    """'HOST:PORT' or '[IPv6]:PORT' as (host, port); ValueError if it is neither."""
    host, colon, port = text.rpartition(':')
    host = host[1:-1] if re.fullmatch(r'\[[^\[\]]+\]', host) else host
    if not colon or not re.fullmatch(r'[^\s\[\]]+', host) or not re.fullmatch(r'\d{1,5}', port):
        raise ValueError(text)
    if not 0 < int(port) < 65536:
        raise ValueError(text)
    return host, int(port)


def read_targets(path):
    """The allow-list, in websockify's TokenFile syntax or with the target alone, as
    {'HOST:PORT': (host, port)}. A name on the left is in lower case."""
    try:
        with open(path, encoding='utf-8') as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadTargets('cannot read the allow-list %s: %s' % (path, error)) from error
    targets = {}
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if not line or line.startswith('#'):
            continue
        try:
            token, *target = re.split(r':\s+', line)
            host, port = endpoint(token)
            target = endpoint(*target or [token])
        except (ValueError, TypeError):
            raise BadTargets('%s:%d: "%s" is not HOST:PORT: HOST:PORT, as in '
                             '"198.51.100.1:9999: 127.0.0.1:9999", and not HOST:PORT, as in '
                             '"www.example.org:80"' % (path, number, line)) from None
        token = '%s:%d' % (host.lower(), port)
        if token in targets:
            raise BadTargets('%s:%d: %s is listed twice' % (path, number, token))
        targets[token] = target
    return targets


def is_address(host):
    """Whether it is one, and no name."""
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def stand_ins(targets):
    """An address for each host that the allow-list has by name, as {name: address}: for programs,
    which connect to addresses. They are of a range that no real server is in (RFC 2544)."""
    hosts = dict.fromkeys(endpoint(token)[0].lower() for token in targets)
    named = (host for host in hosts if not is_address(host))
    return {host: str(STAND_INS[number]) for number, host in enumerate(named, 1)}


def find(targets, token):
    """What the allow-list has for 'ADDRESS:PORT', or None."""
    address, _, port = token.rpartition(':')
    name = next((name for name, stand_in in stand_ins(targets).items() if stand_in == address), address)
    return targets.get('%s:%s' % (name, port))


def origin_allowed(origin, named):
    """Whether a page of this origin may use the bridge: one on this machine, or one that was named
    with --origin. What sends no origin is no browser, and so acts for nobody but its own user."""
    try:
        return origin is None or origin in named or \
            urlsplit(origin).hostname in ('localhost', '127.0.0.1', '::1')
    except ValueError:
        return False


def dial(address, timeout):
    """A TCP connection to (host, port), or Refused; at most timeout seconds per address of host."""
    try:
        target = socket.create_connection(address, timeout)
        target.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return target
    except socket.gaierror as error:
        raise Refused('EHOSTUNREACH', 'cannot resolve %s: %s' % (address[0], error.strerror))
    except socket.timeout:
        raise Refused('ETIMEDOUT', '')
    except OSError as error:
        raise Refused(errno.errorcode.get(error.errno, 'EIO'), '')


class Reader:
    """A socket that reads more at a time than websockify asks for, which is 4 KiB: putting messages
    together from such pieces takes it half of its time."""

    def __init__(self, sock):
        self._sock = sock

    def recv(self, size):
        return self._sock.recv(max(size, MESSAGE))

    def __getattr__(self, name):
        return getattr(self._sock, name)


class Relay:
    """The bytes of one WebSocket and one TCP connection.

    The client's socket blocks: it is written as soon as the target has sent, so that a client that
    does not read makes its target wait. The target's does not block: what it does not take is held,
    up to HELD bytes, so that one direction never waits for the other.
    """

    def __init__(self, handler, target):
        self.handler = handler
        self.target = target
        self.held = collections.deque()     # of bytes, for the target
        self.held_size = 0
        self.client_present = True          # its WebSocket can still be read and written
        self.client_ends = 0                # its empty messages: 1 it has shut down, 2 it has closed
        self.sending = True                 # the target has not been told that the client has ended
        self.reading = True                 # the target may still send
        self.reset = False                  # one end was reset
        self.deadline = None                # when the target is given up, once the client has gone
        target.setblocking(False)

    def run(self):
        """Returns when both directions have ended or one end was reset (self.reset)."""
        client, target = self.handler.request.fileno(), self.target.fileno()
        poller, masks = select.poll(), {}
        while self.reading or self.sending:
            for fd, mask in ((client, self.client_mask()), (target, self.target_mask())):
                if mask != masks.get(fd):
                    masks[fd] = mask
                    if mask is None:
                        poller.unregister(fd)
                    else:
                        poller.register(fd, mask)
            events = dict(poller.poll(self.wait_ms()))
            if not events:
                self.nothing_happened()
            if client in events:
                self.from_client()
            if target in events:
                self.from_target(events[target])
            self.to_target()

    def client_mask(self):
        """What to wait for; None: do not even look."""
        if not self.client_present:
            return None
        if self.held_size < HELD:
            return select.POLLIN
        return select.POLLRDHUP if self.deadline is None else None

    def target_mask(self):
        return (select.POLLIN if self.reading else 0) | (select.POLLOUT if self.held else 0)

    def wait_ms(self):
        if self.deadline is None:
            return HEARTBEAT * 1000
        return max(0, int((self.deadline - time.monotonic()) * 1000) + 1)

    def nothing_happened(self):
        if self.deadline is None:
            self.to_client(self.handler.send_ping)
        elif time.monotonic() >= self.deadline:
            log.warning('%s: gave up: the client has gone and the target takes nothing', self.handler.name)
            self.abort()

    def from_client(self):
        if self.held_size >= HELD:          # no room, so this can only be a hang-up
            self.deadline = time.monotonic() + STALL
            return
        try:
            messages, closed = self.handler.recv_frames()
        except OSError:
            messages, closed = [], {'code': 1006}
        for message in messages:
            if not message:
                self.client_ends += 1
            elif self.client_ends == 0:
                self.held.append(memoryview(message))
                self.held_size += len(message)
        if closed and closed['code'] == CLOSE_CODE:
            self.abort()
        if closed:
            self.client_gone()
        elif self.client_ends > 1:
            self.client_closed()

    def client_gone(self):
        """The WebSocket is no more: nobody is left to read, and what was sent is all there is."""
        self.client_present = False
        self.client_ends = 2
        self.client_closed()

    def client_closed(self):
        self.reading = False
        if self.deadline is None:
            self.deadline = time.monotonic() + STALL

    def to_client(self, send, *args):
        try:
            send(*args)
        except OSError:
            self.client_gone()

    def from_target(self, events):
        if not self.reading:
            if events & (select.POLLERR | select.POLLHUP) and not self.held:
                self.reset, self.sending = True, False
            return
        if events == select.POLLOUT:
            return
        try:
            data = self.target.recv(MESSAGE)
        except BlockingIOError:
            return
        except OSError:
            self.abort()
            return
        self.reading = len(data) > 0
        self.to_client(self.handler.request.sendmsg, data)

    def to_target(self):
        try:
            while self.held:
                piece = self.held[0]
                sent = self.target.send(piece)
                self.held_size -= sent
                self.deadline = self.deadline and time.monotonic() + STALL
                if sent < len(piece):
                    self.held[0] = piece[sent:]
                    return
                self.held.popleft()
            if self.client_ends and self.sending:
                self.sending = False
                self.target.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:                     # what it had sent before is still read
            self.held.clear()
            self.held_size = 0
            self.reset, self.sending = True, False

    def abort(self):
        """Ends both directions at once; the target sees a reset."""
        self.held.clear()
        self.held_size = 0
        self.reset, self.reading, self.sending = True, False, False
        self.target.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))


class Handler(WebSockifyRequestHandler):
    """One WebSocket. Each runs in a process of its own, made by websockify."""

    timeout = 10            # for the HTTP request; also for the answer to our close
    name = ''               # for the log

    def handle_upgrade(self):
        self.request = Reader(self.request)
        super().handle_upgrade()

    def new_websocket_client(self):
        self.request.settimeout(None)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        token = parse_qs(urlsplit(self.path).query).get('token', [''])[0]
        self.name = '%s to %r' % (self.client_address[0], token)
        try:
            with self.connect(token) as target:
                log.info('%s: connected', self.name)
                self.request.sendmsg(b'')
                relay = Relay(self, target)
                relay.run()
        except Refused as refused:
            log.info('%s: %s %s', self.name, *refused.args)
            reason = ' '.join(refused.args).strip().encode('ascii', 'replace')
            raise self.CClose(CLOSE_CODE, reason[:123].decode())   # a close frame has room for that
        except OSError as error:
            log.info('%s: %s', self.name, error)
            return
        log.info('%s: %s', self.name, 'reset' if relay.reset else 'ended')
        raise self.CClose(*((CLOSE_CODE, 'ECONNRESET') if relay.reset else (1000, '')))

    def connect(self, token):
        """The connection that token stands for, or Refused. Nothing that is not allowed is dialled;
        the allow-list is read anew, so that a change of it counts at once."""
        options = self.server.options
        origin = self.headers.get('Origin')
        if not origin_allowed(origin, options.origin):
            raise Refused('EACCES', 'it does not know this page: start it with --origin %s' % origin)
        try:
            targets = read_targets(options.targets)
        except BadTargets as bad:
            log.error('%s', bad)
            raise Refused('EACCES', 'its allow-list has a mistake; it has printed where')
        if token == RESOLVER and token not in targets:
            return resolver.start(stand_ins(targets))
        address = find(targets, token)
        if address is None:
            raise Refused('EACCES', '')
        return dial(address, options.dial_timeout)

    def send_close(self, code=1000, reason=''):
        """Closes, and waits for the answer: a socket closed with bytes unread would be reset, and
        take with it what the client has not read yet."""
        try:
            super().send_close(code, reason)
            self.request.settimeout(self.timeout)
            deadline = time.monotonic() + self.timeout
            while not self.recv_frames()[1] and time.monotonic() < deadline:
                pass
        except (OSError, AssertionError):   # the client has gone already
            pass


class Server(WebSockifyServer):
    """websockify's server, with the command line's options for its handlers to see."""

    def __init__(self, listener, options):
        super().__init__(Handler, listen_fd=listener.fileno())
        self.options = options

    def started(self):
        print('bridge: ws://%s:%d, targets in %s' % (*self.options.address, self.options.targets),
              flush=True)

    def top_new_client(self, startsock, address):
        try:
            super().top_new_client(startsock, address)
        except self.Terminate:              # Ctrl-C reaches every handler: no stack trace for that
            pass


def options_of(argv):
    parser = argparse.ArgumentParser(prog='bridge.py', description='TCP connections for WebSockets, to '
                                     'the targets of an allow-list only')
    parser.add_argument('--listen', default='127.0.0.1:8001', metavar='ADDRESS:PORT')
    parser.add_argument('--targets', default='proxy/targets', metavar='FILE',
                        help='allow-list: lines of the form HOST:PORT, or HOST:PORT: HOST:PORT')
    parser.add_argument('--origin', action='append', default=[], metavar='URL',
                        help='let pages of this origin use the bridge, as in https://course.example; '
                        'may be given more than once (pages on this machine always may)')
    parser.add_argument('--dial-timeout', type=float, default=10, metavar='SECONDS')
    options = parser.parse_args(argv)
    if not options.dial_timeout > 0:
        parser.error('--dial-timeout %g: give a number of seconds above 0' % options.dial_timeout)
    try:
        host, _, port = options.listen.rpartition(':')
        options.address = (host, 0) if port == '0' and host else endpoint(options.listen)
    except ValueError:
        parser.error('--listen %s: give ADDRESS:PORT, as in 127.0.0.1:8001' % options.listen)
    return options


def listen(address):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    try:
        listener.bind(address)
        listener.listen(100)
    except OSError as error:
        hint = {errno.EADDRINUSE: 'stop the program that uses it, or give another port with --listen',
                errno.EACCES: 'give a port above 1023 with --listen'}
        sys.exit('bridge: cannot listen on %s:%d: %s%s' % (*address, error.strerror or error,
                 ': ' + hint[error.errno] if error.errno in hint else ''))
    return listener


def main(argv):
    options = options_of(argv)
    if websocket.numpy is None:
        sys.exit('bridge: %s has no numpy, without which uploads are 30 times slower: %s'
                 % (sys.executable, INSTALL))
    logging.basicConfig(level=logging.INFO, format='bridge: %(message)s')
    logging.getLogger(WebSockifyServer.log_prefix).setLevel(logging.WARNING)
    try:
        read_targets(options.targets)
    except BadTargets as bad:
        sys.exit('bridge: %s' % bad)
    with listen(options.address) as listener:
        options.address = listener.getsockname()
        Server(listener, options).start_server()


if __name__ == '__main__':
    main(sys.argv[1:])
