/* Changing who one is. The kernel takes what is asked for if it is who one is already: a process
 * has one user, real, effective and saved. */
#define _GNU_SOURCE
#include "call.h"
#include <unistd.h>

CALL(setuid32) long kernel_setuid(uid_t id);
CALL(setgid32) long kernel_setgid(gid_t id);

int setuid(uid_t id) { return (int)answer(kernel_setuid(id)); }
int setgid(gid_t id) { return (int)answer(kernel_setgid(id)); }

int setresuid(uid_t real, uid_t effective, uid_t saved) {
  const uid_t ids[] = {real, effective, saved};
  for (int i = 0; i < 3; i++)
    if (ids[i] != (uid_t)-1 && setuid(ids[i])) return -1;
  return 0;
}

int setresgid(gid_t real, gid_t effective, gid_t saved) {
  const gid_t ids[] = {real, effective, saved};
  for (int i = 0; i < 3; i++)
    if (ids[i] != (gid_t)-1 && setgid(ids[i])) return -1;
  return 0;
}

int setreuid(uid_t real, uid_t effective) { return setresuid(real, effective, (uid_t)-1); }
int setregid(gid_t real, gid_t effective) { return setresgid(real, effective, (gid_t)-1); }
int seteuid(uid_t id) { return setresuid((uid_t)-1, id, (uid_t)-1); }
int setegid(gid_t id) { return setresgid((gid_t)-1, id, (gid_t)-1); }
