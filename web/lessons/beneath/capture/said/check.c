/* Captures for ./said, each with something in it that is not plain. */
#include "check.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  ETHERNET = 14,
  LEAST = 60,
  LONGEST = 1514,
  TCP = 6,
  UDP = 17,
  TOO_MUCH = 262145
};

/* What is in a frame: options in words of four bytes. */
struct kind {
  unsigned type, protocol, ip_options, tcp_options, data, cut;
};

static FILE *file;
static char path[64];
static int swapped;

static void put(uint32_t number, int size) {
  unsigned char bytes[4];
  memcpy(bytes, &number, sizeof bytes);
  if (size == 2) {
    uint16_t two = (uint16_t)number;
    memcpy(bytes, &two, sizeof two);
  }
  for (int i = 0; i < size; i++)
    fputc(bytes[swapped ? size - 1 - i : i], file);
}

static void begin(int other_order) {
  snprintf(path, sizeof path, "/tmp/said-%ld.pcap", (long)getpid());
  file = fopen(path, "wb");
  if (file == NULL) abort();
  swapped = other_order;
  put(0xa1b2c3d4, 4);
  put(2, 2);
  put(4, 2);
  put(0, 4);
  put(0, 4);
  put(262144, 4);
  put(1, 4);
}

static void put16(unsigned char *to, unsigned number) {
  to[0] = (unsigned char)(number / 256);
  to[1] = (unsigned char)number;
}

/* From 10.0.0.2:40667 to 10.0.0.1:9999. Options are 1, data is x, and what
   fills the frame up is z. */
static void add(struct kind k) {
  unsigned char frame[LONGEST];
  unsigned ip = 20 + 4 * k.ip_options, tcp = 20 + 4 * k.tcp_options;
  unsigned length = ip + tcp + k.data, size = ETHERNET + length;
  memset(frame, 'z', sizeof frame);
  put16(frame + 12, k.type ? k.type : 0x0800);
  unsigned char *at = frame + ETHERNET;
  memset(at, 1, ip + tcp);
  at[0] = (unsigned char)(0x40 + ip / 4);
  put16(at + 2, length);
  put16(at + 6, 0);
  at[9] = (unsigned char)(k.protocol ? k.protocol : TCP);
  memcpy(at + 12, "\x0a\x00\x00\x02\x0a\x00\x00\x01", 8);
  at += ip;
  put16(at, 40667);
  put16(at + 2, 9999);
  at[12] = (unsigned char)(tcp / 4 << 4);
  at[13] = 0x18;
  memset(at + tcp, 'x', k.data);
  if (size < LEAST) size = LEAST;
  unsigned kept = k.cut && k.cut < size ? k.cut : size;
  put(1, 4);
  put(0, 4);
  put(kept, 4);
  put(size, 4);
  fwrite(frame, 1, kept, file);
}

static struct program *read_it(void) {
  fclose(file);
  return start("said", path, NULL);
}

static void tells(unsigned bytes, struct program *said) {
  char line[64];
  snprintf(line, sizeof line, "10.0.0.2:40667 > 10.0.0.1:9999 %u\n", bytes);
  prints(said, line);
}

static void well(struct program *said) {
  prints_end(said);
  ends(said, 0);
}

static void plain(void) {
  begin(0);
  add((struct kind){.data = 100});
  add((struct kind){.data = 1460});
  struct program *said = read_it();
  tells(100, said);
  tells(1460, said);
  well(said);
}

static void filled_up(void) {
  begin(0);
  add((struct kind){.data = 0});
  add((struct kind){.data = 1});
  add((struct kind){.data = 6});
  struct program *said = read_it();
  tells(1, said);
  tells(6, said);
  well(said);
}

static void tcp_options(void) {
  begin(0);
  add((struct kind){.tcp_options = 3, .data = 11});
  add((struct kind){.tcp_options = 5});
  add((struct kind){.tcp_options = 10, .data = 200});
  struct program *said = read_it();
  tells(11, said);
  tells(200, said);
  well(said);
}

static void ip_options(void) {
  begin(0);
  add((struct kind){.ip_options = 1, .data = 70});
  add((struct kind){.ip_options = 10, .tcp_options = 10, .data = 80});
  struct program *said = read_it();
  tells(70, said);
  tells(80, said);
  well(said);
}

static void cut(void) {
  begin(0);
  add((struct kind){.data = 1000, .cut = 96});
  add((struct kind){.data = 1001, .cut = 54});
  add((struct kind){.data = 1002, .cut = 53});
  add((struct kind){.data = 1003, .cut = 20});
  add((struct kind){.data = 1004, .cut = 5});
  add((struct kind){.ip_options = 5, .data = 1005, .cut = 60});
  add((struct kind){.data = 1006, .cut = 96});
  struct program *said = read_it();
  tells(1000, said);
  tells(1001, said);
  tells(1006, said);
  well(said);
}

static void others(void) {
  begin(0);
  add((struct kind){.type = 0x0806, .data = 1});
  add((struct kind){.type = 0x86dd, .data = 2});
  add((struct kind){.protocol = UDP, .data = 3});
  add((struct kind){.data = 4});
  struct program *said = read_it();
  tells(4, said);
  well(said);
}

static void other_order(void) {
  begin(1);
  add((struct kind){.data = 300});
  add((struct kind){.data = 3});
  struct program *said = read_it();
  tells(300, said);
  tells(3, said);
  well(said);
}

static void damaged(struct program *said) {
  tells(90, said);
  ends_badly(said);
  prints_end(said);
}

static void ends_early(void) {
  begin(0);
  add((struct kind){.data = 90});
  put(1, 4);
  put(0, 4);
  put(100, 4);
  put(100, 4);
  put(0, 4);
  damaged(read_it());
  begin(0);
  add((struct kind){.data = 90});
  put(1, 4);
  damaged(read_it());
}

static void too_much(void) {
  begin(0);
  add((struct kind){.data = 90});
  put(1, 4);
  put(0, 4);
  put(TOO_MUCH, 4);
  put(TOO_MUCH, 4);
  for (int i = 0; i < TOO_MUCH; i++)
    fputc('z', file);
  damaged(read_it());
}

static void no_capture(void) {
  begin(0);
  fclose(file);
  file = fopen(path, "wb");
  if (file == NULL) abort();
  fprintf(file, "Dear reader, this is a letter and not a capture at all.\n");
  struct program *said = read_it();
  ends_badly(said);
  prints_end(said);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("two plain segments", plain, NULL);
  check("frames that Ethernet has filled up to 60 bytes", filled_up,
        "What fills a frame up is no data: IP's total length says where the "
        "packet ends.");
  check("TCP headers with options", tcp_options,
        "A TCP header is not always 20 bytes: the high four bits of its byte "
        "12 say how many words it has.");
  check("IP headers with options", ip_options,
        "An IP header is not always 20 bytes: the low four bits of its first "
        "byte say how many words it has.");
  check("frames of which the capture has only the beginning", cut,
        "How many bytes were sent is in the headers, not in what was kept. "
        "Pass over a frame if its headers are not whole.");
  check("ARP, IPv6 and UDP in between", others,
        "Ethernet's type says what is in the frame, and IP's protocol what is "
        "in the packet.");
  check("a capture of the other byte order", other_order,
        "The first four bytes tell the order. It is that of the file's "
        "headers; what was on the wire has its own.");
  check("a capture that ends within a frame", ends_early,
        "Fewer bytes than were announced are damage, not the end of the file.");
  check("a capture with a frame that is too large", too_much,
        "Never read more than your buffer holds, whatever a file says.");
  check("a letter", no_capture,
        "If the first four bytes are the magic number in neither order, it is "
        "no capture.");
  unlink(path);
  return check_end();
}
