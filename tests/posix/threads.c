/* Threads: their making and end, what they share and what each has of its own, cancellation,
 * signals, sockets that several of them use. */
#include "check.h"
#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

static _Thread_local int own = 5;
static pthread_key_t key;
static int destroyed, cleaned, handled;
static sem_t begun;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t meeting;
static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;
static long sum;
static bool go;

static const char *name(int error) { return error_name(error); }
#define ERROR(call) printf("%s = %s\n", #call, name(call))

static void *ten_times(void *n) { return (void *)((intptr_t)n * 10); }
static int ten_times_c11(void *n) { return (int)(intptr_t)n * 10; }

static void *is_own(void *to) {
  own++;
  errno = ENOENT;
  *(int *)to = own * 100 + errno;
  pthread_exit(to);
}

static void ends(void) {
  heading("making and joining");
  pthread_t t[8];
  void *result;
  int number = 0, first = own;
  intptr_t all = 0;
  for (intptr_t i = 0; i < 8; i++)
    pthread_create(&t[i], NULL, ten_times, (void *)i);
  for (int i = 0; i < 8; i++)
    all += pthread_join(t[i], &result) ? -1000 : (intptr_t)result;
  VALUE(all);
  errno = 0;
  ERROR(pthread_create(&t[0], NULL, is_own, &number));
  ERROR(pthread_join(t[0], &result));
  VALUE(result == &number);
  VALUE(number == 600 + ENOENT);
  VALUE(errno);
  VALUE(own == first);
  ERROR(pthread_join(pthread_self(), NULL));
  VALUE(pthread_equal(pthread_self(), pthread_self()) != 0);
  thrd_t c;
  int status = 0;
  VALUE(thrd_create(&c, ten_times_c11, (void *)4) == thrd_success);
  VALUE(thrd_join(c, &status) == thrd_success);
  VALUE(status);
}

static void destroy(void *value) { destroyed += *(int *)value; }

static void *keeps(void *value) {
  pthread_setspecific(key, value);
  return pthread_getspecific(key);
}

static void keys(void) {
  heading("keys");
  pthread_t t;
  void *result;
  int value = 3;
  ERROR(pthread_key_create(&key, destroy));
  VALUE(pthread_getspecific(key) == NULL);
  pthread_create(&t, NULL, keeps, &value);
  ERROR(pthread_join(t, &result));
  VALUE(result == &value);
  VALUE(destroyed);
  VALUE(pthread_getspecific(key) == NULL);
  ERROR(pthread_key_delete(key));
  ERROR(pthread_setspecific(key, &value));
}

static void *adds(void *times) {
  for (intptr_t i = 0; i < (intptr_t)times; i++) {
    pthread_mutex_lock(&lock);
    sum++;
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

static void *waits(void *unused) {
  pthread_mutex_lock(&lock);
  while (!go)
    pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  return unused;
}

static void *meets(void *unused) {
  (void)unused;
  return (void *)(intptr_t)(pthread_barrier_wait(&meeting) == PTHREAD_BARRIER_SERIAL_THREAD);
}

static struct timespec in_ms(int ms) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  t.tv_nsec += ms * 1000000L;
  t.tv_sec += t.tv_nsec / 1000000000;
  t.tv_nsec %= 1000000000;
  return t;
}

static void mutexes(void) {
  heading("mutexes");
  pthread_t t[4];
  pthread_mutexattr_t a;
  pthread_mutex_t m;
  for (int i = 0; i < 4; i++)
    pthread_create(&t[i], NULL, adds, (void *)2000);
  for (int i = 0; i < 4; i++)
    pthread_join(t[i], NULL);
  VALUE(sum);
  ERROR(pthread_mutexattr_init(&a));
  ERROR(pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE));
  ERROR(pthread_mutex_init(&m, &a));
  ERROR(pthread_mutex_lock(&m));
  ERROR(pthread_mutex_trylock(&m));
  ERROR(pthread_mutex_unlock(&m));
  ERROR(pthread_mutex_unlock(&m));
  ERROR(pthread_mutex_unlock(&m));
  ERROR(pthread_mutex_destroy(&m));
  ERROR(pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK));
  ERROR(pthread_mutex_init(&m, &a));
  ERROR(pthread_mutex_lock(&m));
  ERROR(pthread_mutex_lock(&m));
  ERROR(pthread_mutex_unlock(&m));
  ERROR(pthread_mutex_unlock(&m));
  ERROR(pthread_mutexattr_settype(&a, 99));
  ERROR(pthread_mutex_lock(&lock));
  ERROR(pthread_mutex_trylock(&lock));
  struct timespec soon = in_ms(30);
  ERROR(pthread_mutex_timedlock(&lock, &soon));
  soon = in_ms(30);
  ERROR(pthread_cond_timedwait(&changed, &lock, &soon));
  ERROR(pthread_mutex_unlock(&lock));
}

static void conditions(void) {
  heading("conditions, barriers, read-write locks, semaphores");
  pthread_t t[3];
  void *result;
  intptr_t serial = 0;
  int value;
  sem_t s;
  for (int i = 0; i < 3; i++)
    pthread_create(&t[i], NULL, waits, NULL);
  pthread_mutex_lock(&lock);
  go = true;
  ERROR(pthread_cond_broadcast(&changed));
  pthread_mutex_unlock(&lock);
  for (int i = 0; i < 3; i++)
    ERROR(pthread_join(t[i], NULL));
  ERROR(pthread_barrier_init(&meeting, NULL, 0));
  ERROR(pthread_barrier_init(&meeting, NULL, 3));
  for (int i = 0; i < 3; i++)
    pthread_create(&t[i], NULL, meets, NULL);
  for (int i = 0; i < 3; i++) {
    pthread_join(t[i], &result);
    serial += (intptr_t)result;
  }
  VALUE(serial);
  ERROR(pthread_barrier_destroy(&meeting));
  ERROR(pthread_rwlock_rdlock(&shared));
  ERROR(pthread_rwlock_tryrdlock(&shared));
  ERROR(pthread_rwlock_trywrlock(&shared));
  ERROR(pthread_rwlock_unlock(&shared));
  ERROR(pthread_rwlock_unlock(&shared));
  ERROR(pthread_rwlock_wrlock(&shared));
  ERROR(pthread_rwlock_tryrdlock(&shared));
  ERROR(pthread_rwlock_unlock(&shared));
  CALL(sem_init(&s, 0, 1));
  CALL(sem_wait(&s));
  CALL(sem_trywait(&s));
  struct timespec soon = in_ms(30);
  CALL(sem_timedwait(&s, &soon));
  CALL(sem_post(&s));
  CALL(sem_getvalue(&s, &value));
  VALUE(value);
}

static void clean(void *how_much) { cleaned += *(int *)how_much; }

static void unlock(void *mutex) { pthread_mutex_unlock(mutex); }

static void *blocks(void *fd) {
  static int five = 5;
  char byte;
  pthread_cleanup_push(clean, &five);
  sem_post(&begun);
  if (fd)
    recv(*(int *)fd, &byte, 1, 0);
  else {
    pthread_mutex_lock(&lock);
    pthread_cleanup_push(unlock, &lock);
    for (;;)
      pthread_cond_wait(&changed, &lock);
    pthread_cleanup_pop(0);
  }
  pthread_cleanup_pop(0);
  return NULL;
}

static void *holds_out(void *unused) {
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
  sem_post(&begun);
  poll(NULL, 0, 50);
  cleaned++;
  pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
  pthread_testcancel();
  return unused;
}

static void cancel_one(void *(*body)(void *), void *argument) {
  pthread_t t;
  void *result = NULL;
  cleaned = 0;
  pthread_create(&t, NULL, body, argument);
  sem_wait(&begun);
  ERROR(pthread_cancel(t));
  ERROR(pthread_join(t, &result));
  VALUE(result == PTHREAD_CANCELED);
  VALUE(cleaned);
}

static void cancelling(void) {
  heading("cancellation");
  int pair[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  cancel_one(blocks, &pair[0]);
  cancel_one(blocks, NULL);
  ERROR(pthread_mutex_trylock(&lock));
  ERROR(pthread_mutex_unlock(&lock));
  cancel_one(holds_out, NULL);
  ERROR(pthread_setcancelstate(99, NULL));
  close(pair[0]);
  close(pair[1]);
}

static pthread_t handler_ran_in;
static void handle(int sig) {
  handled += sig == SIGUSR1;
  handler_ran_in = pthread_self();
}

static void *interrupted(void *fd) {
  char byte;
  sem_post(&begun);
  return (void *)(intptr_t)(recv(*(int *)fd, &byte, 1, 0) < 0 ? errno : 0);
}

static void signals(void) {
  heading("signals");
  int pair[2];
  pthread_t t;
  void *result;
  sigset_t usr1, before;
  struct sigaction a = {.sa_handler = handle};
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  sigaction(SIGUSR1, &a, NULL);
  pthread_create(&t, NULL, interrupted, &pair[0]);
  sem_wait(&begun);
  ERROR(pthread_kill(t, SIGUSR1));
  while (!__atomic_load_n(&handled, __ATOMIC_SEQ_CST))
    poll(NULL, 0, 1);
  send(pair[1], "x", 1, 0);
  VALUE(handled > 0);
  VALUE(pthread_equal(handler_ran_in, t) != 0);
  pthread_join(t, &result);
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  ERROR(pthread_sigmask(SIG_BLOCK, &usr1, &before));
  VALUE(sigismember(&before, SIGUSR1));
  handled = 0;
  ERROR(pthread_kill(pthread_self(), SIGUSR1));
  VALUE(handled);
  ERROR(pthread_sigmask(SIG_SETMASK, &before, NULL));
  VALUE(handled);
  ERROR(pthread_kill(pthread_self(), 999));
  close(pair[0]);
  close(pair[1]);
}

static void *accepts(void *listener) {
  int c = accept(*(int *)listener, NULL, NULL);
  char text[8];
  ssize_t n = recv(c, text, sizeof text, 0);
  send(c, text, (size_t)n, 0);
  close(c);
  return (void *)n;
}

static void *writes(void *fd) { return (void *)send(*(int *)fd, "hello", 5, 0); }

static void sockets(void) {
  heading("sockets");
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof a;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  pthread_t t[3];
  void *result;
  bind(listener, (struct sockaddr *)&a, sizeof a);
  getsockname(listener, (struct sockaddr *)&a, &length);
  CALL(listen(listener, 5));
  for (int i = 0; i < 3; i++)
    pthread_create(&t[i], NULL, accepts, &listener);
  for (int i = 0; i < 3; i++) {
    char text[8] = "";
    int s = socket(AF_INET, SOCK_STREAM, 0);
    pthread_t writer;
    CALL(connect(s, (struct sockaddr *)&a, sizeof a));
    pthread_create(&writer, NULL, writes, &s);
    CALL(recv(s, text, 5, MSG_WAITALL));
    BYTES(text, 5);
    pthread_join(writer, &result);
    VALUE((intptr_t)result);
    close(s);
  }
  for (int i = 0; i < 3; i++)
    ERROR(pthread_join(t[i], NULL));
  close(listener);
}

int main(void) {
  sem_init(&begun, 0, 0);
  ends();
  keys();
  mutexes();
  conditions();
  cancelling();
  signals();
  sockets();
  return 0;
}
