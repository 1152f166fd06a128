/* A DNS server for ./whose SERVER PORT ADDRESS, with names in all forms. */
#include "check.h"
#include <string.h>

enum { MESSAGE = 512, TYPE_PTR = 12, TYPE_TXT = 16, LABEL = 63 };
enum { OWNER = 12 /* where the question's name stands */, FILLER = 250 };

static const unsigned char question[] = "\x01"
                                        "7\x01"
                                        "0\x01"
                                        "0\x02"
                                        "10\x07in-addr\x04"
                                        "arpa\0\0\x0c\0\x01";
enum { QUESTION = sizeof question - 1, HEADER = 12 };

static struct program *whose;
static int server;
static unsigned char m[MESSAGE];
static size_t size;

static void put(const void *bytes, size_t n) {
  memcpy(m + size, bytes, n);
  size += n;
}

static void put16(unsigned value) {
  m[size++] = (unsigned char)(value >> 8);
  m[size++] = (unsigned char)value;
}

/* Hears the query and begins an answer to it. */
static void begin(void) {
  server = datagrams();
  whose = start("whose", "127.0.0.1", port_of(server), "10.0.0.7", NULL);
  size = hear_datagram(server, m, sizeof m);
  if (failed()) return;
  if (size < HEADER + QUESTION || m[4] != 0 || m[5] != 1 ||
      memcmp(m + HEADER, question, QUESTION) != 0)
    fail("asked %s, which is no question for 7.0.0.10.in-addr.arpa",
         shown(m, size));
  size = HEADER + QUESTION;
  memset(m + 2, 0, HEADER - 2);
  m[2] = 0x81;
  m[3] = 0x80;
  m[5] = 1;
}

static void put_pointer(size_t to) { put16((unsigned)(0xc000 | to)); }

/* Begins a record; its data follow. Where they do. */
static size_t begin_record(unsigned type) {
  put_pointer(OWNER);
  put16(type);
  put16(1);
  put16(0);
  put16(60);
  put16(0);
  m[7]++;
  return size;
}

static void end_record(size_t data) {
  m[data - 1] = (unsigned char)(size - data);
  m[data - 2] = (unsigned char)((size - data) >> 8);
}

static void put_labels(const char *name) {
  while (*name != '\0') {
    size_t n = strcspn(name, ".");
    m[size++] = (unsigned char)n;
    put(name, n);
    name += n + (name[n] == '.');
  }
}

static void finish(const char *printed) {
  answer(server, m, size);
  prints(whose, printed);
  prints_end(whose);
  ends(whose, 0);
}

static void malformed(void) {
  answer(server, m, size);
  ends_badly(whose);
}

static void owner(void) {
  begin();
  size_t data = begin_record(TYPE_PTR);
  put_labels("crane.quay.lab");
  put("", 1);
  end_record(data);
  finish("crane.quay.lab\n");
}

static void tails(void) {
  begin();
  size_t first = begin_record(TYPE_PTR);
  put_labels("crane.quay.lab");
  put("", 1);
  end_record(first);
  size_t second = begin_record(TYPE_PTR);
  put_labels("ship");
  put_pointer(first + strlen("?crane"));
  end_record(second);
  size_t third = begin_record(TYPE_PTR);
  put_labels("flag");
  put_pointer(second);
  end_record(third);
  size_t fourth = begin_record(TYPE_PTR);
  put_pointer(third);
  end_record(fourth);
  finish("crane.quay.lab\nship.quay.lab\nflag.ship.quay.lab\n"
         "flag.ship.quay.lab\n");
}

static void far(void) {
  begin();
  size_t text = begin_record(TYPE_TXT);
  m[size++] = FILLER;
  memset(m + size, 0xc0, FILLER);
  size += FILLER;
  end_record(text);
  size_t first = begin_record(TYPE_PTR);
  put_labels("crane.quay.lab");
  put("", 1);
  end_record(first);
  size_t second = begin_record(TYPE_PTR);
  put_labels("bell");
  put_pointer(first);
  end_record(second);
  finish("crane.quay.lab\nbell.crane.quay.lab\n");
}

static void loops(void) {
  begin();
  size_t data = begin_record(TYPE_PTR);
  put_pointer(data);
  end_record(data);
  malformed();
  begin();
  data = begin_record(TYPE_PTR);
  put_labels("round");
  put_pointer(data);
  end_record(data);
  malformed();
}

static void forward(void) {
  begin();
  size_t data = begin_record(TYPE_PTR);
  put_pointer(data + 2);
  put_pointer(data);
  end_record(data);
  malformed();
  begin();
  data = begin_record(TYPE_PTR);
  put_pointer(MESSAGE * 2);
  end_record(data);
  malformed();
}

static void too_long(void) {
  char label[LABEL];
  memset(label, 'x', sizeof label);
  begin();
  size_t before = 0;
  for (int record = 0; record < 3; record++) {
    size_t data = begin_record(TYPE_PTR);
    for (int i = 0; i < 2; i++) {
      m[size++] = LABEL;
      put(label, LABEL);
    }
    if (record == 0)
      put("", 1);
    else
      put_pointer(before);
    end_record(data);
    before = data;
  }
  malformed();
}

static void cut_off(void) {
  begin();
  size_t data = begin_record(TYPE_PTR);
  put_labels("crane");
  m[size++] = 0xc0;
  end_record(data);
  malformed();
  begin();
  data = begin_record(TYPE_PTR);
  m[size++] = LABEL;
  put("crane", 5);
  end_record(data);
  malformed();
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a record whose owner is a pointer to the question", owner,
        "A pointer ends the name where it stands; go on behind its two bytes.");
  check("labels and a pointer, and a pointer to a pointer", tails,
        "Follow pointers until a label of length 0, then return to behind the "
        "first.");
  check("a pointer beyond byte 255", far,
        "A pointer has 14 bits, six of them in its first byte.");
  check("pointers that run in a circle", loops,
        "Refuse a pointer that does not lead to before the name it is in.");
  check("pointers that lead forward, and out of the message", forward,
        "Refuse a pointer that does not lead back.");
  check("a name that pointers make too long", too_long,
        "Check the length of the whole name before you write into it.");
  check("names that end before they should", cut_off,
        "Before you read a byte, see that it has come.");
  return check_end();
}
