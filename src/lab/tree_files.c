/* The files of the built-in tree. */
#include <stddef.h>
#include "tree.h"

const struct tree_builtin tree_builtins[] = {
    {"/", NULL, 1772352000},
    {"/harbour", NULL, 1772352000},
    {"/harbour/signals.txt",
     "Signals on the quay\n"
     "\n"
     "SYN       May I come alongside?\n"
     "SYN ACK   You may. Do you hear me?\n"
     "ACK       I hear you. Throwing the line.\n"
     "FIN       That was my last crate.\n"
     "RST       I do not know you. Cast off at once.\n"
     "\n"
     "A ship that has signalled FIN may still take crates in. It only has\n"
     "none left to hand over.\n",
     1772442000},
    {"/harbour/berths.txt",
     "Berths, and who is moored there\n"
     "\n"
     "   7  echo      gives back whatever it is handed\n"
     "   9  discard   takes everything, keeps nothing\n"
     "  13  daytime   tells the time, then leaves\n"
     "  19  chargen   talks without end\n"
     "  21  ftp       this one; its cargo comes over a second line\n"
     "  23  telnet    a talking tube into the office\n"
     "  25  smtp      letters out\n"
     "  53  dns       knows where everybody lives\n"
     "  70  gopher    a catalogue of catalogues\n"
     "  80  http      pages\n"
     " 110  pop3      letters home\n"
     " 119  nntp      the notice board\n"
     " 143  imap      letters, read at the counter\n",
     1772442600},
    {"/incoming", NULL, 1772352000},
    {"/stories", NULL, 1772352000},
    {"/stories/two-lines.txt",
     "The ship with two lines\n"
     "\n"
     "The Flora always moored with two lines. By the thin one, captain and\n"
     "clerk talked: \"RETR ballast.txt.\" \"150 It is on its way.\" \"226 That was\n"
     "all.\" By the thick one the crates went over, and nothing else.\n"
     "\n"
     "A visitor asked why. \"When the crane is busy,\" said the captain, \"I can\n"
     "still call stop.\"\n"
     "\n"
     "In the old days it was the clerk who threw the thick line over to the\n"
     "ship: the captain called out a berth, PORT, and waited. Then walls were\n"
     "built around the harbours, with guards who let nobody in who had not\n"
     "been expected, and the clerk's line fell into the water. Since then the\n"
     "captain says PASV, the clerk names a berth, and the ship throws the line.\n",
     1772566200},
    {"/stories/slow-crane.txt",
     "The slow crane\n"
     "\n"
     "There was a crane that took one crate a minute, and a ship that put out\n"
     "a hundred. The quay had room for sixty-four. When it was full, the crane\n"
     "driver held up a board with a nought on it, and the ship stopped.\n"
     "\n"
     "Now and then the mate rowed over with a single screw, to see whether the\n"
     "nought was still up. It was. Nobody shouted, and nothing fell into the\n"
     "sea. The harbour master called it a window. The crane driver called it\n"
     "lunch.\n",
     1772625600},
    {"/welcome.txt",
     "Welcome to the warehouse of Portside.\n"
     "\n"
     "  harbour/    signals, and a list of the berths\n"
     "  stories/    to be read while waiting for a connection\n"
     "  incoming/   put something here yourself\n"
     "\n"
     "Whoever logs in as \"anonymous\" may read everything, and put new files\n"
     "into incoming/. Alice (password: harbour) may change everything.\n"
     "\n"
     "Watch the packets: every LIST and every RETR opens a connection of its\n"
     "own.\n",
     1772353800},
    {NULL, NULL, 0},
};
