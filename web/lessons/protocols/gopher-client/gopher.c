/* Walks through Gopher's menus: ./gopher HOST PORT. Type an item's number. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE = 512, ITEMS = 64 };

struct item {
  char line[LINE]; /* that the others point into */
  char type;
  const char *title, *selector, *host, *port;
};

static struct item menu[ITEMS];
static int count;

static void die(const char *what) {
  perror(what);
  exit(EXIT_FAILURE);
}

/* A connection to be read from, or NULL: then it has said why. */
static FILE *connect_to(const char *host, const char *port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
  int fd = -1, error = getaddrinfo(host, port, &hints, &list);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", host, gai_strerror(error));
    return NULL;
  }
  for (struct addrinfo *a = list; a != NULL && fd == -1; a = a->ai_next) {
    fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd != -1 && connect(fd, a->ai_addr, a->ai_addrlen) == 0) break;
    perror(host);
    if (fd != -1) close(fd);
    fd = -1;
  }
  freeaddrinfo(list);
  return fd == -1 ? NULL : fdopen(fd, "r");
}

/* Asks for an item; `words` are for a search, or empty. */
static FILE *ask(const struct item *what, const char *words) {
  char request[2 * LINE];
  FILE *in = connect_to(what->host, what->port);
  if (in == NULL) return NULL;
  int n = snprintf(request, sizeof request, "%s%s%s\r\n", what->selector,
                   *words != '\0' ? "\t" : "", words);
  if (send(fileno(in), request, (size_t)n, MSG_NOSIGNAL) != n) die("send");
  return in;
}

/* Reads a line, without its end; what is too long for it is dropped. Returns 0
 * when there is no more. */
static int read_line(FILE *in, char line[LINE]) {
  if (fgets(line, LINE, in) == NULL) return 0;
  int c = line[strcspn(line, "\n")];
  while (c != '\n' && c != EOF)
    c = getc(in);
  line[strcspn(line, "\r\n")] = '\0';
  return 1;
}

/* Cuts the next field off: up to a tab, or to the end. It may be empty. */
static const char *cut_field(char **rest) {
  char *field = *rest;
  size_t length = strcspn(field, "\t");
  *rest = field + length + (field[length] == '\t');
  field[length] = '\0';
  return field;
}

static void read_menu(FILE *in) {
  count = 0;
  while (count < ITEMS && read_line(in, menu[count].line)) {
    struct item *item = &menu[count];
    char *rest = item->line + 1;
    if (strcmp(item->line, ".") == 0) break;
    if (item->line[0] == '\0') continue;
    item->type = item->line[0];
    item->title = cut_field(&rest);
    item->selector = cut_field(&rest);
    item->host = cut_field(&rest);
    item->port = cut_field(&rest);
    if (strchr("017", item->type) != NULL)
      printf("%2d %s%s\n", count++, item->title, item->type == '1' ? "/" : "");
    else
      printf("   %s\n", item->title); /* words only, or what we cannot show */
  }
}

static void print_text(FILE *in) {
  char line[LINE];
  while (read_line(in, line) && strcmp(line, ".") != 0)
    printf("%s\n", line[0] == '.' ? line + 1 : line);
}

int main(int argc, char *argv[]) {
  char typed[LINE], words[LINE] = "";
  if (argc != 3) {
    fprintf(stderr, "usage: %s HOST PORT\n", argv[0]);
    return EXIT_FAILURE;
  }
  struct item top = {
      .type = '1', .selector = "", .host = argv[1], .port = argv[2]};
  for (struct item item = top;;) {
    FILE *in = ask(&item, words);
    if (in != NULL && item.type == '0') print_text(in);
    if (in != NULL && item.type != '0') read_menu(in);
    if (in != NULL) fclose(in);
    printf("Which? ");
    fflush(stdout);
    if (!read_line(stdin, typed)) break;
    int number = atoi(typed);
    item = number >= 0 && number < count ? menu[number] : top;
    words[0] = '\0';
    if (item.type == '7') {
      printf("Words? ");
      fflush(stdout);
      if (!read_line(stdin, words)) break;
    }
  }
  printf("\n");
  return 0;
}
