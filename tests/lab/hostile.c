/* A DNS server that lies: what is wrong with its answer is the first part of the name asked for.
 * 10.9.8.7 is the truth, 6.6.6.6 the lie. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SIZE = 512, HEADER = 12, A = 1, CNAME = 5, PTR = 12 };

static int server, other; /* other: from a port that was not asked */
static struct sockaddr_in client;
static uint8_t query[SIZE], reply[SIZE];
static size_t query_size, size;

static void begin(void) {
  memcpy(reply, query, query_size);
  reply[2] |= 0x80;
  size = query_size;
}

/* owner: a name in wire form, with its end or a pointer as such */
static void add(const char *owner, size_t owner_size, int type, const void *data, size_t data_size,
                size_t said) {
  uint8_t head[] = {0, (uint8_t)type, 0, 1, 0, 0, 0, 9, (uint8_t)(said >> 8), (uint8_t)said};
  memcpy(reply + size, owner, owner_size);
  size += owner_size;
  memcpy(reply + size, head, sizeof head);
  memcpy(reply + size + sizeof head, data, data_size);
  size += sizeof head + data_size;
  reply[7]++;
}

#define OF_QUESTION "\xc0\x0c", 2
static void add_truth(void) { add(OF_QUESTION, A, "\x0a\x09\x08\x07", 4, 4); }
static void add_lie(void) { add(OF_QUESTION, A, "\x06\x06\x06\x06", 4, 4); }

static void out(int s) { sendto(s, reply, size, 0, (struct sockaddr *)&client, sizeof client); }

static bool asked(const char *what) {
  return query[HEADER] == strlen(what) && !memcmp(query + HEADER + 1, what, query[HEADER]);
}

/* Lies that are to be passed over, then the truth. */
static void lie_and_tell(void) {
  begin();
  add_lie();
  if (asked("id")) reply[1] ^= 1;
  if (asked("question")) reply[HEADER + 1] ^= 1;
  if (asked("type")) reply[query_size - 3] ^= 1;
  if (asked("noreply")) reply[2] &= 0x7f;
  if (asked("none")) reply[5] = 0;
  if (asked("short")) size = 5;
  out(asked("port") ? other : server);
  begin();
  add_truth();
  out(server);
}

static bool one_answer(void) {
  begin();
  if (asked("owner"))
    add("\x05other", 7, A, "\x06\x06\x06\x06", 4, 4);
  else if (asked("chain")) {
    add("\x01z\xc0\x0c", 4, A, "\x0a\x09\x08\x07", 4, 4); /* the end of it comes first */
    add("\x01y\xc0\x0c", 4, CNAME, "\x01z\xc0\x0c", 4, 4);
    add(OF_QUESTION, CNAME, "\x01y\xc0\x0c", 4, 4);
  } else if (asked("circle"))
    add(OF_QUESTION, CNAME, "\xc0\x0c", 2, 2);
  else if (asked("pointer"))
    add("\xc0\xff", 2, A, "\x06\x06\x06\x06", 4, 4);
  else if (asked("length"))
    add(OF_QUESTION, A, "\x06\x06\x06\x06", 4, 3);
  else if (asked("over"))
    add(OF_QUESTION, A, "\x06\x06\x06\x06", 4, 400);
  else if (asked("count"))
    add_truth(), reply[6] = 0xff;
  else if (asked("words"))
    add(OF_QUESTION, CNAME, "\x04rm *", 6, 6), add("\x04rm *", 6, A, "\x06\x06\x06\x06", 4, 4);
  else if (asked("1")) /* an address whose name is not one */
    add(OF_QUESTION, PTR, "\x07$(halt)", 9, 9);
  else if (asked("fail"))
    reply[3] = 2;
  else
    return false;
  out(server);
  return true;
}

int main(void) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(53)};
  server = socket(AF_INET, SOCK_DGRAM, 0);
  other = socket(AF_INET, SOCK_DGRAM, 0);
  if (bind(server, (struct sockaddr *)&here, sizeof here)) return 1;
  for (;;) {
    socklen_t length = sizeof client;
    ssize_t n = recvfrom(server, query, SIZE / 2, 0, (struct sockaddr *)&client, &length);
    if (n < HEADER + 6) continue;
    query_size = (size_t)n;
    if (!asked("silent") && !one_answer()) lie_and_tell();
  }
}
