/* Who a process is (the lab has one user), and what it has used and may use. */
#include "kernel.h"
#include <string.h>
#include <sys/resource.h>

long sys_getids(uptr real, uptr effective, uptr saved) {
  uint32_t id = USER;
  return copy_to_user(real, &id, sizeof id) || copy_to_user(effective, &id, sizeof id) ||
                 copy_to_user(saved, &id, sizeof id)
             ? -EFAULT
             : 0;
}

long sys_setid(int id) { return id == USER ? 0 : -EPERM; }

long sys_getgroups(int size, uptr list) {
  uint32_t id = USER;
  if (size < 0) return -EINVAL;
  if (size && copy_to_user(list, &id, sizeof id)) return -EFAULT;
  return 1;
}

/* Time is all that is counted, and a process's own is the time since it started (time.c). */
long sys_getrusage(int who, uptr to) {
  struct rusage r = {0};
  int64_t ns = now_ns() - current->started;
  if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN) return -EINVAL;
  if (who == RUSAGE_SELF)
    r.ru_utime = (struct timeval){.tv_sec = (time_t)(ns / 1000000000), .tv_usec = (suseconds_t)(ns % 1000000000 / 1000)};
  return copy_to_user(to, &r, sizeof r);
}

/* Limits can be read; they are what the lab has, and setting them to the same is allowed. */
long sys_prlimit(int pid, int resource, uptr new, uptr old) {
  struct { uint64_t soft, hard; } limit = {RLIM_INFINITY, RLIM_INFINITY}, wanted;
  if (pid && pid != current->pid) return proc_find(pid) ? -EPERM : -ESRCH;
  if (resource < 0 || resource >= RLIM_NLIMITS) return -EINVAL;
  if (resource == RLIMIT_NOFILE) limit.soft = limit.hard = FD_LIMIT;
  if (resource == RLIMIT_NPROC) limit.soft = limit.hard = PROC_LIMIT;
  if (resource == RLIMIT_STACK) limit.soft = limit.hard = 1 << 20;
  if (resource == RLIMIT_CORE) limit.soft = limit.hard = 0;
  if (old && copy_to_user(old, &limit, sizeof limit)) return -EFAULT;
  if (!new) return 0;
  if (copy_from_user(&wanted, new, sizeof wanted)) return -EFAULT;
  return memcmp(&wanted, &limit, sizeof limit) ? -EPERM : 0;
}
