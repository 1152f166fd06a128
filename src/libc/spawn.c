/* posix_spawn. The kernel takes the file actions as one array:
 *   __syscall_posix_spawn(path, argv, envp, struct list *, posix_spawnattr_t *) -> pid or -errno
 * where both of the last two may be 0; struct list is below. */
#include "call.h"
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum operation { CLOSE = 1, DUP2, OPEN, CHDIR, FCHDIR };
struct action {
  int operation, fd, source; /* source: DUP2's */
  int flags;                 /* OPEN's */
  unsigned mode;
  char *path; /* OPEN's and CHDIR's; ours */
};
struct list {
  int count;
  struct action actions[];
};

CALL(posix_spawn)
long kernel_posix_spawn(const char *path, char *const *argv, char *const *envp,
                        const struct list *actions, const posix_spawnattr_t *attributes);

/* posix_spawn_file_actions_t has one pointer for the library's use. */
static struct list *list_of(const posix_spawn_file_actions_t *a) { return a->__actions; }

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *a) {
  a->__actions = NULL;
  return 0;
}

int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *a) {
  struct list *list = list_of(a);
  for (int i = 0; list && i < list->count; i++)
    free(list->actions[i].path);
  free(list);
  a->__actions = NULL;
  return 0;
}

static int add(posix_spawn_file_actions_t *a, struct action action, const char *path) {
  if (path && !(action.path = strdup(path))) return ENOMEM;
  struct list *list = list_of(a);
  int count = list ? list->count : 0;
  list = realloc(list, sizeof *list + ((size_t)count + 1) * sizeof *list->actions);
  if (!list) {
    free(action.path);
    return ENOMEM;
  }
  list->actions[count] = action;
  list->count = count + 1;
  a->__actions = list;
  return 0;
}

int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *a, int fd) {
  if (fd < 0) return EBADF;
  return add(a, (struct action){.operation = CLOSE, .fd = fd}, NULL);
}

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *a, int from, int to) {
  if (from < 0 || to < 0) return EBADF;
  return add(a, (struct action){.operation = DUP2, .fd = to, .source = from}, NULL);
}

int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *restrict a, int fd,
                                     const char *restrict path, int flags, mode_t mode) {
  if (fd < 0) return EBADF;
  return add(a, (struct action){.operation = OPEN, .fd = fd, .flags = flags, .mode = mode}, path);
}

int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *restrict a,
                                         const char *restrict path) {
  return add(a, (struct action){.operation = CHDIR}, path);
}

int posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *a, int fd) {
  if (fd < 0) return EBADF;
  return add(a, (struct action){.operation = FCHDIR, .fd = fd}, NULL);
}

int posix_spawn(pid_t *restrict pid, const char *restrict path,
                const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *restrict attributes, char *const *restrict argv,
                char *const *restrict envp) {
  long result = kernel_posix_spawn(path, argv, envp, actions ? list_of(actions) : NULL, attributes);
  if (result < 0) return (int)-result;
  if (pid) *pid = (pid_t)result;
  return 0;
}

int posix_spawnp(pid_t *restrict pid, const char *restrict name,
                 const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *restrict attributes, char *const *restrict argv,
                 char *const *restrict envp) {
  if (!*name) return ENOENT;
  if (strchr(name, '/')) return posix_spawn(pid, name, actions, attributes, argv, envp);
  const char *path = getenv("PATH");
  if (!path) path = "/bin:/usr/bin";
  int error = ENOENT;
  for (;;) {
    char file[4096];
    int length = (int)strcspn(path, ":");
    int n = snprintf(file, sizeof file, "%.*s%s%s", length, path, length ? "/" : "", name);
    if (n < (int)sizeof file) {
      int result = posix_spawn(pid, file, actions, attributes, argv, envp);
      if (result == EACCES)
        error = EACCES;
      else if (result != ENOENT && result != ENOTDIR)
        return result;
    }
    if (!path[length]) return error;
    path += length + 1;
  }
}
