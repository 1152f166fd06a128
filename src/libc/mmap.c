/* mmap, as far as memory that cannot be mapped goes: a mapping is allocated, a file's part is
 * read into it, and msync and munmap write a shared one back. Mappings are unmapped whole, and
 * no one else sees a change before that. Protection is not enforced. */
#include "call.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 65536 };

struct mapping {
  struct mapping *next;
  char *start;
  size_t length;
  int file; /* where to write it back, or -1 */
  off_t offset;
};
static struct mapping *mappings;

static int load(char *to, size_t length, int fd, off_t offset) {
  for (size_t done = 0; done < length;) {
    ssize_t n = pread(fd, to + done, length - done, offset + (off_t)done);
    if (n < 0 && errno != EINTR) return -1;
    if (n == 0) break;
    if (n > 0) done += (size_t)n;
  }
  return 0;
}

static int store(const struct mapping *m) {
  off_t end = m->file < 0 ? 0 : lseek(m->file, 0, SEEK_END);
  for (size_t done = 0; done < m->length && m->offset + (off_t)done < end;) {
    size_t n = m->length - done;
    if ((off_t)n > end - m->offset - (off_t)done) n = (size_t)(end - m->offset - (off_t)done);
    ssize_t written = pwrite(m->file, m->start + done, n, m->offset + (off_t)done);
    if (written < 0 && errno != EINTR) return -1;
    if (written > 0) done += (size_t)written;
  }
  return 0;
}

static void *map(struct mapping *m, size_t length, int protection, int flags, int fd,
                 off_t offset) {
  m->length = length;
  m->offset = offset;
  m->file = -1;
  m->start = aligned_alloc(PAGE, (length + PAGE - 1) / PAGE * PAGE);
  if (!m->start) return MAP_FAILED;
  memset(m->start, 0, length);
  int shared = flags & MAP_SHARED && protection & PROT_WRITE;
  if (!(flags & MAP_ANONYMOUS) && (load(m->start, length, fd, offset) ||
                                   (shared && (m->file = fcntl(fd, F_DUPFD_CLOEXEC, 3)) < 0))) {
    free(m->start);
    return MAP_FAILED;
  }
  m->next = mappings;
  mappings = m;
  return m->start;
}

void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  int kind = flags & MAP_TYPE;
  if (!length || offset % PAGE || (kind != MAP_SHARED && kind != MAP_PRIVATE))
    errno = EINVAL;
  else if (flags & MAP_FIXED || length > PTRDIFF_MAX)
    errno = ENOMEM;
  else {
    struct mapping *m = malloc(sizeof *m);
    void *result = m ? map(m, length, protection, flags, fd, offset) : MAP_FAILED;
    if (result == MAP_FAILED) free(m);
    return result;
  }
  return MAP_FAILED;
}

int __munmap(void *start, size_t length);
int __munmap(void *start, size_t length) {
  struct mapping **at = &mappings;
  while (*at && (*at)->start != start)
    at = &(*at)->next;
  struct mapping *m = *at;
  if (!m || (m->length + PAGE - 1) / PAGE != (length + PAGE - 1) / PAGE) {
    errno = EINVAL;
    return -1;
  }
  store(m);
  if (m->file >= 0) close(m->file);
  *at = m->next;
  free(m->start);
  free(m);
  return 0;
}
ALIAS(__munmap) int munmap(void *start, size_t length);

int msync(void *start, size_t length, int flags) {
  for (struct mapping *m = mappings; m; m = m->next)
    if ((char *)start >= m->start && (char *)start < m->start + m->length) return store(m);
  errno = ENOMEM;
  return -1;
}

int mprotect(void *start, size_t length, int protection) { return 0; }
