/* execve and its relatives: what another program in the same process has, and has not. */
#include "check.h"
#include <fcntl.h>
#include <sys/stat.h>

/* --- the program that is executed --- */

static int says(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    printf("argument %d = %s\n", i, argv[i]);
  return argc;
}

static int looks(char **argv) {
  struct sigaction a;
  sigset_t mask;
  char *given = getenv("WORD");
  printf("WORD = %s\n", given ? given : "(none)");
  VALUE(getpid() == atoi(argv[2]));
  VALUE(fcntl(10, F_GETFD));
  CALL(fcntl(11, F_GETFD));
  sigaction(SIGUSR1, NULL, &a);
  VALUE(a.sa_handler == SIG_DFL);
  sigaction(SIGUSR2, NULL, &a);
  VALUE(a.sa_handler == SIG_IGN);
  sigprocmask(SIG_BLOCK, NULL, &mask);
  VALUE(sigismember(&mask, SIGHUP));
  VALUE(sigismember(&mask, SIGINT));
  sigpending(&mask);
  VALUE(sigismember(&mask, SIGHUP));
  VALUE((long)umask(0));
  return 6;
}

/* --- those who execute it --- */

static void run(void (*executes)(void)) {
  fflush(stdout);
  pid_t pid = fork();
  if (!pid) {
    executes();
    printf("exec answered %s\n", error_name(errno));
    _exit(100);
  }
  printf("it ended = %d\n", ended(pid));
}

static void by_list(void) { execl(check_argv[0], "name", "says", "one", "two words", "", NULL); }
static char name[] = "name", says_word[] = "says", one[] = "1", word[] = "WORD=given";
static void by_vector(void) { execv(check_argv[0], (char *[]){name, says_word, one, NULL}); }
static void with_environment(void) {
  char pid[16];
  snprintf(pid, sizeof pid, "%d", getpid());
  execle(check_argv[0], "name", "looks", pid, NULL, (char *[]){word, NULL});
}
static void by_path(void) {
  char *slash = strrchr(check_argv[0], '/');
  *slash = 0;
  setenv("PATH", check_argv[0], 1);
  execlp(slash + 1, "name", "says", "found", NULL);
}
static void not_by_path(void) {
  setenv("PATH", "/none:/tmp", 1);
  execlp("there-is-no-such-program", "name", NULL);
}
static void nothing(void) { execl("/none", "name", NULL); }
static void a_folder(void) { execl("/tmp", "name", NULL); }
static void no_name(void) { execl("", "name", NULL); }
static void bad_address(void) { execv(BAD, (char *[]){name, NULL}); }
static void bad_arguments(void) { execv(check_argv[0], (char **)BAD); }

static void text(const char *path, mode_t mode) {
  int fd = must(open(path, O_WRONLY | O_CREAT | O_TRUNC, mode), "open");
  write(fd, "no program\n", 11);
  close(fd);
}
static void not_executable(void) { execl("./text", "name", NULL); }
static void no_program(void) { execl("./program", "name", NULL); }

/* execve that fails leaves all as it was. */
static void failing(void) {
  int fd = must(open("/dev/null", O_RDONLY | O_CLOEXEC), "open");
  catch(SIGUSR1, 0);
  CALL(execl("/none", "name", NULL));
  VALUE(fcntl(fd, F_GETFD));
  raise(SIGUSR1);
  VALUE(caught);
  close(fd);
}

static void kept(void) {
  heading("what is kept");
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGHUP);
  catch(SIGUSR1, 0);
  signal(SIGUSR2, SIG_IGN);
  umask(027);
  int null = must(open("/dev/null", O_RDONLY), "open");
  dup2(null, 10);
  dup3(null, 11, O_CLOEXEC);
  fflush(stdout);
  pid_t pid = fork();
  if (!pid) {
    raise(SIGHUP);
    with_environment();
  }
  VALUE(ended(pid));
  VALUE(fcntl(11, F_GETFD));
}

static void chain(void) {
  heading("one after the other");
  fflush(stdout);
  int fds[2];
  must(pipe(fds), "pipe");
  pid_t pid = fork();
  if (!pid) {
    dup2(fds[1], 1);
    execl(check_argv[0], "name", "again", "3", NULL);
  }
  close(fds[1]);
  char all[256];
  size_t n = 0;
  ssize_t got;
  while ((got = read(fds[0], all + n, sizeof all - n)) > 0)
    n += (size_t)got;
  BYTES(all, n);
  VALUE(ended(pid));
  close(fds[0]);
}

static int again(char **argv) {
  int left = atoi(argv[2]);
  printf("%d left\n", left);
  fflush(stdout);
  if (!left) return 8;
  char number[16];
  snprintf(number, sizeof number, "%d", left - 1);
  execl(getenv("SELF"), "name", "again", number, NULL);
  return 100;
}

int main(int argc, char **argv) {
  check_argv = argv;
  if (argc > 1 && !strcmp(argv[1], "says")) return says(argc, argv);
  if (argc > 1 && !strcmp(argv[1], "looks")) return looks(argv);
  if (argc > 1 && !strcmp(argv[1], "again")) return again(argv);
  setenv("SELF", argv[0], 1);
  text("text", 0600);
  text("program", 0700);
  static const struct {
    const char *title;
    void (*executes)(void);
  } ways[] = {{"execl", by_list},
              {"execv", by_vector},
              {"execlp", by_path},
              {"execlp of what is not there", not_by_path},
              {"no such file", nothing},
              {"a folder", a_folder},
              {"no name", no_name},
              {"a bad address", bad_address},
              {"bad arguments", bad_arguments},
              {"a file that may not be executed", not_executable},
              {"a text", no_program}};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    heading(ways[i].title);
    run(ways[i].executes);
  }
  heading("it goes on");
  failing();
  kept();
  chain();
  unlink("text");
  unlink("program");
}
