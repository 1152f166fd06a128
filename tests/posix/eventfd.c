/* eventfd and timerfd. */
#include "check.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

static uint64_t number;

static int write_number(int fd, uint64_t n) { return (int)write(fd, &n, sizeof n); }

static void counters(void) {
  heading("eventfd");
  CALL(eventfd(0, 64));
  int e = OPEN(eventfd(3, EFD_CLOEXEC));
  VALUE(fcntl(e, F_GETFD));
  VALUE(fcntl(e, F_GETFL) & O_NONBLOCK ? 1 : 0);
  READY(e);
  CALL(read(e, &number, 7));
  CALL(read(e, &number, 8));
  VALUE(number);
  READY(e);
  CALL(fcntl(e, F_SETFL, O_NONBLOCK));
  CALL(read(e, &number, 8));
  CALL(read(e, BAD, 8));
  CALL(write(e, &number, 7));
  CALL(write(e, BAD, 8));
  CALL(write_number(e, UINT64_MAX));
  CALL(write_number(e, 0));
  READY(e);
  CALL(write_number(e, 5));
  CALL(write_number(e, UINT64_MAX - 6));
  READY(e);
  CALL(write_number(e, 1));
  CALL(write_number(e, 0));
  CALL(read(e, &number, 8));
  VALUE(number == UINT64_MAX - 1);
  CALL(eventfd_write(e, 2));
  CALL(eventfd_read(e, &number));
  VALUE(number);
  CALL(eventfd_read(e, &number));
  close(e);
  e = OPEN(eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK));
  CALL(read(e, &number, 8));
  VALUE(number);
  CALL(read(e, &number, 8));
  VALUE(number);
  CALL(read(e, &number, 8));
  close(e);
  e = must(eventfd(1, 0), "eventfd");
  catch(SIGALRM, 0);
  CALL(write_number(e, UINT64_MAX - 2));
  alarm_every(30);
  CALL(write_number(e, 1));
  alarm_every(0);
  close(e);
  int ep = must(epoll_create1(0), "epoll_create1");
  e = must(eventfd(0, EFD_NONBLOCK), "eventfd");
  struct epoll_event event = {.events = EPOLLIN | EPOLLET};
  CALL(epoll_ctl(ep, EPOLL_CTL_ADD, e, &event));
  CALL(epoll_wait(ep, &event, 1, 0));
  write_number(e, 1);
  CALL(epoll_wait(ep, &event, 1, 0));
  CALL(epoll_wait(ep, &event, 1, 0));
  write_number(e, 1);
  CALL(epoll_wait(ep, &event, 1, 0));
  close(ep), close(e);
}

static struct itimerspec ms(int value, int interval) {
  return (struct itimerspec){.it_value = {value / 1000, value % 1000 * 1000000},
                             .it_interval = {interval / 1000, interval % 1000 * 1000000}};
}

static long to_ms(struct timespec t) { return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000; }

static void near(const char *what, long value, long wanted) {
  printf("%s is %s %ld\n", what, value <= wanted && value >= wanted - 5000 ? "near" : "not near",
         wanted);
}

static void timers(void) {
  struct itimerspec s, old;
  heading("timerfd");
  CALL(timerfd_create(CLOCK_MONOTONIC, 1));
  CALL(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
  CALL(timerfd_create(-1, 0));
  close(OPEN(timerfd_create(CLOCK_BOOTTIME, 0)));
  int t = OPEN(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  VALUE(fcntl(t, F_GETFD));
  VALUE(fcntl(t, F_GETFL) & O_NONBLOCK ? 1 : 0);
  READY(t);
  CALL(read(t, &number, 7));
  CALL(read(t, &number, 8));
  CALL(write(t, &number, 8));
  CALL(timerfd_gettime(t, &s));
  VALUE(to_ms(s.it_value));
  s = ms(-1, 0);
  CALL(timerfd_settime(t, 0, &s, NULL));
  s = ms(0, 0);
  s.it_value.tv_nsec = 1000000000;
  CALL(timerfd_settime(t, 0, &s, NULL));
  s = ms(0, 0);
  s.it_interval.tv_nsec = -1;
  CALL(timerfd_settime(t, 0, &s, NULL));
  s = ms(1000, 0);
  CALL(timerfd_settime(t, 4, &s, NULL));
  CALL(timerfd_settime(0, 0, &s, NULL));
  CALL(timerfd_settime(900, 0, &s, NULL));
  CALL(timerfd_settime(t, 0, (struct itimerspec *)BAD, NULL));
  CALL(timerfd_gettime(0, &s));
  CALL(timerfd_gettime(900, &s));
  CALL(timerfd_gettime(t, (struct itimerspec *)BAD));
  s = ms(60000, 7000);
  CALL(timerfd_settime(t, 0, &s, &old));
  VALUE(to_ms(old.it_value));
  CALL(timerfd_gettime(t, &s));
  near("the time left", to_ms(s.it_value), 60000);
  VALUE(to_ms(s.it_interval));
  s = ms(0, 7000);
  CALL(timerfd_settime(t, 0, &s, &old));
  near("the old time left", to_ms(old.it_value), 60000);
  VALUE(to_ms(old.it_interval));
  CALL(timerfd_gettime(t, &s));
  VALUE(to_ms(s.it_value));
  VALUE(to_ms(s.it_interval));

  heading("expiry");
  s = ms(300, 0);
  CALL(timerfd_settime(t, 0, &s, NULL));
  READY(t);
  struct pollfd p = {.fd = t, .events = POLLIN};
  SPEND(300, poll(&p, 1, -1));
  READY(t);
  CALL(timerfd_gettime(t, &s));
  VALUE(to_ms(s.it_value));
  CALL(read(t, &number, 8));
  VALUE(number);
  CALL(read(t, &number, 8));
  CALL(fcntl(t, F_SETFL, 0));
  CALL(timerfd_settime(t, 0, &(struct itimerspec){.it_value.tv_nsec = 50000000}, NULL));
  SPEND(50, read(t, &number, 8));
  VALUE(number);
  s = ms(60, 60);
  CALL(timerfd_settime(t, 0, &s, NULL));
  SPEND(60, read(t, &number, 8));
  CALL(read(t, &number, 8));
  usleep(150000);
  CALL(read(t, &number, 8));
  VALUE(number >= 2);
  CALL(timerfd_gettime(t, &s));
  VALUE(to_ms(s.it_value) <= 60);
  VALUE(to_ms(s.it_interval));
  usleep(70000);
  s = ms(60000, 60);
  CALL(timerfd_settime(t, 0, &s, NULL));
  READY(t);
  s = ms(1000, 0);
  CALL(timerfd_settime(t, TFD_TIMER_ABSTIME, &s, NULL));
  READY(t);
  CALL(read(t, &number, 8));
  VALUE(number);
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  s.it_value = now;
  s.it_value.tv_nsec += 50000000;
  if (s.it_value.tv_nsec > 999999999) s.it_value.tv_sec++, s.it_value.tv_nsec -= 1000000000;
  CALL(timerfd_settime(t, TFD_TIMER_ABSTIME, &s, NULL));
  SPEND(50, read(t, &number, 8));
  close(t);
  t = must(timerfd_create(CLOCK_REALTIME, 0), "timerfd_create");
  clock_gettime(CLOCK_REALTIME, &now);
  s.it_value = now;
  s.it_value.tv_nsec += 50000000;
  if (s.it_value.tv_nsec > 999999999) s.it_value.tv_sec++, s.it_value.tv_nsec -= 1000000000;
  CALL(timerfd_settime(t, TFD_TIMER_ABSTIME, &s, NULL));
  SPEND(50, read(t, &number, 8));
  catch(SIGALRM, 0);
  alarm_every(30);
  CALL(read(t, &number, 8));
  alarm_every(0);
  close(t);

  heading("timerfd and epoll");
  int ep = must(epoll_create1(0), "epoll_create1");
  t = must(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd_create");
  struct epoll_event event = {.events = EPOLLIN | EPOLLET};
  CALL(epoll_ctl(ep, EPOLL_CTL_ADD, t, &event));
  s = ms(50, 50);
  CALL(timerfd_settime(t, 0, &s, NULL));
  SPEND(50, epoll_wait(ep, &event, 1, -1));
  VALUE(event.events);
  CALL(epoll_wait(ep, &event, 1, 0));
  CALL(read(t, &number, 8));
  CALL(epoll_wait(ep, &event, 1, -1));
  close(ep), close(t);
}

int main(void) {
  counters();
  timers();
  return 0;
}
