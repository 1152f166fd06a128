/* See gopher_texts.h. */
#include "gopher_texts.h"

const struct text texts[] = {
    {"/harbour", "The harbour at a glance",
     "Portside has one quay, one crane and one rule: say what you want in a\n"
     "line, take what you get, and go. That is the whole of Gopher, too.\n"
     "\n"
     "You connect, send a selector and a line end. The server sends the\n"
     "thing, and hangs up. No fields, no lengths, no state. The end of the\n"
     "text is a line with nothing on it but a dot.\n"},
    {"/dots", "On dots",
     "If a line with a single dot means the end, what about a text that has\n"
     "such a line? Whoever sends doubles the dot at the begin of a line, and\n"
     "whoever receives takes one away again. The next line of this text is\n"
     ".\n"
     "and the one after it is\n"
     "..hidden\n"
     "Look at the packets: there they have one dot more. Mail does the same.\n"},
    {"/packets", "A letter cut to pieces",
     "A keeper wanted to send a poem to the next lighthouse. The boats were\n"
     "small, so he cut it into strips and numbered them. Strip 3 came first,\n"
     "strip 2 came twice, strip 5 sank.\n"
     "\n"
     "\"I have all up to 4,\" said the other lighthouse, and said it again, and\n"
     "again, until the keeper understood and sent strip 5 once more. Neither\n"
     "of them ever told the poet.\n"},
    {"/ports", "Berths and numbers",
     "  7 echo      says what you say\n"
     "  9 discard   listens, which is rarer\n"
     " 13 daytime   has a clock\n"
     " 19 chargen   talks and talks\n"
     " 23 telnet    has a notice board, and people at it\n"
     " 53 dns       knows where everybody lives\n"
     " 70 gopher    is what you are reading\n"
     " 80 http      came later, and stayed\n"},
    {"/order", "Which end of the number first",
     "Two clerks wrote the number 8080 in boxes, one byte to a box: one wrote\n"
     "31 and then 144, the other 144 and then 31. Both could read their own.\n"
     "\n"
     "The harbour master ruled that on paper that leaves the house the big\n"
     "end comes first, whatever one does at home. So there is htons on the\n"
     "way out and ntohs on the way in, and who forgets one waits for a ship\n"
     "at berth 36895.\n"},
    {"/fog", "Sailing in fog",
     "A datagram is a bottle with an address. It arrives or it does not, and\n"
     "nobody writes to tell you. If you must know, have the other side answer;\n"
     "if no answer comes, wait a while and send again; and be prepared to get\n"
     "two answers after all.\n"},
};

const size_t text_count = sizeof texts / sizeof *texts;
