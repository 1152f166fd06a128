/* For a lesson's checkers. A checker is a C program that runs the learner's program, plays the
 * other side of its conversation, and says of every check what was sent, what came and what was
 * wanted. POSIX only: it runs in the lab and on Linux.
 *
 *   static void greets(void) {
 *     int listener = listen_tcp();
 *     struct program *p = start("client", "127.0.0.1", port_of(listener), NULL);
 *     int peer = caller(listener);
 *     say(peer, "thank you\r\n");
 *     hang_up(peer);
 *     prints(p, "thank you\r\n");
 *     ends(p, 0);
 *   }
 *
 *   int main(int argc, char *argv[]) {
 *     check_begin(argc, argv);
 *     check("it prints what the server says", greets, "recv gives what has come so far: go on.");
 *     return check_end();
 *   }
 *
 * The first thing in a check that is not as wanted fails it, and is told. From then on every call
 * here does nothing and gives what an ended conversation would: -1, 0, "" or false. So a check is
 * written as the conversation that it wants. Nothing waits longer than patience_ms. When a check
 * ends, its programs are killed and its descriptors are closed.
 *
 * Printed is TAP: `ok 1 - TITLE` or `not ok 1 - TITLE`, then after a failure lines that begin
 * with "# ", for the learner to read; and `1..N` at the end. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* --- checks --- */

/* argv[1...]: the learner's programs, by path; each is known by the last part of it. */
void check_begin(int argc, char *argv[]);

/* Runs one. advice (or NULL) is a sentence that stands below its failure: the likely mistake. */
void check(const char *title, void (*run)(void), const char *advice);

int check_end(void); /* for main: 0 if all passed, else 1 */

/* Fails the check, in words of its own. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool failed(void); /* has this check failed? For loops that would go on for nothing */

/* How long anything here waits; 3000, or what CHECK_PATIENCE in the environment says. At most
 * 1000 once a check has failed by waiting. */
extern int patience_ms;

void pause_ms(int ms); /* for what the network does by itself: a gap between two segments */

/* --- the learner's programs --- */

struct program;

/* Starts one, with arguments up to a NULL; its standard input, output and error are pipes. */
struct program *start(const char *name, ...) __attribute__((sentinel));

void type(struct program *p, const char *text); /* on its standard input */
void type_end(struct program *p);               /* and no more: end of file */

/* What it prints next is this. stdio sends to a pipe what it has gathered when it is flushed or the
 * program ends: what is to be seen before must be flushed by the program. */
void prints(struct program *p, const char *wanted);
void prints_bytes(struct program *p, const void *wanted, size_t n);
const char *printed_line(struct program *p);            /* its next line, without the end */
void prints_end(struct program *p);                     /* nothing more */
void prints_error(struct program *p, const char *part); /* somewhere on its standard error */

void ends(struct program *p, int status); /* it ends by itself, with this exit status */
void ends_badly(struct program *p);       /* with another than 0, but not by a signal */
bool still_runs(struct program *p);
void signal_program(struct program *p, int sig);
pid_t pid_of(struct program *p);

/* At most so many descriptors for the programs started next, as with ulimit -n: to see leaks. */
void limit_descriptors(int most);

/* --- TCP, and stream sockets of AF_UNIX --- */

int listen_tcp(void);              /* on 127.0.0.1, at any port */
int listen_tcp6(void);             /* on ::1 */
int listen_unix(const char *path); /* the file is removed before, and when the check ends */
const char *port_of(int fd);       /* its own port, as text: good for 8 calls */
const char *free_port(void);       /* for a program to bind: nobody has it now; for TCP and UDP */

int caller(int listener);    /* accepts the program's connection */
int dial(const char *port);  /* connects to 127.0.0.1, once the program listens there */
int dial6(const char *port); /* to ::1 */
int dial_unix(const char *path);

void say(int fd, const char *text); /* in one segment */
void say_bytes(int fd, const void *bytes, size_t n);
void say_slowly(int fd, const char *text); /* each byte in a segment of its own */
void say_bytes_slowly(int fd, const void *bytes, size_t n);

void hear(int fd, const char *wanted); /* what comes next is this, in however many pieces */
void hear_bytes(int fd, const void *wanted, size_t n);
const char *hear_line(int fd); /* the next, without LF or CRLF: good for 8 calls */
size_t hear_some(int fd, void *to, size_t most); /* what comes next: at least 1; 0 at the end */
size_t hear_all(int fd, void *to, size_t most);  /* until the end, which must come */
void hear_end(int fd);                           /* end of file comes next, no reset */
void hear_gone(int fd);                          /* that, or a reset */
void hear_nothing(int fd, int ms);               /* that long nothing comes, and no end */

void end_sending(int fd);    /* shutdown(SHUT_WR): it can still hear */
void hang_up(int fd);        /* close */
void hang_up_rudely(int fd); /* close with a reset (RST) */

/* --- datagrams --- */

int datagrams(void); /* a UDP socket on 127.0.0.1, at any port */
int datagrams_unix(const char *path);
/* The next datagram: its length; who sent it is remembered for answer(). */
size_t hear_datagram(int fd, void *to, size_t most);
void hear_this_datagram(int fd, const void *wanted, size_t n); /* the next one is this */
void answer(int fd, const void *bytes, size_t n);              /* to whom it last heard */
/* To 127.0.0.1. A check's first waits until the program has bound its socket there. */
void say_datagram(int fd, const char *port, const void *bytes, size_t n);
void hear_no_datagram(int fd, int ms);

/* --- bytes as people read them --- */

const char *shown(const void *bytes, size_t n); /* `HEL\n`, cut when long: good for 8 calls */

#endif
