/* AF_PACKET: frames of a type of our own on the loopback. On Linux for root only. */
#include "check.h"
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <stddef.h>
#include <sys/ioctl.h>

enum { OWN = 0x88b5 }; /* IEEE 802: for experiments */
enum { SOL_OF_PACKET = 263 };

static struct sockaddr_ll on(int device, int protocol) {
  return (struct sockaddr_ll){.sll_family = AF_PACKET,
                              .sll_protocol = htons((unsigned short)protocol),
                              .sll_ifindex = device,
                              .sll_halen = 6};
}

static void print_address(const struct sockaddr_ll *a, socklen_t length) {
  static const char *const kinds[] = {"host", "broadcast", "multicast", "other host", "outgoing"};
  printf(
      "  length %d family %d protocol %04x device %d hardware %d kind %s address %d: %02x..%02x\n",
      (int)length, a->sll_family, ntohs(a->sll_protocol), a->sll_ifindex, a->sll_hatype,
      kinds[a->sll_pkttype], a->sll_halen, a->sll_addr[0], a->sll_addr[5]);
}

/* The next frame of our own, where others may come too. */
static void next(int s) {
  unsigned char bytes[256];
  struct sockaddr_ll from;
  socklen_t length;
  ssize_t n;
  do {
    length = sizeof from;
    n = recvfrom(s, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &length);
  } while (n >= 0 && from.sll_protocol != htons(OWN));
  printf("  %d bytes, the last %02x\n", (int)n, n > 0 ? bytes[n - 1] : 0);
  print_address(&from, length);
}

static void names(void) {
  heading("names");
  struct sockaddr_ll a = on((int)if_nametoindex("lo"), OWN), got;
  struct sockaddr_in in = loopback(9);
  socklen_t length = sizeof got;
  int s = OPEN(socket(AF_PACKET, SOCK_RAW, htons(OWN)));
  CALL(getsockname(s, (struct sockaddr *)&got, &length));
  print_address(&got, length);
  CALL(bind(s, (struct sockaddr *)&a, sizeof a - 1));
  CALL(bind(s, (struct sockaddr *)&in, sizeof a));
  a.sll_ifindex = 4711;
  CALL(bind(s, (struct sockaddr *)&a, sizeof a));
  a.sll_ifindex = (int)if_nametoindex("lo");
  CALL(bind(s, (struct sockaddr *)&a, sizeof a));
  length = sizeof got;
  CALL(getsockname(s, (struct sockaddr *)&got, &length));
  print_address(&got, length);
  CALL(getpeername(s, (struct sockaddr *)&got, &length));
  CALL(connect(s, (struct sockaddr *)&a, sizeof a));
  CALL(listen(s, 1));
  CALL(accept(s, NULL, NULL));
  CALL(shutdown(s, SHUT_RD));
  CALL(socket(AF_PACKET, SOCK_STREAM, 0));
  close(s);
}

static void frames(void) {
  heading("frames");
  unsigned char frame[64] = {[0] = 0x02,      [5] = 0x09,        [6] = 0x02, [11] = 0x07,
                             [12] = OWN >> 8, [13] = OWN & 0xff, [63] = 0x5a};
  struct sockaddr_ll a = on((int)if_nametoindex("lo"), OWN), none = on(0, OWN);
  int raw = OPEN(socket(AF_PACKET, SOCK_RAW, htons(OWN)));
  int cooked = OPEN(socket(AF_PACKET, SOCK_DGRAM, htons(OWN)));
  int all = OPEN(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
  int deaf = OPEN(socket(AF_PACKET, SOCK_RAW, 0));
  CALL(send(raw, frame, sizeof frame, 0));
  CALL(sendto(raw, frame, sizeof frame, 0, (struct sockaddr *)&none, sizeof none));
  CALL(sendto(raw, frame, sizeof frame, 0, (struct sockaddr *)&a, sizeof a - 4));
  CALL(sendto(raw, frame, 13, 0, (struct sockaddr *)&a, sizeof a));
  CALL(sendto(raw, frame, sizeof frame, 0, (struct sockaddr *)&a, sizeof a));
  next(raw);
  next(cooked);
  next(all);
  next(all);
  memset(frame, 0xff, 6);
  CALL(bind(raw, (struct sockaddr *)&a, sizeof a));
  CALL(send(raw, frame, sizeof frame, 0));
  next(raw);
  next(cooked);
  frame[0] = 1;
  CALL(send(raw, frame, sizeof frame, 0));
  next(raw);
  memset(frame, 0, 6);
  CALL(send(raw, frame, sizeof frame, 0));
  next(raw);
  CALL(recv(deaf, frame, sizeof frame, MSG_DONTWAIT));
  close(raw), close(cooked), close(all), close(deaf);
}

static void cooked(void) {
  heading("without the header");
  char bytes[32];
  unsigned statistics[2];
  struct sockaddr_ll a = on((int)if_nametoindex("lo"), OWN);
  socklen_t length = sizeof statistics;
  int s = OPEN(socket(AF_PACKET, SOCK_DGRAM, htons(OWN))), waiting = 0;
  CALL(bind(s, (struct sockaddr *)&a, sizeof a));
  CALL(recv(s, bytes, sizeof bytes, MSG_DONTWAIT));
  CALL(sendto(s, "hello", 5, 0, (struct sockaddr *)&a, sizeof a));
  CALL(sendto(s, "xy", 2, 0, (struct sockaddr *)&a, sizeof a));
  READY(s);
  CALL(ioctl(s, FIONREAD, &waiting));
  VALUE(waiting);
  CALL(recv(s, bytes, sizeof bytes, MSG_PEEK));
  CALL(recv(s, bytes, 3, MSG_TRUNC));
  BYTES(bytes, 3);
  CALL(recv(s, bytes, sizeof bytes, 0));
  CALL(getsockopt(s, SOL_OF_PACKET, PACKET_STATISTICS, statistics, &length));
  printf("  %u packets, %u dropped\n", statistics[0], statistics[1]);
  CALL(getsockopt(s, SOL_OF_PACKET, PACKET_STATISTICS, statistics, &length));
  printf("  %u packets, %u dropped\n", statistics[0], statistics[1]);
  struct packet_mreq r = {.mr_ifindex = a.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
  CALL(setsockopt(s, SOL_OF_PACKET, PACKET_ADD_MEMBERSHIP, &r, sizeof r));
  r.mr_ifindex = 4711;
  CALL(setsockopt(s, SOL_OF_PACKET, PACKET_ADD_MEMBERSHIP, &r, sizeof r));
  close(s);
}

int main(void) {
  names();
  frames();
  cooked();
  return 0;
}
