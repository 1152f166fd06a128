/* Mirrors for ./fetch PORT WORD HOST...: on 127.0.0.1 or ::1, and often not
 * where the first host is. 127.0.0.2 and those behind it are this machine, too;
 * nobody listens there. */
#include "check.h"
#include <stdio.h>

enum { DEAD = 24, DESCRIPTORS = 12 };

static struct program *fetch;

static void answers(int mirror) {
  hear(mirror, "water\r\n");
  say(mirror, "wet\n");
  hang_up(mirror);
  prints(fetch, "wet\n");
  prints_end(fetch);
  ends(fetch, 0);
}

static void one(void) {
  int listener = listen_tcp();
  fetch = start("fetch", port_of(listener), "water", "127.0.0.1", NULL);
  answers(caller(listener));
}

static void six(void) {
  int listener = listen_tcp6();
  fetch = start("fetch", port_of(listener), "water", "::1", NULL);
  answers(caller(listener));
}

static void third(void) {
  int listener = listen_tcp();
  fetch = start("fetch", port_of(listener), "water", "127.0.0.2", "127.0.0.3",
                "127.0.0.1", NULL);
  answers(caller(listener));
}

static void other_family(void) {
  int listener = listen_tcp();
  fetch = start("fetch", port_of(listener), "water", "::1", "127.0.0.1", NULL);
  answers(caller(listener));
  listener = listen_tcp6();
  fetch = start("fetch", port_of(listener), "water", "127.0.0.1", "::1", NULL);
  answers(caller(listener));
}

static void no_address(void) {
  int listener = listen_tcp();
  fetch = start("fetch", port_of(listener), "water", "fd00::no::address",
                "127.0.0.1", NULL);
  answers(caller(listener));
}

static void only_the_first(void) {
  int listener = listen_tcp();
  fetch = start("fetch", port_of(listener), "water", "127.0.0.1", "127.0.0.1",
                NULL);
  answers(caller(listener));
}

static void long_list(void) {
  static char dead[DEAD][16];
  int listener = listen_tcp();
  for (int i = 0; i < DEAD; i++)
    snprintf(dead[i], sizeof dead[i], "127.0.0.%d", i + 2);
  limit_descriptors(DESCRIPTORS);
  fetch = start("fetch", port_of(listener), "water", dead[0], dead[1], dead[2],
                dead[3], dead[4], dead[5], dead[6], dead[7], dead[8], dead[9],
                dead[10], dead[11], dead[12], dead[13], dead[14], dead[15],
                dead[16], dead[17], dead[18], dead[19], dead[20], dead[21],
                dead[22], dead[23], "127.0.0.1", NULL);
  answers(caller(listener));
}

static void none(void) {
  fetch = start("fetch", free_port(), "water", "127.0.0.1", "127.0.0.2", NULL);
  prints_error(fetch, "refused");
  prints_end(fetch);
  ends_badly(fetch);
}

static void in_pieces(void) {
  int listener = listen_tcp();
  fetch = start("fetch", port_of(listener), "water", "127.0.0.2", "127.0.0.1",
                NULL);
  int mirror = caller(listener);
  hear(mirror, "water\r\n");
  say_slowly(mirror, "ice\nsteam\n");
  hang_up(mirror);
  prints(fetch, "ice\nsteam\n");
  prints_end(fetch);
  ends(fetch, 0);
}

static void lost(void) {
  int listener = listen_tcp();
  fetch = start("fetch", port_of(listener), "water", "127.0.0.1", NULL);
  int mirror = caller(listener);
  hear(mirror, "water\r\n");
  hang_up_rudely(mirror);
  ends_badly(fetch);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("the first mirror answers", one, NULL);
  check("a mirror that has an IPv6 address", six,
        "Give socket the ai_family of the address.");
  check("two mirrors are down, the third answers", third,
        "A connect that fails is no reason to end: go on with the next host.");
  check("an IPv6 address first, then an IPv4 one, and the other way round",
        other_family,
        "Make a new socket for each address, of that address's family.");
  check("a host that has no address, then a good one", no_address,
        "When getaddrinfo fails, go on with the next host.");
  check("two mirrors that both answer", only_the_first,
        "Stop at the first that answers.");
  check("twenty-four mirrors are down, and there are few descriptors",
        long_list, "Close the socket of every attempt that failed.");
  check("all mirrors are down", none,
        "If none can be reached, say so on standard error.");
  check("an answer that comes byte by byte", in_pieces,
        "Receive until recv returns 0.");
  check("a connection that is lost", lost,
        "-1 from recv is an error, not the end.");
  return check_end();
}
