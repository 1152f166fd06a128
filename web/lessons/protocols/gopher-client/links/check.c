/* A Gopher server for ./links HOST PORT SELECTOR, with strange menus. */
#include "check.h"
#include <stdio.h>
#include <string.h>

enum { LONG = 2000 };

static struct program *links;

static int begin(const char *selector) {
  char request[64];
  int listener = listen_tcp();
  links = start("links", "127.0.0.1", port_of(listener), selector, NULL);
  int server = caller(listener);
  snprintf(request, sizeof request, "%s\r\n", selector);
  hear(server, request);
  return server;
}

static void shows(const char *printed) {
  prints(links, printed);
  prints_end(links);
  ends(links, 0);
}

static void menu(const char *text, const char *printed) {
  int server = begin("/menu");
  say(server, text);
  hang_up(server);
  shows(printed);
}

static void plain(void) {
  menu("iThe quay\t\t-\t0\r\n"
       "0A text\t/text\tbob.lab\t70\r\n"
       "1More\t/more of it\tcarol.lab\t7070\r\n"
       "3No such thing\t\t-\t0\r\n"
       ".\r\n",
       "0 bob.lab 70 \"/text\"\n1 carol.lab 7070 \"/more of it\"\n");
}

static void empty_fields(void) {
  menu("1Back to the top\t\tbob.lab\t70\r\n"
       "0\t/no-title\tbob.lab\t70\r\n"
       "1\t\tbob.lab\t70\r\n"
       ".\r\n",
       "1 bob.lab 70 \"\"\n0 bob.lab 70 \"/no-title\"\n1 bob.lab 70 \"\"\n");
}

static void missing(void) {
  menu("0Nothing else\r\n"
       "0Two fields\t/two\r\n"
       "0Three\t/three\tbob.lab\r\n"
       "0No host\t/x\t\t70\r\n"
       "\r\n"
       "0\r\n"
       "0Good\t/good\tbob.lab\t70\r\n"
       ".\r\n",
       "0 bob.lab 70 \"/good\"\n");
}

static void ports(void) {
  menu("0a\t/a\tbob.lab\t0\r\n"
       "0b\t/b\tbob.lab\t65536\r\n"
       "0c\t/c\tbob.lab\tgopher\r\n"
       "0d\t/d\tbob.lab\t70x\r\n"
       "0e\t/e\tbob.lab\t-1\r\n"
       "0f\t/f\tbob.lab\t\r\n"
       "0g\t/g\tbob.lab\t65535\r\n"
       ".\r\n",
       "0 bob.lab 65535 \"/g\"\n");
}

static void more_fields(void) {
  menu("0Plus\t/plus\tbob.lab\t70\t+\r\n"
       "9Data\t/data\tbob.lab\t70\t\t?\r\n"
       ".\r\n",
       "0 bob.lab 70 \"/plus\"\n9 bob.lab 70 \"/data\"\n");
}

static void no_dot(void) {
  int server = begin("");
  say_slowly(server, "0a\t/a\tbob.lab\t70\r\n0b\t\tb\t1\n");
  hang_up(server);
  shows("0 bob.lab 70 \"/a\"\n0 b 1 \"\"\n");
}

static void long_line(void) {
  char text[LONG + 128] = "0";
  memset(text + 1, 'x', LONG);
  strcpy(text + 1 + LONG, "\t/long\tbob.lab\t70\r\n"
                          "0Short\t/short\tbob.lab\t70\r\n.\r\n");
  menu(text, "0 bob.lab 70 \"/short\"\n");
}

static void escapes(void) {
  menu("0Innocent\t/\x1b[2Jgone\x07\tbob.lab\t70\r\n"
       "0T\xc3\xbcr\t/T\xc3\xbcr\tbob\x1b[31m\t70\r\n"
       ".\r\n",
       "0 bob.lab 70 \"/?[2Jgone?\"\n0 bob?[31m 70 \"/T\xc3\xbcr\"\n");
}

int main(int argc, char *argv[]) {
  check_begin(argc, argv);
  check("a menu with a text and another menu in it", plain, NULL);
  check("empty fields", empty_fields,
        "Two tabs in a row have an empty field between them; strtok does not "
        "see it.");
  check("lines that are no items", missing,
        "Pass over a line in which a field is missing.");
  check("ports that are none", ports,
        "A port is a number from 1 to 65535, and nothing behind it.");
  check("more fields than four", more_fields,
        "What stands behind the port has no meaning.");
  check("a menu that ends without a dot, and comes byte by byte", no_dot,
        "A menu ends with the dot or with the connection.");
  check("a line that is too long", long_line,
        "Pass over the whole of a line that is too long, and go on with the "
        "next.");
  check("control characters", escapes,
        "Print a ? for each control character; bytes above 127 are none.");
  return check_end();
}
