"""A DNS server (RFC 1035) for the programs of the lab. It knows the names that it is given, with one
IPv4 address each, and speaks over a stream, each message behind its length, as DNS does over TCP."""
import socket
import struct
import threading

HEADER = struct.Struct('!6H')       # id, flags, and how many questions, answers, and two more kinds
QUESTION = struct.Struct('!2H')     # after its name: type, class
RECORD = struct.Struct('!3HIH4s')   # name (as a pointer), type, class, time to live, length, address
A, IN = 1, 1
NO_ERROR, FORMAT_ERROR, NAME_ERROR = 0, 1, 3
RESPONSE = 0x8080                   # flags QR and RA; those of the query that stay are OPCODE and RD
KEPT = 0x7900
FIRST_NAME = 0xc000 | HEADER.size   # a pointer to the question's name
LABEL_LIMIT = 63
TIME_TO_LIVE = 60


def question(query):
    """The name, type and class of the query's first question, and where it ends; IndexError,
    ValueError or struct.error if it has none."""
    labels, at = [], HEADER.size
    while query[at]:
        if query[at] > LABEL_LIMIT:
            raise ValueError(query[at])
        labels.append(query[at + 1:at + 1 + query[at]].decode('ascii'))
        at += 1 + query[at]
    return '.'.join(labels).lower(), QUESTION.unpack_from(query, at + 1), at + 1 + QUESTION.size


def answer(query, names):
    """The answer to a query from {name: address}; struct.error if it is shorter than a header."""
    ident, flags, *_ = HEADER.unpack_from(query)
    record, end = b'', HEADER.size
    try:
        name, kind, end = question(query)
        code = NO_ERROR if name in names else NAME_ERROR
        if code == NO_ERROR and kind == (A, IN):
            record = RECORD.pack(FIRST_NAME, A, IN, TIME_TO_LIVE, 4, socket.inet_aton(names[name]))
    except (IndexError, ValueError, struct.error):
        code = FORMAT_ERROR
    header = HEADER.pack(ident, RESPONSE | flags & KEPT | code, end > HEADER.size, bool(record), 0, 0)
    return header + query[HEADER.size:end] + record


def serve(stream, names):
    """Answers until the other end closes."""
    with stream, stream.makefile('rb') as queries:
        try:
            while length := queries.read(2):
                reply = answer(queries.read(int.from_bytes(length, 'big')), names)
                stream.sendall(len(reply).to_bytes(2, 'big') + reply)
        except (OSError, struct.error):     # it has gone, or speaks something else
            pass


def start(names):
    """One end of a stream on whose other end it answers, in a thread of its own."""
    ours, theirs = socket.socketpair()
    threading.Thread(target=serve, args=(theirs, names), daemon=True).start()
    return ours
