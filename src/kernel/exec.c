/* execve: another program in the same process. */
#include "kernel.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
  usage_pause(caller); /* until the other program begins */
  proc_run(caller, EVENT_EXEC, 0, 0);
  net_run();
  syscall_leave();
  machine_exec();
}

/* The interpreter that a script's first line names, and its one argument or NULL, cut out of
 * `line`. 0 or -ENOEXEC. */
static int first_line(const struct inode *i, char line[256], char **interpreter, char **argument) {
  size_t n = i->size - 2 < 255 ? i->size - 2 : 255;
  memcpy(line, i->data + 2, n);
  line[n] = 0;
  line[strcspn(line, "\n")] = 0;
  *interpreter = line + strspn(line, " \t");
  char *end = *interpreter + strcspn(*interpreter, " \t");
  *argument = end + strspn(end, " \t");
  *end = 0;
  for (size_t left = strlen(*argument); left && strchr(" \t", (*argument)[left - 1]); left--)
    (*argument)[left - 1] = 0;
  if (!**argument) *argument = NULL;
  return **interpreter ? 0 : -ENOEXEC;
}

/* execve(2), Interpreter scripts: `name` and the arguments, of *size bytes, become those of the
 * interpreter. 0 or -errno; for what is no script, nothing happens. */
int script_resolve(char name[PATH_LIMIT], char **arguments, long *size) {
  enum { DEPTH = 5 };
  for (int depth = 0; depth < DEPTH; depth++) {
    struct inode *i;
    char line[256], *interpreter, *argument;
    if (path_find(fs_cwd(), name, FOLLOW, &i) || !S_ISREG(i->mode)) return 0;
    if (!inode_allows(i, X_OK) || i->size < 3 || memcmp(i->data, "#!", 2)) return 0;
    int error = first_line(i, line, &interpreter, &argument);
    if (error) return error;
    size_t old = *size ? strlen(*arguments) + 1 : 0, rest = (size_t)*size - old;
    size_t room =
        strlen(interpreter) + 1 + (argument ? strlen(argument) + 1 : 0) + strlen(name) + 1;
    char *all = malloc(room + rest), *to = all;
    if (!all) return -ENOMEM;
    to = stpcpy(to, interpreter) + 1;
    if (argument) to = stpcpy(to, argument) + 1;
    to = stpcpy(to, name) + 1;
    if (rest) memcpy(to, *arguments + old, rest);
    free(*arguments);
    *arguments = all;
    *size = (long)(room + rest);
    strcpy(name, interpreter);
  }
  return -ELOOP;
}

/* POSIX execve. Returns only if it fails. */
long sys_execve(uptr path, uptr argv, uptr envp) {
  char name[PATH_LIMIT], *arguments = NULL, *environment = NULL;
  struct inode *image = NULL;
  long error = user_path(name, path);
  if (error >= 0) error = fs_image(name, &image);
  if (error < 0 && error != -ENOEXEC) return error;
  long size = join_strings(argv, &arguments), environment_size = 0;
  if (size >= 0) environment_size = join_strings(envp, &environment);
  error = size < 0 ? size : environment_size < 0 ? environment_size : 0;
  if (!error && !image) error = script_resolve(name, &arguments, &size);
  if (!error && !image) error = fs_image(name, &image);
  if (!error) error = thread_alone();
  if (!error)
    run_instead(name, image, arguments, (size_t)size, environment, (size_t)environment_size);
  free(arguments);
  free(environment);
  if (image) fs_image_end(image);
  return error;
}
