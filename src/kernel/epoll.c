/* epoll(7). An item is one watched descriptor: an open file and the number it had. Its waiter puts
 * it on its epoll's list of ready items; epoll_wait looks only at those. A closed file takes its
 * items with it (epoll_forget); an epoll holds no file. */
#include "kernel.h"
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

enum { NESTS = 4 }; /* epolls within epolls, as on Linux */
#define SETTINGS (EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP)
#define EXCLUSIVE_TOO                                                                              \
  (EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE)

struct item {
  struct item *next, **slot;              /* all of its epoll's */
  struct item *next_of_file, **file_slot; /* all of its file's: file->watched */
  struct item *next_ready, **ready_slot;  /* ready_slot NULL: not on the list */
  struct epoll *epoll;
  struct file *file;
  int fd;
  uint32_t events; /* wanted; of a spent EPOLLONESHOT, only the settings */
  uint64_t data;
  struct waiter waiter; /* on the file's wait queue */
};

struct epoll {
  struct waitq changed;
  struct item *items, *ready, **last_ready;
  struct file *file;
};

static const struct file_ops epoll_ops;

static struct epoll *file_epoll(const struct file *f) {
  return f && f->ops == &epoll_ops ? f->object : NULL;
}

/* --- the list of ready items, in the order in which they became so --- */

static void ready_add(struct item *i) {
  struct epoll *e = i->epoll;
  if (i->ready_slot) return;
  i->next_ready = NULL;
  i->ready_slot = e->last_ready;
  *e->last_ready = i;
  e->last_ready = &i->next_ready;
}

static void ready_remove(struct item *i) {
  if (!i->ready_slot) return;
  *i->ready_slot = i->next_ready;
  if (i->next_ready)
    i->next_ready->ready_slot = i->ready_slot;
  else
    i->epoll->last_ready = i->ready_slot;
  i->ready_slot = NULL;
}

static uint32_t item_poll(const struct item *i, struct poller *poller) {
  return (uint32_t)i->file->ops->poll(i->file, poller) & i->events & ~SETTINGS;
}

static void item_ready(struct item *i) {
  ready_add(i);
  wake_for(&i->epoll->changed, POLLIN | POLLRDNORM);
}

/* The file says that something has become possible. */
static void item_woken(struct waiter *w, int events) {
  struct item *i = (struct item *)((char *)w - offsetof(struct item, waiter));
  bool wanted = i->events & ~SETTINGS && (!events || (uint32_t)events & i->events);
  if (wanted) item_ready(i);
}

/* --- items --- */

static struct item *item_find(const struct epoll *e, const struct file *f, int fd) {
  for (struct item *i = f->watched; i; i = i->next_of_file)
    if (i->epoll == e && i->fd == fd) return i;
  return NULL;
}

struct item_poller {
  struct poller poller;
  struct item *item;
};

static void item_wait(struct poller *p, struct waitq *q) {
  struct item *i = ((struct item_poller *)p)->item;
  if (i->waiter.slot)
    p->failed = true; /* no kind of file has two */
  else
    wait_add(q, &i->waiter);
}

static void item_free(struct item *i) {
  wait_remove(&i->waiter);
  ready_remove(i);
  *i->slot = i->next;
  if (i->next) i->next->slot = i->slot;
  *i->file_slot = i->next_of_file;
  if (i->next_of_file) i->next_of_file->file_slot = i->file_slot;
  free(i);
}

static int item_new(struct epoll *e, struct file *f, int fd, const struct epoll_event *event) {
  struct item *i = calloc(1, sizeof *i);
  if (!i) return -ENOMEM;
  *i = (struct item){
      .epoll = e, .file = f, .fd = fd, .data = event->data.u64, .waiter.woken = item_woken};
  i->events = event->events | EPOLLERR | EPOLLHUP;
  i->next = e->items;
  i->slot = &e->items;
  if (e->items) e->items->slot = &i->next;
  e->items = i;
  i->next_of_file = f->watched;
  i->file_slot = &f->watched;
  if (f->watched) f->watched->file_slot = &i->next_of_file;
  f->watched = i;
  struct item_poller p = {{.add = item_wait}, i};
  uint32_t events = item_poll(i, &p.poller);
  if (p.poller.failed) panic("a file with two wait queues in epoll");
  if (events) item_ready(i);
  return 0;
}

static void item_change(struct item *i, const struct epoll_event *event) {
  i->events = event->events | EPOLLERR | EPOLLHUP;
  i->data = event->data.u64;
  if (item_poll(i, NULL)) item_ready(i);
}

void epoll_forget(struct file *f) {
  while (f->watched)
    item_free(f->watched);
}

/* --- epolls within epolls --- */

/* How many epolls are within `e` and each other; more than NESTS if `wanted` is one of them. */
static int depth_below(const struct epoll *e, const struct epoll *wanted, int level) {
  int deepest = 0;
  if (e == wanted || level > NESTS) return NESTS + 1;
  for (const struct item *i = e->items; i && deepest <= NESTS; i = i->next) {
    const struct epoll *inner = file_epoll(i->file);
    int below = inner ? 1 + depth_below(inner, wanted, level + 1) : 0;
    if (below > deepest) deepest = below;
  }
  return deepest;
}

/* How many epolls `e` is within, one in the other. */
static int depth_above(const struct epoll *e, int level) {
  int highest = 0;
  for (const struct item *i = e->file->watched; i && level <= NESTS; i = i->next_of_file) {
    int above = 1 + depth_above(i->epoll, level + 1);
    if (above > highest) highest = above;
  }
  return highest;
}

static bool too_deep(const struct epoll *e, const struct file *f) {
  const struct epoll *inner = file_epoll(f);
  return inner && depth_below(inner, e, 0) + 1 + depth_above(e, 0) > NESTS;
}

/* --- as a file --- */

/* Items that are not ready after all leave the list, so that the next look is short. */
static int epoll_poll(struct file *f, struct poller *poller) {
  struct epoll *e = f->object;
  poll_wait(poller, &e->changed);
  while (e->ready && !item_poll(e->ready, NULL))
    ready_remove(e->ready);
  return e->ready ? POLLIN | POLLRDNORM : 0;
}

static void epoll_close(struct file *f) {
  struct epoll *e = f->object;
  while (e->items)
    item_free(e->items);
  free(e);
}

static const struct file_ops epoll_ops = {.poll = epoll_poll, .close = epoll_close};

long sys_epoll_create1(int flags) {
  if (flags & ~EPOLL_CLOEXEC) return -EINVAL;
  struct epoll *e = calloc(1, sizeof *e);
  if (!e) return -ENOMEM;
  e->last_ready = &e->ready;
  e->file = file_new(&epoll_ops, e, O_RDWR);
  if (e->file) return fd_alloc(current, e->file, 0, flags & EPOLL_CLOEXEC);
  free(e);
  return -ENOMEM;
}

/* --- the calls --- */

/* EPOLLEXCLUSIVE is taken for what it promises at least: of those who wait, one or more wake. */
static bool exclusive_allowed(int operation, const struct file *f, uint32_t events) {
  if (operation == EPOLL_CTL_MOD) return false;
  return operation != EPOLL_CTL_ADD || (!file_epoll(f) && !(events & ~EXCLUSIVE_TOO));
}

static int control(struct epoll *e, int operation, struct file *f, int fd,
                   const struct epoll_event *event) {
  if (operation == EPOLL_CTL_ADD && too_deep(e, f)) return -ELOOP;
  struct item *i = item_find(e, f, fd);
  switch (operation) {
  case EPOLL_CTL_ADD: return i ? -EEXIST : item_new(e, f, fd, event);
  case EPOLL_CTL_DEL:
    if (i) item_free(i);
    return i ? 0 : -ENOENT;
  case EPOLL_CTL_MOD:
    if (i && i->events & EPOLLEXCLUSIVE) return -EINVAL;
    if (i) item_change(i, event);
    return i ? 0 : -ENOENT;
  }
  return -EINVAL;
}

long sys_epoll_ctl(int epoll_fd, int operation, int fd, uptr event) {
  struct epoll_event new = {0};
  bool has_event = operation != EPOLL_CTL_DEL;
  if (has_event && copy_from_user(&new, event, sizeof new)) return -EFAULT;
  struct file *ef = file_get(epoll_fd), *f = file_get(fd);
  struct epoll *e = file_epoll(ef);
  if (!ef || !f || f->flags & O_PATH) return -EBADF;
  if (!f->ops->poll) return -EPERM;
  if (ef == f || !e) return -EINVAL;
  if (has_event && new.events & EPOLLEXCLUSIVE && !exclusive_allowed(operation, f, new.events))
    return -EINVAL;
  return control(e, operation, f, fd, &new);
}

/* One item's event to the program: 1, 0 if it is not ready after all, or -EFAULT. */
static int give(struct item *i, uptr to) {
  uint32_t events = item_poll(i, NULL);
  if (!events) return 0;
  struct epoll_event event = {.events = events, .data.u64 = i->data};
  if (copy_to_user(to, &event, sizeof event)) return -EFAULT;
  if (i->events & EPOLLONESHOT) i->events &= SETTINGS;
  return 1;
}

/* Looks once at each ready item, up to `most` events; those that level-triggered stay ready go to
 * the end of the list, so that the others have their turn. Returns how many events it gave. */
static int give_all(struct epoll *e, uptr events, int most) {
  struct item *last =
      e->ready ? (struct item *)((char *)e->last_ready - offsetof(struct item, next_ready)) : NULL;
  int given = 0;
  for (struct item *i = e->ready, *next; i && given < most; i = next) {
    next = i == last ? NULL : i->next_ready;
    int result = give(i, events + (uptr)given * sizeof(struct epoll_event));
    if (result < 0) return given ? given : result;
    ready_remove(i);
    given += result;
    if (result && !(i->events & (EPOLLET | EPOLLONESHOT))) ready_add(i);
  }
  return given;
}

long sys_epoll_wait(int fd, uptr events, int most, int64_t timeout_ns) {
  struct file *f = file_get(fd);
  struct epoll *e = file_epoll(f);
  if (most <= 0 || (size_t)most > INT_MAX / sizeof(struct epoll_event)) return -EINVAL;
  if (!f) return -EBADF;
  if (!e) return -EINVAL;
  int64_t deadline = deadline_in(timeout_ns);
  int given = 0, error = 0;
  f->references++;
  net_run();
  while (!(given = give_all(e, events, most)) && !error && timeout_ns)
    error = sleep_on(&e->changed, deadline);
  file_put(f);
  return given || error == -ETIMEDOUT || !timeout_ns ? given : -EINTR;
}

long sys_epoll_pwait(int fd, uptr events, int most, int64_t timeout_ns, uptr mask,
                     size_t mask_size) {
  struct masked m;
  int error = mask_begin(&m, mask, mask_size);
  return error ? error : mask_end(&m, sys_epoll_wait(fd, events, most, timeout_ns));
}
