/* Takes files from ./give, over a network that does what it likes. */
#include "check.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  BLOCK = 1024,
  HEADER = 8,
  ANSWER = 12,
  WINDOW = 8,
  QUIET_MS = 50,
  LARGEST = 40 * BLOCK
};

static char path[64];
static uint8_t content[LARGEST];
static size_t size;
static uint32_t blocks;
static int peer;
static struct program *give;

static uint32_t get32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
         at[3];
}

static void put32(uint8_t *to, uint32_t number) {
  for (int i = 0; i < 4; i++)
    to[i] = (uint8_t)(number >> (24 - 8 * i));
}

static uint32_t checksum(const uint8_t *bytes, size_t n) {
  uint32_t a = 1, b = 0;
  for (size_t i = 0; i < n; i++) {
    a = (a + bytes[i]) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

static void begin(size_t bytes) {
  snprintf(path, sizeof path, "/tmp/give-%ld", (long)getpid());
  FILE *file = fopen(path, "wb");
  if (file == NULL) abort();
  size = bytes;
  blocks = (uint32_t)(size / BLOCK) + 1;
  for (size_t i = 0; i < size; i++)
    content[i] = (uint8_t)(i * 7 + i / 251);
  fwrite(content, 1, size, file);
  fclose(file);
  peer = datagrams();
  give = start("give", "127.0.0.1", port_of(peer), path, NULL);
}

/* The next datagram is a good block: its number. */
static uint32_t hear_block(void) {
  uint8_t got[HEADER + BLOCK + 1];
  size_t n = hear_datagram(peer, got, sizeof got);
  if (failed()) return 0;
  if (n < HEADER || get32(got) != checksum(got + 4, n - 4)) {
    fail("a datagram of %zu bytes has a wrong checksum", n);
    return 0;
  }
  uint32_t number = get32(got + 4);
  size_t at = (size_t)number * BLOCK;
  if (number >= blocks) {
    fail("block %u comes; the last one is %u", (unsigned)number,
         (unsigned)blocks - 1);
    return 0;
  }
  size_t wanted = size - at < BLOCK ? size - at : BLOCK;
  if (n - HEADER != wanted || memcmp(got + HEADER, content + at, wanted) != 0)
    fail("block %u has %zu bytes or others than the file's %zu",
         (unsigned)number, n - HEADER, wanted);
  return number;
}

static void hear_blocks(uint32_t first, uint32_t last) {
  for (uint32_t number = first; number <= last && !failed(); number++) {
    uint32_t got = hear_block();
    if (!failed() && got != number)
      fail("block %u comes; block %u was to come next", (unsigned)got,
           (unsigned)number);
  }
}

static void answer_with(uint32_t next, uint32_t ahead, uint32_t damage) {
  uint8_t bytes[ANSWER];
  put32(bytes + 4, next);
  put32(bytes + 8, ahead);
  put32(bytes, checksum(bytes + 4, ANSWER - 4) ^ damage);
  answer(peer, bytes, sizeof bytes);
}

static void tell(uint32_t next) { answer_with(next, 0, 0); }

static void done(void) {
  tell(blocks);
  ends(give, 0);
}

static void small(void) {
  begin(2500);
  hear_blocks(0, 2);
  tell(1);
  tell(2);
  done();
  begin(0);
  hear_blocks(0, 0);
  done();
  begin(2 * BLOCK);
  hear_blocks(0, 2);
  done();
}

static void window(void) {
  begin(30 * BLOCK);
  hear_blocks(0, WINDOW - 1);
  hear_no_datagram(peer, QUIET_MS);
  tell(3);
  hear_blocks(WINDOW, WINDOW + 2);
  tell(11);
  hear_blocks(11, 18);
  hear_no_datagram(peer, QUIET_MS);
}

/* Block 2 is lost, and all others come. */
static void one_lost(void) {
  begin(30 * BLOCK);
  hear_blocks(0, WINDOW - 1);
  answer_with(2, 0x1f, 0);
  hear_blocks(8, 9);
  answer_with(2, 0x7f, 0);
  hear_blocks(2, 2);
  tell(10);
  hear_blocks(10, 17);
}

/* What is lost is sent again after 200 ms, and before 400. */
static void all_lost(void) {
  begin(2 * BLOCK);
  hear_blocks(0, 2);
  hear_no_datagram(peer, QUIET_MS);
  hear_blocks(0, 2);
  hear_no_datagram(peer, QUIET_MS);
  hear_blocks(0, 2);
  done();
}

static void resumes(void) {
  begin(30 * BLOCK + 1);
  hear_blocks(0, WINDOW - 1);
  tell(28);
  hear_blocks(28, 30);
  done();
}

static void damage(void) {
  begin(20 * BLOCK);
  hear_blocks(0, WINDOW - 1);
  answer_with(8, 0, 1);
  answer(peer, "hello", 5);
  tell(blocks + 1);
  hear_no_datagram(peer, QUIET_MS / 2);
  tell(2);
  hear_blocks(8, 9);
}

/* Old answers come late, and some twice. */
static void disorder(void) {
  begin(20 * BLOCK);
  hear_blocks(0, WINDOW - 1);
  tell(4);
  hear_blocks(8, 11);
  answer_with(1, 0x3, 0);
  answer_with(2, 0x1, 0);
  tell(4);
  hear_no_datagram(peer, QUIET_MS / 2);
  hear_blocks(4, 11);
  tell(12);
  hear_blocks(12, 19);
  tell(20);
  hear_blocks(20, 20);
  done();
}

static void silent(void) {
  begin(2 * BLOCK);
  hear_blocks(0, 2);
  ends_badly(give);
}

/* A quarter is lost of what comes and of what is answered. */
static void lossy(void) {
  bool here[LARGEST / BLOCK + 1] = {false};
  uint32_t next = 0, chance = 1;
  begin(LARGEST - 100);
  while (next < blocks && !failed()) {
    uint32_t number = hear_block(), ahead = 0;
    chance = chance * 1103515245 + 12345;
    if (chance >> 16 & 1 && chance >> 17 & 1) continue;
    here[number] = true;
    while (next < blocks && here[next])
      next++;
    for (uint32_t i = next + 1; i < blocks && i <= next + 32; i++)
      if (here[i]) ahead |= 1U << (i - next - 1);
    if (next == blocks || !(chance >> 18 & 1 && chance >> 19 & 1))
      answer_with(next, ahead, 0);
  }
  ends(give, 0);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("2,500 bytes, none, and 2,048", small,
        "The last block is the one that is shorter than 1,024 bytes: it may "
        "have none.");
  check("eight on their way, and no more", window,
        "The window is 8 blocks from the next that is wanted. It moves on with "
        "each answer, and whatever is new in it goes out at once.");
  check("one is lost", one_lost,
        "The bits of an answer tell which blocks behind the wanted one have "
        "come: do not send those again.");
  check("all are lost, twice", all_lost,
        "Each block has its own time: 200 ms after it was sent it is due "
        "again.");
  check("the other side has 28 blocks from last time", resumes,
        "The answer says what is wanted next, however far that is: go on "
        "there.");
  check("damaged answers", damage,
        "An answer counts only if it has 12 bytes and the right checksum, and "
        "wants no more than there is.");
  check("old answers, late", disorder,
        "An answer that wants less than an earlier one is old: it changes "
        "nothing.");
  check("silence", silent,
        "After a second without a good answer, give up with a status other "
        "than 0.");
  check("a network that loses a quarter", lossy,
        "Every block is sent until it has arrived.");
  unlink(path);
  return check_end();
}
