/* wrong: got `-1` */
/* Makes sockets, says what they are, closes them, as its input says. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct word {
  const char *text;
  int number;
};

static const struct word domains[] = {
    {"inet", AF_INET}, {"inet6", AF_INET6}, {"unix", AF_UNIX}, {NULL, -1}};
static const struct word types[] = {
    {"stream", SOCK_STREAM}, {"dgram", SOCK_DGRAM}, {"seqpacket", SOCK_SEQPACKET}, {NULL, -1}};

/* -1 if there is no such word. */
static int number_of(const struct word *words, const char *text) {
  while (words->text && strcmp(words->text, text) != 0)
    words++;
  return words->number;
}

static const char *word_of(const struct word *words, int number) {
  while (words->text && words->number != number)
    words++;
  return words->text ? words->text : "unknown";
}

static void answer_error(void) { printf("error: %s\n", strerror(errno)); }

static void open_socket(int domain, int type) {
  int fd = socket(domain, type, 0);
  printf("%d\n", fd);
}

/* An option of the socket that is an int; -1 with errno. */
static int option(int fd, int name) {
  int value;
  socklen_t size = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, name, &value, &size) == -1) return -1;
  return value;
}

static void what(int fd) {
  int domain = option(fd, SO_DOMAIN);
  int type = option(fd, SO_TYPE);
  if (domain == -1 || type == -1)
    answer_error();
  else
    printf("%s %s\n", word_of(domains, domain), word_of(types, type));
}

static void close_socket(int fd) {
  if (close(fd) == -1)
    answer_error();
  else
    printf("closed\n");
}

int main(void) {
  char line[80], domain[16], type[16];
  int fd;

  setvbuf(stdout, NULL, _IOLBF, 0); /* each answer goes out at once */
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "open %15s %15s", domain, type) == 2)
      open_socket(number_of(domains, domain), number_of(types, type));
    else if (sscanf(line, "what %d", &fd) == 1)
      what(fd);
    else if (sscanf(line, "close %d", &fd) == 1)
      close_socket(fd);
    else
      printf("error: what is that?\n");
  }
  return 0;
}
