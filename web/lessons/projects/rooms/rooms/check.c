/* People who talk in ./rooms, and some who do not listen. */
#include "check.h"
#include <stdio.h>
#include <string.h>

enum { QUIET_MS = 60, LINE = 400, BATCH = 250, FLOOD = 120, MANY = 40 };

static const char *port;

static void begin(void) {
  port = free_port();
  start("rooms", port, NULL);
}

static int come(const char *name) {
  char text[64];
  int fd = dial(port);
  snprintf(text, sizeof text, "%s\n", name);
  say(fd, text);
  snprintf(text, sizeof text, "* welcome, %s\n", name);
  hear(fd, text);
  return fd;
}

static void join(int fd, const char *room, int others) {
  char text[64];
  snprintf(text, sizeof text, "/join %s\n", room);
  say(fd, text);
  snprintf(text, sizeof text, "* you are in %s, others: %d\n", room, others);
  hear(fd, text);
}

static void one_room(void) {
  begin();
  int ada = come("ada"), bob = come("bob");
  join(ada, "harbour", 0);
  join(bob, "harbour", 1);
  hear(ada, "* bob comes\n");
  say(ada, "good day\n");
  hear(bob, "ada: good day\n");
  say(bob, "good day to you\n");
  hear(ada, "bob: good day to you\n");
  hear_nothing(bob, QUIET_MS);
}

static void two_rooms(void) {
  begin();
  int ada = come("ada"), bob = come("bob"), eve = come("eve");
  join(ada, "harbour", 0);
  join(eve, "harbours", 0);
  join(bob, "harbour", 1);
  hear(ada, "* bob comes\n");
  say(ada, "a secret\n");
  hear(bob, "ada: a secret\n");
  say(eve, "hello?\n");
  hear_nothing(eve, QUIET_MS);
  hear_nothing(ada, QUIET_MS);
}

static void no_room(void) {
  begin();
  int ada = come("ada"), bob = come("bob"), eve = come("eve");
  say(ada, "is anybody here?\n");
  hear(ada, "! you are in no room\n");
  hang_up(bob);
  join(eve, "harbour", 0);
  say(ada, "/join\n/dance\n");
  hear(ada, "! no such command\n! no such command\n");
  say(ada, "/join a room\n/join seventeenletters1\n/join \n");
  for (int i = 0; i < 3; i++)
    hear(ada, "! a room has 1 to 16 letters or digits\n");
  hear_nothing(eve, QUIET_MS);
}

static void moves(void) {
  begin();
  int ada = come("ada"), bob = come("bob"), eve = come("eve");
  join(ada, "harbour", 0);
  join(bob, "quay", 0);
  join(eve, "harbour", 1);
  hear(ada, "* eve comes\n");
  join(eve, "quay", 1);
  hear(ada, "* eve goes\n");
  hear(bob, "* eve comes\n");
  join(eve, "quay", 1);
  say(ada, "alone again\n");
  say(eve, "here I am\n");
  hear(bob, "eve: here I am\n");
  hear_nothing(ada, QUIET_MS);
}

static void leaves(void) {
  begin();
  int ada = come("ada"), bob = come("bob"), eve = come("eve");
  join(ada, "harbour", 0);
  join(bob, "quay", 0);
  join(eve, "quay", 1);
  hear(bob, "* eve comes\n");
  say(eve, "half a line");
  hang_up(eve);
  hear(bob, "* eve goes\n");
  eve = come("eve");
  join(eve, "harbour", 1);
  hear(ada, "* eve comes\n");
  hang_up_rudely(eve);
  hear(ada, "* eve goes\n");
  hear_nothing(bob, QUIET_MS);
}

static void to_one(void) {
  begin();
  int ada = come("ada"), bob = come("bob"), eve = come("eve");
  join(ada, "harbour", 0);
  join(eve, "harbour", 1);
  hear(ada, "* eve comes\n");
  say(ada, "/to bob see you at noon\n");
  hear(bob, "ada to you: see you at noon\n");
  say(bob, "/to ada yes, ada\n");
  hear(ada, "bob to you: yes, ada\n");
  say(ada, "/to carol hello\n/to bo hello\n/to bob\n");
  for (int i = 0; i < 3; i++)
    hear(ada, "! nobody has that name\n");
  hear_nothing(eve, QUIET_MS);
}

static void pieces(void) {
  begin();
  int ada = dial(port), bob = dial(port);
  say(ada, "ada\n/join quay\n");
  hear(ada, "* welcome, ada\n* you are in quay, others: 0\n");
  say_slowly(bob, "bob\r\n/join quay\r\none\r\n");
  hear(bob, "* welcome, bob\n* you are in quay, others: 1\n");
  hear(ada, "* bob comes\nbob: one\n");
  say(bob, "two\nthree\n/to ada four\n");
  hear(ada, "bob: two\nbob: three\nbob to you: four\n");
}

/* Bob reads nothing, while ada talks more than any buffer holds. */
static void deaf(void) {
  static char lines[BATCH * (LINE + 1) + 1];
  const char *got = "";
  begin();
  int ada = come("ada"), bob = come("bob"), eve = come("eve");
  join(bob, "quay", 0);
  join(ada, "quay", 1);
  join(eve, "quay", 2);
  hear(ada, "* eve comes\n");
  memset(lines, 'x', sizeof lines - 1);
  for (size_t i = LINE; i < sizeof lines; i += LINE + 1)
    lines[i] = '\n';
  for (int batch = 0; batch < FLOOD && !failed(); batch++) {
    say(ada, lines);
    for (int i = 0; i < BATCH && !failed(); i++) {
      got = hear_line(eve);
      if (strcmp(got, "* bob goes") == 0) break;
      if (!failed() && strlen(got) != LINE + strlen("ada: "))
        fail("eve, who reads everything, gets `%.40s`", got);
    }
    if (strcmp(got, "* bob goes") == 0) break;
    if (batch == FLOOD - 1)
      fail("bob has not read %d bytes, and is still there",
           FLOOD * BATCH * LINE);
  }
  hear(ada, "* bob goes\n");
  int other = come("bob");
  join(other, "harbour", 0);
}

static void many(void) {
  char name[32], text[64];
  int fd[MANY];
  begin();
  for (int i = 0; i < MANY; i++) {
    snprintf(name, sizeof name, "guest%d", i);
    fd[i] = come(name);
    join(fd[i], i % 2 ? "odd" : "even", i / 2);
  }
  for (int i = 0; i < MANY; i++)
    for (int next = i + 2; next < MANY; next += 2) {
      snprintf(text, sizeof text, "* guest%d comes\n", next);
      hear(fd[i], text);
    }
  say(fd[1], "odd!\n");
  for (int i = 3; i < MANY; i += 2)
    hear(fd[i], "guest1: odd!\n");
  for (int i = 0; i < MANY - 2; i += 2)
    hang_up(fd[i]);
  for (int i = 0; i < MANY - 2; i += 2) {
    const char *line = hear_line(fd[MANY - 2]);
    if (!failed() && strstr(line, " goes") == NULL)
      fail("19 have left the room; told was `%s`", line);
  }
  hear_nothing(fd[1], QUIET_MS);
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("two in a room", one_room,
        "A line goes to the others in the room, and not back to who said it.");
  check("another room hears nothing", two_rooms,
        "Only those whose room has exactly the same name are told.");
  check("in no room, and commands that are none", no_room,
        "Who is in no room is alone: having none is not a room.");
  check("from room to room", moves,
        "Tell the old room, change, tell the new one. Joining where one is "
        "already changes nothing.");
  check("some hang up", leaves,
        "The room is told, once, and the name is free for the next one.");
  check("to one alone", to_one,
        "The whole name is compared, wherever its owner is, and nobody else "
        "hears.");
  check("lines in pieces, and several in one", pieces,
        "Go on with what is left in the buffer, until no whole line is there.");
  check("one who does not read", deaf,
        "What cannot be sent at once is kept, up to a limit; then the client "
        "is put out, and its room is told.");
  check("forty in two rooms", many,
        "While you go through the list, somebody may leave it.");
  return check_end();
}
