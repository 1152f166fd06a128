/* Who a process is (the lab has one user), and what it has used and may use. */
#include "kernel.h"
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

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

/* sysinfo(2). Nothing is averaged: the load is zero. */
long sys_sysinfo(uptr to) {
  struct sysinfo s = {.mem_unit = 1};
  s.uptime = (long)((now_ns() - kernel_proc.started) / 1000000000);
  s.totalram = machine_memory_most();
  s.freeram = s.totalram - machine_memory_used();
  for (struct proc *p = processes; p; p = p->next)
    s.procs++;
  return copy_to_user(to, &s, sizeof s);
}

/* What the lab has, for its first process; the others inherit. */
void limits_init(struct proc *p) {
  for (size_t i = 0; i < sizeof p->limits / sizeof *p->limits; i++)
    p->limits[i] = (struct limit){RLIM_INFINITY, RLIM_INFINITY};
  p->limits[RLIMIT_NOFILE] = (struct limit){FD_LIMIT, FD_MOST};
  p->limits[RLIMIT_NPROC] = (struct limit){PROC_LIMIT, PROC_LIMIT};
  p->limits[RLIMIT_STACK] = (struct limit){1 << 20, 1 << 20};
  p->limits[RLIMIT_CORE] = (struct limit){0, 0};
}

/* Nobody may raise a hard limit (getrlimit(2)). */
long sys_prlimit(int pid, int resource, uptr new, uptr old) {
  struct limit wanted;
  if (pid && pid != current->pid) return proc_find(pid) ? -EPERM : -ESRCH;
  if (resource < 0 || resource >= RLIM_NLIMITS) return -EINVAL;
  struct limit *limit = &current->limits[resource], before = *limit;
  if (new && copy_from_user(&wanted, new, sizeof wanted)) return -EFAULT;
  if (new && wanted.soft > wanted.hard) return -EINVAL;
  if (new && wanted.hard > limit->hard) return -EPERM;
  if (new) *limit = wanted;
  return old ? copy_to_user(old, &before, sizeof before) : 0;
}
