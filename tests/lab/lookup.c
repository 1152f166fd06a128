/* Prints what the library finds: lookup [-4 | -6] NAME... or ADDRESS..., a line for each. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void forward(const char *name, int family) {
  struct addrinfo hints = {
      .ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = AI_CANONNAME};
  struct addrinfo *list;
  int error = getaddrinfo(name, NULL, &hints, &list), count = 0;
  printf("%s:", name);
  if (error) {
    printf(" %s\n", gai_strerror(error));
    return;
  }
  printf(" %s", list->ai_canonname);
  for (struct addrinfo *r = list; r; r = r->ai_next, count++) {
    char text[NI_MAXHOST] = "?";
    getnameinfo(r->ai_addr, r->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
    if (count < 4) printf(" %s", text);
  }
  printf(count < 4 ? "\n" : " (%d)\n", count);
  freeaddrinfo(list);
}

static void reverse(const char *text, int family, const void *address) {
  struct hostent *h = gethostbyaddr(address, family == AF_INET ? 4 : 16, family);
  printf("%s: %s\n", text, h ? h->h_name : hstrerror(h_errno));
}

int main(int argc, char **argv) {
  int family = AF_UNSPEC;
  unsigned char address[16];
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "-4"))
      family = AF_INET;
    else if (!strcmp(argv[i], "-6"))
      family = AF_INET6;
    else if (inet_pton(AF_INET, argv[i], address) == 1)
      reverse(argv[i], AF_INET, address);
    else if (inet_pton(AF_INET6, argv[i], address) == 1)
      reverse(argv[i], AF_INET6, address);
    else
      forward(argv[i], family);
  }
  return 0;
}
