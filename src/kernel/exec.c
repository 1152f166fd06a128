/* execve: another program in the same process. */
#include "kernel.h"
#include <stdlib.h>

/* Handlers are gone with the program that had them; what is ignored or blocked stays so. */
static void default_actions(struct proc *p) {
  for (int sig = 1; sig < _NSIG; sig++)
    if (p->actions[sig].handler != (uptr)SIG_IGN) p->actions[sig] = (struct action){0};
}

/* From here on there is no way back. Takes the image and the strings over. */
static _Noreturn void run_instead(const char *path, struct inode *image, char *arguments,
                                  size_t arguments_size, char *environment,
                                  size_t environment_size) {
  struct proc *p = current;
  caller->tid = p->pid;
  caller->cancel = CANCEL_DEFERRED;
  free(p->arguments);
  free(p->environment);
  p->arguments = arguments;
  p->environment = environment;
  proc_strings(p, arguments_size, environment_size);
  fs_image_end(p->image);
  inode_put(p->image);
  p->image = inode_hold(image);
  fd_close_on_exec(p);
  default_actions(p);
  if (p->traced) trace_start(p, path, 0);
  proc_run(caller, EVENT_EXEC, 0, 0);
  net_run();
  caller->in_kernel = false;
  unlock();
  machine_exec();
}

/* POSIX execve. Returns only if it fails. */
long sys_execve(uptr path, uptr argv, uptr envp) {
  char name[PATH_LIMIT], *arguments = NULL, *environment = NULL;
  struct inode *image;
  long error = user_path(name, path);
  if (error >= 0) error = fs_image(name, &image);
  if (error < 0) return error;
  long size = join_strings(argv, &arguments), environment_size = 0;
  if (size >= 0) environment_size = join_strings(envp, &environment);
  error = size < 0 ? size : environment_size < 0 ? environment_size : thread_alone();
  if (!error)
    run_instead(name, image, arguments, (size_t)size, environment, (size_t)environment_size);
  free(arguments);
  free(environment);
  fs_image_end(image);
  return error;
}
