/* Programs that are in the tree from the start, but whose bytes the page fetches when one of them
 * is first run or opened: who does that waits for them. */
#include "kernel.h"
#include <string.h>
#include <sys/stat.h>

/* A program of that size at `path`, and symbolic links to it: `count` names, each ended by NUL, in
 * its directory; one that is there already stays. 0 or -errno. */
int offer(int number, const char *path, size_t size, int count, const char *names) {
  struct place at;
  int error = fs_write(path, NULL, 0, 0755);
  if (!error) error = path_walk(fs_root, path, PARENT, &at);
  if (error) return error;
  at.inode->offered = number;
  at.inode->offered_size = size;
  for (; count && !error; count--, names += strlen(names) + 1) {
    size_t length = strlen(at.name);
    if (dir_find(at.dir, names)) continue;
    struct inode *i = inode_new(S_IFLNK | 0777);
    if (!i || inode_resize(i, length)) return -ENOSPC;
    memcpy(i->data, at.name, length);
    error = dir_add(at.dir, names, i);
  }
  return error;
}

/* Returns once the file's bytes are there: 0, -EIO if they cannot be had, -ERESTARTSYS. */
int offer_await(struct inode *i) {
  if (current == &kernel_proc) return -EAGAIN; /* it never waits */
  inode_hold(i);
  int error = 0;
  bool report = current->report_sleep;
  current->report_sleep = false; /* EVENT_SLEPT tells of what it waits for itself */
  i->refused = false;
  if (!i->wanted) event_post(EVENT_WANTED, i->offered, 0, 0, &i, sizeof i);
  if (!i->wanted) inode_hold(i);
  i->wanted = true;
  while (i->offered && !i->refused && !error)
    error = sleep_on(&i->arrival, FOREVER);
  if (i->offered && i->refused) error = -EIO;
  current->report_sleep = report;
  inode_put(i);
  return error;
}

/* The bytes that EVENT_WANTED asked for; NULL: they cannot be had. */
void offer_deliver(struct inode *i, const void *bytes, size_t n) {
  if (i->offered && bytes && !inode_resize(i, n)) {
    memcpy(i->data, bytes, n);
    i->offered = 0;
  }
  i->refused = i->offered;
  i->wanted = false;
  wake(&i->arrival);
  inode_put(i);
}
