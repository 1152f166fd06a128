/* poll, ppoll, select and pselect: what they say, of what, and how long they wait. */
#include "check.h"
#include <fcntl.h>
#include <sys/select.h>

static int pair[2];
static char buffer[64];

static void put(int s, const char *text) {
  must(send(s, text, strlen(text), 0) == (ssize_t)strlen(text) ? 0 : -1, "send");
}

static void states(void) {
  heading("what poll says");
  struct sockaddr_in a;
  int fresh = must(socket(AF_INET, SOCK_STREAM, 0), "socket"), s = listener(&a, 1);
  READY(fresh);
  READY(s);
  tcp_pair(pair);
  READY(pair[0]);
  put(pair[1], "x");
  wait_for(pair[0], POLLIN);
  READY(pair[0]);
  CALL(recv(pair[0], buffer, 1, 0));
  READY(pair[0]);
  close(pair[0]);
  close(pair[1]);
  close(fresh);
  close(s);
}

static void events(void) {
  heading("only what is asked for");
  tcp_pair(pair);
  put(pair[1], "x");
  wait_for(pair[0], POLLIN);
  struct pollfd p[] = {{.fd = pair[0], .events = POLLIN, .revents = 77},
                       {.fd = pair[0], .events = POLLOUT, .revents = 77},
                       {.fd = pair[0], .events = 0, .revents = 77},
                       {.fd = -1, .events = POLLIN, .revents = 77},
                       {.fd = 999, .events = POLLIN, .revents = 77},
                       {.fd = pair[0], .events = POLLRDNORM | POLLRDBAND, .revents = 77}};
  CALL(poll(p, 6, 0));
  for (int i = 0; i < 6; i++)
    printf("revents of %d = %s%s\n", i, event_names(p[i].revents),
           p[i].revents & POLLRDNORM ? " RDNORM" : "");
  CALL(poll(p + 3, 1, 0));
  CALL(poll(p + 2, 1, 0));
  CALL(poll(p, 0, 0));
  CALL(poll(NULL, 0, 0));
  CALL(poll((struct pollfd *)BAD, 1, 0));
  SPEND(50, poll(p + 2, 2, 50));
  SPEND(50, poll(NULL, 0, 50));
  close(pair[0]);
  close(pair[1]);
}

static void timeouts_of_ppoll(void) {
  heading("ppoll");
  struct timespec t = {.tv_nsec = 50000000}, wrong = {.tv_nsec = 1000000000}, before = {-1, 0};
  struct pollfd p = {.fd = 0, .events = 0};
  CALL(ppoll(&p, 1, &wrong, NULL));
  CALL(ppoll(&p, 1, &before, NULL));
  SPEND(50, ppoll(NULL, 0, &t, NULL));
  VALUE(t.tv_nsec);
  tcp_pair(pair);
  p = (struct pollfd){.fd = pair[0], .events = POLLOUT};
  CALL(ppoll(&p, 1, NULL, NULL));
  close(pair[0]);
  close(pair[1]);
}

/* A blocked signal that ppoll or pselect lets through ends it, and only then is it handled. */
static void masks(void) {
  heading("ppoll and pselect with a mask");
  sigset_t blocked, none, pending;
  sigemptyset(&none);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  catch(SIGUSR1, SA_RESTART);
  must(sigprocmask(SIG_BLOCK, &blocked, NULL), "sigprocmask");
  raise(SIGUSR1);
  VALUE(caught);
  CALL(poll(NULL, 0, 10));
  CALL(ppoll(NULL, 0, NULL, &none));
  VALUE(caught);
  raise(SIGUSR1);
  CALL(pselect(0, NULL, NULL, NULL, NULL, &none));
  VALUE(caught);
  raise(SIGUSR1);
  struct timespec now = {0};
  CALL(pselect(0, NULL, NULL, NULL, &now, &none));
  CALL(sigpending(&pending));
  VALUE(sigismember(&pending, SIGUSR1));
  VALUE(caught);
  sigprocmask(SIG_UNBLOCK, &blocked, NULL);
  VALUE(caught);
}

static void clear(fd_set *r, fd_set *w, fd_set *e) {
  FD_ZERO(r);
  FD_ZERO(w);
  FD_ZERO(e);
}

static void ask(fd_set *r, fd_set *w, fd_set *e) {
  FD_SET(pair[0], r);
  FD_SET(pair[0], w);
  FD_SET(pair[0], e);
}

#define SELECT(call)                                                                               \
  do {                                                                                             \
    check_call(#call, (errno = 0, call));                                                          \
    printf("readable, writable, exceptional = %d %d %d\n", FD_ISSET(pair[0], &r) != 0,             \
           FD_ISSET(pair[0], &w) != 0, FD_ISSET(pair[0], &e) != 0);                                \
  } while (0)

static void selecting(void) {
  heading("select");
  fd_set r, w, e;
  struct timeval now = {0};
  tcp_pair(pair);
  int n = pair[0] + 1;
  clear(&r, &w, &e);
  ask(&r, &w, &e);
  SELECT(select(n, &r, &w, &e, &now));
  put(pair[1], "x");
  wait_for(pair[0], POLLIN);
  ask(&r, &w, &e);
  SELECT(select(n, &r, &w, &e, NULL));
  FD_SET(pair[0], &r);
  SELECT(select(n - 1, &r, NULL, NULL, &now));
  VALUE(FD_ISSET(pair[0], &r) != 0);
  FD_ZERO(&w);
  FD_SET(pair[0], &r);
  SELECT(select(n, &r, NULL, NULL, NULL));
  recv(pair[0], buffer, 1, 0);
  FD_SET(pair[0], &r);
  SELECT(select(n, &r, NULL, NULL, &now));
  shutdown(pair[1], SHUT_WR);
  wait_for(pair[0], POLLIN);
  ask(&r, &w, &e);
  SELECT(select(n, &r, &w, &e, &now));
  close(pair[1]);
  close(pair[0]);
}

static void reset_selected(void) {
  heading("select after a reset");
  fd_set r, w, e;
  struct linger at_once = {.l_onoff = 1};
  tcp_pair(pair);
  setsockopt(pair[1], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(pair[1]);
  wait_for(pair[0], POLLHUP);
  clear(&r, &w, &e);
  ask(&r, &w, &e);
  SELECT(select(pair[0] + 1, &r, &w, &e, NULL));
  close(pair[0]);
}

static void select_errors(void) {
  heading("select's arguments");
  fd_set r;
  struct timeval t = {0, 50000}, wrong = {-1, 0}, much = {0, 1000000};
  FD_ZERO(&r);
  SPEND(50, select(0, NULL, NULL, NULL, &t));
  VALUE(t.tv_sec == 0 && t.tv_usec == 0);
  CALL(select(-1, NULL, NULL, NULL, NULL));
  CALL(select(0, NULL, NULL, NULL, &wrong));
  SPEND(1000, select(0, NULL, NULL, NULL, &much));
  int closed = dup(0);
  close(closed);
  FD_SET(closed, &r);
  t = (struct timeval){0};
  CALL(select(closed + 1, &r, NULL, NULL, &t));
  VALUE(FD_ISSET(closed, &r) != 0);
  CALL(select(closed, &r, NULL, NULL, &t));
  CALL(select(5, (fd_set *)BAD, NULL, NULL, &t));
  struct timespec s = {0, 20000000}, bad = {0, -1};
  SPEND(20, pselect(0, NULL, NULL, NULL, &s, NULL));
  VALUE(s.tv_nsec);
  CALL(pselect(0, NULL, NULL, NULL, &bad, NULL));
}

static int woken;
static void write_into(int sig) {
  (void)sig;
  put(woken, "!");
}

/* Something becomes ready while poll or select sleeps. SA_RESTART does not restart them. */
static void sleeping(void) {
  heading("ready while it sleeps");
  struct sigaction a = {.sa_handler = write_into, .sa_flags = SA_RESTART};
  struct itimerval soon = {.it_value.tv_usec = 30000};
  fd_set r;
  tcp_pair(pair);
  woken = pair[1];
  must(sigaction(SIGALRM, &a, NULL), "sigaction");
  struct pollfd p = {.fd = pair[0], .events = POLLIN};
  setitimer(ITIMER_REAL, &soon, NULL);
  while (CALL(poll(&p, 1, SAFETY_MS)) < 0)
    ;
  recv(pair[0], buffer, 1, 0);
  FD_ZERO(&r);
  setitimer(ITIMER_REAL, &soon, NULL);
  do
    FD_SET(pair[0], &r);
  while (CALL(select(pair[0] + 1, &r, NULL, NULL, NULL)) < 0);
  VALUE(FD_ISSET(pair[0], &r) != 0);
  close(pair[0]);
  close(pair[1]);
}

static void pipes(void) {
  heading("pipes");
  int ends[2];
  must(pipe(ends), "pipe");
  READY(ends[0]);
  READY(ends[1]);
  CALL(write(ends[1], "x", 1));
  READY(ends[0]);
  close(ends[1]);
  READY(ends[0]);
  CALL(read(ends[0], buffer, 4));
  READY(ends[0]);
  close(ends[0]);
  must(pipe2(ends, O_NONBLOCK), "pipe2");
  close(ends[0]);
  READY(ends[1]);
  close(ends[1]);
}

int main(void) {
  states();
  events();
  timeouts_of_ppoll();
  masks();
  selecting();
  reset_selected();
  select_errors();
  sleeping();
  pipes();
}
