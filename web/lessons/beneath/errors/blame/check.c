/* Shows ICMP messages, good and bad, to ./blame. */
#include "check.h"
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
  ICMP = 1,
  TCP = 6,
  UDP = 17,
  PLAIN = 20, /* an IP header without options */
  ICMP_HEADER = 8,
  QUOTED = 8,
  LARGEST = 576,
  QUIET_MS = 100,
  OURS = 40007,
  UNREACHABLE = 3,
  EXCEEDED = 11
};

/* A message about a datagram; change what is to be unusual, then put it
 * together. */
static struct message {
  const char *who, *to; /* who says it, whom the datagram was for */
  uint8_t type, code, protocol;
  unsigned from, port, fragment;
  size_t header, inner; /* the lengths of the two IP headers */
  size_t quoted;        /* how many bytes of the datagram behind them */
} m;

static uint8_t packet[LARGEST];
static size_t size;
static int peer;
static const char *port;

static void begin(void) {
  char ours[8];
  port = free_port();
  snprintf(ours, sizeof ours, "%d", OURS);
  start("blame", port, ours, NULL);
  peer = datagrams();
  m = (struct message){.who = "192.0.2.9",
                       .to = "198.51.100.7",
                       .type = UNREACHABLE,
                       .code = 3,
                       .protocol = UDP,
                       .from = OURS,
                       .port = 9999,
                       .header = PLAIN,
                       .inner = PLAIN,
                       .quoted = QUOTED};
}

static void put16(uint8_t *to, unsigned number) {
  to[0] = (uint8_t)(number >> 8);
  to[1] = (uint8_t)number;
}

static void put_ip(uint8_t *at, size_t header, size_t all, uint8_t protocol,
                   const char *from, const char *to) {
  memset(at, 1, header); /* options that do nothing */
  memset(at, 0, PLAIN);
  at[0] = (uint8_t)(4 << 4 | header / 4);
  put16(at + 2, (unsigned)all);
  at[8] = 64;
  at[9] = protocol;
  inet_pton(AF_INET, from, at + 12);
  inet_pton(AF_INET, to, at + 16);
}

static unsigned sum_of(const uint8_t *bytes, size_t n) {
  unsigned sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += i % 2 == 0 ? (unsigned)bytes[i] << 8 : bytes[i];
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

static void make(void) {
  static const char here[] = "10.1.2.3";
  uint8_t *icmp = packet + m.header, *ip = icmp + ICMP_HEADER;
  uint8_t *udp = ip + m.inner;
  size = m.header + ICMP_HEADER + m.inner + m.quoted;
  memset(packet, 0, sizeof packet);
  put_ip(ip, m.inner, m.inner + QUOTED + 20, m.protocol, here, m.to);
  put16(ip + 6, m.fragment);
  put16(ip + 10, sum_of(ip, m.inner));
  put16(udp, m.from);
  put16(udp + 2, m.port);
  put16(udp + 4, QUOTED + 20);
  icmp[0] = m.type;
  icmp[1] = m.code;
  put16(icmp + 2, sum_of(icmp, size - m.header));
  put_ip(packet, m.header, size, ICMP, m.who, here);
  put16(packet + 10, sum_of(packet, m.header));
}

static void explained(const char *wanted) {
  make();
  say_datagram(peer, port, packet, size);
  hear_this_datagram(peer, wanted, strlen(wanted));
}

static void unanswered(size_t n) {
  say_datagram(peer, port, packet, n);
  hear_no_datagram(peer, QUIET_MS);
}

static void plain(void) {
  begin();
  explained("192.0.2.9: port unreachable, for 198.51.100.7:9999\n");
  m.who = m.to = "203.0.113.250";
  m.port = 53;
  m.quoted = 28; /* many quote more than they have to */
  explained("203.0.113.250: port unreachable, for 203.0.113.250:53\n");
}

static void meanings(void) {
  begin();
  m.code = 0;
  explained("192.0.2.9: network unreachable, for 198.51.100.7:9999\n");
  m.code = 1;
  explained("192.0.2.9: host unreachable, for 198.51.100.7:9999\n");
  m.code = 13;
  explained("192.0.2.9: unreachable, for 198.51.100.7:9999\n");
  m.type = EXCEEDED;
  m.code = 0;
  explained("192.0.2.9: time exceeded, for 198.51.100.7:9999\n");
}

/* The answers to what traceroute sends. */
static void route(void) {
  static const char *const routers[] = {"10.1.2.1", "192.0.2.1", "192.0.2.77"};
  char wanted[100];
  begin();
  m.type = EXCEEDED;
  m.code = 0;
  for (unsigned i = 0; i < 3; i++) {
    m.who = routers[i];
    m.port = 33434 + i;
    snprintf(wanted, sizeof wanted, "%s: time exceeded, for %s:%u\n", m.who,
             m.to, m.port);
    explained(wanted);
  }
}

static void options(void) {
  begin();
  m.header = 24;
  explained("192.0.2.9: port unreachable, for 198.51.100.7:9999\n");
  m.header = 60;
  explained("192.0.2.9: port unreachable, for 198.51.100.7:9999\n");
}

static void inner_options(void) {
  begin();
  m.inner = 32;
  explained("192.0.2.9: port unreachable, for 198.51.100.7:9999\n");
  m.header = m.inner = 60;
  explained("192.0.2.9: port unreachable, for 198.51.100.7:9999\n");
}

/* No error of a datagram; and then one. */
static void other_messages(void) {
  static const uint8_t others[][2] = {{0, 0}, {8, 0}, {5, 1}, {11, 1}, {12, 0}};
  begin();
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    m.type = others[i][0];
    m.code = others[i][1];
    make();
    unanswered(size);
  }
  m.type = UNREACHABLE;
  m.code = 3;
  explained("192.0.2.9: port unreachable, for 198.51.100.7:9999\n");
}

static void not_ours(void) {
  begin();
  m.from = OURS + 1;
  make();
  unanswered(size);
  m.from = 9999;
  m.port = OURS;
  make();
  unanswered(size);
}

static void not_udp(void) {
  begin();
  m.protocol = TCP;
  make();
  unanswered(size);
  m.protocol = ICMP;
  make();
  unanswered(size);
}

static void fragments(void) {
  begin();
  m.fragment = 0x2000; /* the first: more follow, and the ports are there */
  explained("192.0.2.9: port unreachable, for 198.51.100.7:9999\n");
  m.fragment = 0x4000; /* not to be cut */
  explained("192.0.2.9: port unreachable, for 198.51.100.7:9999\n");
  m.fragment = 0x20b9;
  make();
  unanswered(size);
  m.fragment = 185;
  make();
  unanswered(size);
}

/* What is missing is still in the program's buffer, from the one before. */
static void cut(void) {
  begin();
  explained("192.0.2.9: port unreachable, for 198.51.100.7:9999\n");
  for (size_t n = 0; n < size && !failed(); n += n == 20 ? 7 : 5)
    unanswered(n);
  m.inner = 60;
  m.quoted = 0;
  make();
  unanswered(PLAIN + ICMP_HEADER + PLAIN + QUOTED);
  m.inner = PLAIN;
  m.quoted = QUOTED;
  make();
  packet[PLAIN + ICMP_HEADER] = 4 << 4; /* a header of 0 bytes */
  unanswered(size);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a port where nobody is", plain,
        "Who says it is the source of the packet. Whom it was for stands in "
        "the quoted IP header, behind the 8 bytes of the ICMP header, and the "
        "port in the UDP header behind that: high byte first.");
  check("other errors", meanings,
        "The type is the ICMP header's first byte, the code its second.");
  check("the answers along a route", route,
        "Each comes from another router, and the quoted port tells which "
        "datagram it was.");
  check("an IP header with options", options,
        "The low four bits of an IP header's first byte are its length, in "
        "units of 4 bytes. It need not be 20.");
  check("options in the quoted header", inner_options,
        "The quoted IP header has a length of its own, too.");
  check("messages that are no such error", other_messages,
        "Only type 3, and type 11 with code 0, are answered.");
  check("errors of another program's datagrams", not_ours,
        "Every raw socket sees the errors of the whole host. The quoted source "
        "port says whose it is.");
  check("errors of TCP and of ping", not_udp,
        "Byte 9 of the quoted IP header says what it carried: UDP is 17.");
  check("errors of fragments", fragments,
        "Only a first fragment has the ports. The low 13 bits of bytes 6 and 7 "
        "of the quoted IP header say where a fragment begins; at 0, it is the "
        "first, or the whole.");
  check("messages that are cut short", cut,
        "Before you look at a byte, be sure that it came: what is behind the "
        "end is left from an earlier packet.");
  return check_end();
}
