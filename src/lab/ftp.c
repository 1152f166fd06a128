/* An FTP server (RFC 959, RFC 2428, RFC 3659): ftp [PORT [FOLDER]]. It hands out FOLDER, or else a
 * small tree of its own that is kept in memory. "anonymous" may read, and put new files into
 * /incoming; "alice", whose password is "harbour", may change everything.
 *
 * Here are the commands; see ftp_session.h. It connects to nobody but the host that asks (RFC
 * 2577). */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "ftp_session.h"

enum { LINE_LIMIT = 1024, ERRORS = 20, GUESSES = 5 };

static void refuse(struct client *c, const char *reply) {
  struct ftp_session *s = c->session;
  client_puts(c, reply);
  if (++s->errors < ERRORS) return;
  client_puts(c, "421 Too many errors, closing\r\n");
  client_close(c);
}

static void refuse_file(struct client *c, int error) {
  refuse(c, error == -ENOENT         ? "550 There is no such file\r\n"
            : error == -EEXIST       ? "550 There is one already\r\n"
            : error == -ENOTDIR      ? "550 That is no folder\r\n"
            : error == -EISDIR       ? "550 That is a folder\r\n"
            : error == -ENOTEMPTY    ? "550 That folder is not empty\r\n"
            : error == -EPERM        ? "550 Only alice may do that\r\n"
            : error == -ENOSPC       ? "452 There is no room for it\r\n"
            : error == -ENAMETOOLONG ? "553 That name is too long\r\n"
                                     : "550 That cannot be done\r\n");
}

/* The path that the argument means; refuses one that is none. */
static bool take_path(struct client *c, const char *word, char path[TREE_PATH_LIMIT]) {
  struct ftp_session *s = c->session;
  int error = *word ? tree_path(s->folder, word, path) : -EINVAL;
  if (error == -EINVAL)
    refuse(c, "501 Which file?\r\n");
  else if (error)
    refuse_file(c, error);
  return !error;
}

bool ftp_may_change(const struct ftp_session *s, const char *path) {
  struct tree_status status;
  if (s->who == ALICE) return true;
  return !strncmp(path, "/incoming/", 10) && tree->status(path, &status) == -ENOENT;
}

/* --- logging in --- */

static void log_out(struct ftp_session *s) {
  s->who = NOBODY;
  s->guest = s->named = false;
  strcpy(s->folder, "/");
  *s->rename = 0;
  s->restart = 0;
}

static void do_user(struct client *c, char *user) {
  struct ftp_session *s = c->session;
  if (!*user) {
    refuse(c, "501 Say USER anonymous\r\n");
    return;
  }
  log_out(s);
  s->guest = !strcasecmp(user, "anonymous") || !strcasecmp(user, "ftp");
  s->named = !strcasecmp(user, "alice");
  client_puts(c, s->guest ? "331 Any password will do\r\n" : "331 And the password?\r\n");
}

static void do_pass(struct client *c, char *password) {
  struct ftp_session *s = c->session;
  if (s->guest || (s->named && !strcmp(password, "harbour"))) {
    s->who = s->guest ? ANONYMOUS : ALICE;
    client_log(c, "logged in as %s", s->guest ? "anonymous" : "alice");
    client_puts(c, "230 Welcome to the warehouse of Portside\r\n");
    return;
  }
  client_log(c, "has not logged in");
  refuse(c, "530 No such user, or another password\r\n");
  if (++s->guesses == GUESSES) client_close(c);
}

void ftp_leave(struct client *c) {
  client_puts(c, "221 Good-bye\r\n");
  client_close(c);
}

static void do_quit(struct client *c, char *rest) {
  struct ftp_session *s = c->session;
  s->quitting = true;
  if (!s->transfer) ftp_leave(c);
}

/* --- what there is --- */

static void do_syst(struct client *c, char *rest) { client_puts(c, "215 UNIX Type: L8\r\n"); }
static void do_noop(struct client *c, char *rest) { client_puts(c, "200 Nothing done\r\n"); }
static void do_allo(struct client *c, char *rest) { client_puts(c, "202 Not needed here\r\n"); }

static void do_feat(struct client *c, char *rest) {
  client_puts(c, "211-What there is\r\n EPRT\r\n EPSV\r\n MDTM\r\n"
                 " MLST type*;size*;modify*;perm*;\r\n REST STREAM\r\n SIZE\r\n UTF8\r\n"
                 "211 That is all\r\n");
}

static void do_opts(struct client *c, char *rest) {
  if (!strcasecmp(rest, "UTF8 ON"))
    client_puts(c, "200 Names are in UTF-8\r\n");
  else
    refuse(c, "501 There is no such option\r\n");
}

static void do_type(struct client *c, char *type) {
  struct ftp_session *s = c->session;
  bool ascii = !strcasecmp(type, "A") || !strcasecmp(type, "A N");
  if (!ascii && strcasecmp(type, "I") && strcasecmp(type, "L 8")) {
    refuse(c, "504 TYPE A or TYPE I\r\n");
    return;
  }
  s->binary = !ascii;
  client_puts(c, ascii ? "200 Lines end in CRLF on the way\r\n" : "200 Bytes as they are\r\n");
}

static void do_stru(struct client *c, char *rest) {
  strcasecmp(rest, "F") ? refuse(c, "504 Only STRU F\r\n") : client_puts(c, "200 Files\r\n");
}

static void do_mode(struct client *c, char *rest) {
  strcasecmp(rest, "S") ? refuse(c, "504 Only MODE S\r\n") : client_puts(c, "200 A stream\r\n");
}

static void do_stat(struct client *c, char *rest) {
  struct ftp_session *s = c->session;
  client_printf(c, "211 %s, TYPE %c, %s\r\n", s->who == ALICE ? "alice" : "anonymous",
                s->binary ? 'I' : 'A', s->transfer ? "a transfer is under way" : "at rest");
}

/* --- the data connection --- */

static void do_port_to(struct client *c, const struct sockaddr_storage *to, socklen_t length,
                       unsigned port) {
  struct ftp_session *s = c->session;
  if (s->extended_only) {
    refuse(c, "501 You said EPSV ALL\r\n");
  } else if (!ftp_is_same_host(to, &c->address) || port < 1024) {
    client_log(c, "wants data sent elsewhere");
    refuse(c, "501 Only to a port of yours, from 1024 on\r\n");
  } else {
    ftp_active(c, to, length);
    client_puts(c, "200 There it will go\r\n");
  }
}

static void do_port(struct client *c, char *rest) {
  struct sockaddr_storage to = {0};
  struct sockaddr_in *four = (struct sockaddr_in *)&to;
  unsigned n[6], end = 0;
  if (sscanf(rest, "%3u,%3u,%3u,%3u,%3u,%3u%n", n, n + 1, n + 2, n + 3, n + 4, n + 5,
             (int *)&end) != 6 ||
      rest[end] || (n[0] | n[1] | n[2] | n[3] | n[4] | n[5]) > 255) {
    refuse(c, "501 Say PORT h1,h2,h3,h4,p1,p2\r\n");
    return;
  }
  four->sin_family = AF_INET;
  four->sin_addr.s_addr = htonl(n[0] << 24 | n[1] << 16 | n[2] << 8 | n[3]);
  four->sin_port = htons((in_port_t)(n[4] << 8 | n[5]));
  do_port_to(c, &to, sizeof *four, n[4] << 8 | n[5]);
}

/* |1|10.0.0.1|5282| or |2|fd00::1|5282| */
static void do_eprt(struct client *c, char *rest) {
  struct sockaddr_storage to = {0};
  struct sockaddr_in *four = (struct sockaddr_in *)&to;
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)&to;
  char mark[2] = {*rest, 0}, *more = rest + (*rest != 0), *end;
  char *family = strtok_r(more, mark, &more), *address = strtok_r(NULL, mark, &more);
  char *number = strtok_r(NULL, mark, &more);
  unsigned long port = number ? strtoul(number, &end, 10) : 0;
  if (!port || port > 65535 || *end) {
    refuse(c, "501 Say EPRT |1|10.0.0.1|5282|\r\n");
  } else if (!strcmp(family, "1") && inet_pton(AF_INET, address, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons((in_port_t)port);
    do_port_to(c, &to, sizeof *four, (unsigned)port);
  } else if (!strcmp(family, "2") && inet_pton(AF_INET6, address, &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((in_port_t)port);
    do_port_to(c, &to, sizeof *six, (unsigned)port);
  } else {
    refuse(c, "522 The family is (1,2)\r\n");
  }
}

/* The address of ours that the client has reached, if it is of IPv4. */
static const uint8_t *own_address(struct client *c, struct sockaddr_storage *here) {
  socklen_t length = sizeof *here;
  if (getsockname(c->fd, (struct sockaddr *)here, &length)) return NULL;
  if (here->ss_family == AF_INET) return (uint8_t *)&((struct sockaddr_in *)here)->sin_addr;
  struct in6_addr *six = &((struct sockaddr_in6 *)here)->sin6_addr;
  return IN6_IS_ADDR_V4MAPPED(six) ? six->s6_addr + 12 : NULL;
}

static void do_pasv(struct client *c, char *rest) {
  struct ftp_session *s = c->session;
  struct sockaddr_storage here;
  const uint8_t *a = own_address(c, &here);
  int port = a && !s->extended_only ? ftp_passive(c) : -1;
  if (s->extended_only || !a)
    refuse(c, "501 Say EPSV\r\n");
  else if (port < 0)
    refuse(c, "425 No port can be had\r\n");
  else
    client_printf(c, "227 Connect to (%d,%d,%d,%d,%d,%d)\r\n", a[0], a[1], a[2], a[3], port >> 8,
                  port & 255);
}

static void do_epsv(struct client *c, char *rest) {
  struct ftp_session *s = c->session;
  if (!strcasecmp(rest, "ALL")) {
    s->extended_only = true;
    client_puts(c, "200 EPSV from now on\r\n");
    return;
  }
  if (*rest && strcmp(rest, "1") && strcmp(rest, "2")) {
    refuse(c, "522 The family is (1,2)\r\n");
    return;
  }
  int port = ftp_passive(c);
  if (port < 0)
    refuse(c, "425 No port can be had\r\n");
  else
    client_printf(c, "229 Connect to (|||%d|)\r\n", port);
}

static void do_abor(struct client *c, char *rest) {
  struct ftp_session *s = c->session;
  ftp_end(c, s->transfer ? "426 Broken off\r\n" : NULL);
  client_puts(c, "226 Nothing is under way\r\n");
}

/* --- transfers --- */

static bool check_data(struct client *c) {
  if (ftp_can_transfer(c->session)) return true;
  refuse(c, "425 Say PASV or PORT first\r\n");
  return false;
}

static void list(struct client *c, char *word, enum ftp_style style) {
  struct ftp_session *s = c->session;
  char path[TREE_PATH_LIMIT];
  while (style != FTP_MLSD && *word == '-') { /* what somebody would say to ls */
    word += strcspn(word, " ");
    word += strspn(word, " ");
  }
  if (!check_data(c) || !take_path(c, *word ? word : ".", path)) return;
  int error = ftp_list(s, path, style);
  s->restart = 0;
  if (!error) {
    ftp_begin(c, FTP_TEXT, path);
    return;
  }
  ftp_end(c, NULL);
  refuse_file(c, error);
}

static void do_list(struct client *c, char *word) { list(c, word, FTP_LIST); }
static void do_nlst(struct client *c, char *word) { list(c, word, FTP_NLST); }
static void do_mlsd(struct client *c, char *word) { list(c, word, FTP_MLSD); }

static void do_mlst(struct client *c, char *word) {
  struct tree_status status;
  char path[TREE_PATH_LIMIT], facts[128];
  if (!take_path(c, *word ? word : ".", path)) return;
  int error = tree->status(path, &status);
  if (error) {
    refuse_file(c, error);
    return;
  }
  ftp_facts(c->session, &status, facts);
  client_printf(c, "250-Here it is\r\n %s%s\r\n250 That is all\r\n", facts, path);
}

static void transfer(struct client *c, char *word, enum tree_how how) {
  struct ftp_session *s = c->session;
  struct tree_status status = {0};
  char path[TREE_PATH_LIMIT];
  if (!check_data(c) || !take_path(c, word, path)) return;
  int error = how == TREE_READ || ftp_may_change(s, path) ? 0 : -EPERM;
  if (!error && how == TREE_WRITE && s->restart) how = TREE_RESUME;
  if (!error) error = tree->open(path, how, &s->file);
  if (error) {
    s->restart = 0;
    refuse_file(c, error);
    return;
  }
  tree->status(path, &status);
  if (how == TREE_RESUME && !s->restart) s->restart = status.size; /* APPE */
  if (s->restart > status.size) s->restart = status.size;
  client_log(c, "%s %s", how == TREE_READ ? "reads" : "writes", path);
  ftp_begin(c, how == TREE_READ ? FTP_SEND : FTP_RECEIVE, path);
}

static void do_retr(struct client *c, char *word) { transfer(c, word, TREE_READ); }
static void do_stor(struct client *c, char *word) { transfer(c, word, TREE_WRITE); }

static void do_appe(struct client *c, char *word) {
  struct ftp_session *s = c->session;
  s->restart = 0;
  transfer(c, word, TREE_RESUME);
}

static void do_rest(struct client *c, char *word) {
  struct ftp_session *s = c->session;
  char *end;
  unsigned long long at = strtoull(word, &end, 10);
  if (!isdigit((unsigned char)*word) || *end || at > INT32_MAX) {
    refuse(c, "501 Say REST and a number of bytes\r\n");
  } else if (at && !s->binary) {
    refuse(c, "504 Say TYPE I first: lines change their length on the way\r\n");
  } else {
    s->restart = (off_t)at;
    client_printf(c, "350 The next transfer begins at %llu\r\n", at);
  }
}

/* --- files --- */

static void do_pwd(struct client *c, char *rest) {
  struct ftp_session *s = c->session;
  client_puts(c, "257 \"");
  for (const char *p = s->folder; *p; p++) {
    if (*p == '"') client_puts(c, "\"");
    client_write(c, p, 1);
  }
  client_puts(c, "\" is where you are\r\n");
}

static void do_cwd(struct client *c, char *word) {
  struct ftp_session *s = c->session;
  struct tree_status status;
  char path[TREE_PATH_LIMIT];
  if (!take_path(c, word, path)) return;
  int error = tree->status(path, &status);
  if (!error && !status.folder) error = -ENOTDIR;
  if (error) {
    refuse_file(c, error);
    return;
  }
  strcpy(s->folder, path);
  client_puts(c, "250 You are there\r\n");
}

static void do_cdup(struct client *c, char *rest) { do_cwd(c, (char[]){".."}); }

static void do_size(struct client *c, char *word) {
  struct ftp_session *s = c->session;
  struct tree_status status;
  char path[TREE_PATH_LIMIT];
  if (!take_path(c, word, path)) return;
  int error = tree->status(path, &status);
  if (!error && status.folder) error = -EISDIR;
  if (error)
    refuse_file(c, error);
  else if (!s->binary)
    refuse(c, "550 Say TYPE I first: lines change their length on the way\r\n");
  else
    client_printf(c, "213 %lld\r\n", (long long)status.size);
}

static void do_mdtm(struct client *c, char *word) {
  struct tree_status status;
  char path[TREE_PATH_LIMIT], date[32];
  struct tm t;
  if (!take_path(c, word, path)) return;
  int error = tree->status(path, &status);
  if (error) {
    refuse_file(c, error);
    return;
  }
  gmtime_r(&status.changed, &t);
  strftime(date, sizeof date, "%Y%m%d%H%M%S", &t);
  client_printf(c, "213 %s\r\n", date);
}

enum change { REMOVE, REMOVE_FOLDER, MAKE_FOLDER };

static void change(struct client *c, char *word, enum change what) {
  struct ftp_session *s = c->session;
  char path[TREE_PATH_LIMIT];
  if (!take_path(c, word, path)) return;
  int error = s->who != ALICE       ? -EPERM
              : what == MAKE_FOLDER ? tree->make_folder(path)
                                    : tree->remove(path, what == REMOVE_FOLDER);
  if (error) {
    refuse_file(c, error);
    return;
  }
  client_log(c, "%s %s", what == MAKE_FOLDER ? "makes" : "removes", path);
  if (what == MAKE_FOLDER)
    client_printf(c, "257 \"%s\" is there\r\n", path);
  else
    client_puts(c, "250 It is gone\r\n");
}

static void do_dele(struct client *c, char *word) { change(c, word, REMOVE); }
static void do_rmd(struct client *c, char *word) { change(c, word, REMOVE_FOLDER); }
static void do_mkd(struct client *c, char *word) { change(c, word, MAKE_FOLDER); }

static void do_rnfr(struct client *c, char *word) {
  struct ftp_session *s = c->session;
  struct tree_status status;
  char path[TREE_PATH_LIMIT];
  if (!take_path(c, word, path)) return;
  int error = s->who == ALICE ? tree->status(path, &status) : -EPERM;
  if (error) {
    refuse_file(c, error);
    return;
  }
  strcpy(s->rename, path);
  client_puts(c, "350 And what is to be its name?\r\n");
}

static void do_rnto(struct client *c, char *word) {
  struct ftp_session *s = c->session;
  char path[TREE_PATH_LIMIT];
  if (!*s->rename) {
    refuse(c, "503 Say RNFR first\r\n");
    return;
  }
  if (!take_path(c, word, path)) return;
  int error = tree->rename(s->rename, path);
  *s->rename = 0;
  error ? refuse_file(c, error) : client_puts(c, "250 That is its name now\r\n");
}

/* --- the table --- */

enum { ALWAYS = 1, MEANWHILE = 2 }; /* before logging in; during a transfer */
static void do_help(struct client *c, char *rest);

static const struct {
  const char *name;
  int when;
  void (*run)(struct client *, char *rest);
} commands[] = {
    {"USER", ALWAYS, do_user},
    {"PASS", ALWAYS, do_pass},
    {"QUIT", ALWAYS | MEANWHILE, do_quit},
    {"SYST", ALWAYS, do_syst},
    {"FEAT", ALWAYS, do_feat},
    {"OPTS", ALWAYS, do_opts},
    {"HELP", ALWAYS, do_help},
    {"NOOP", ALWAYS | MEANWHILE, do_noop},
    {"STAT", MEANWHILE, do_stat},
    {"ABOR", MEANWHILE, do_abor},
    {"PWD", 0, do_pwd},
    {"CWD", 0, do_cwd},
    {"CDUP", 0, do_cdup},
    {"TYPE", 0, do_type},
    {"STRU", 0, do_stru},
    {"MODE", 0, do_mode},
    {"ALLO", 0, do_allo},
    {"PORT", 0, do_port},
    {"EPRT", 0, do_eprt},
    {"PASV", 0, do_pasv},
    {"EPSV", 0, do_epsv},
    {"LIST", 0, do_list},
    {"NLST", 0, do_nlst},
    {"MLSD", 0, do_mlsd},
    {"MLST", 0, do_mlst},
    {"SIZE", 0, do_size},
    {"MDTM", 0, do_mdtm},
    {"RETR", 0, do_retr},
    {"STOR", 0, do_stor},
    {"APPE", 0, do_appe},
    {"REST", 0, do_rest},
    {"DELE", 0, do_dele},
    {"MKD", 0, do_mkd},
    {"RMD", 0, do_rmd},
    {"RNFR", 0, do_rnfr},
    {"RNTO", 0, do_rnto},
    {"XPWD", 0, do_pwd},
    {"XCWD", 0, do_cwd},
    {"XMKD", 0, do_mkd},
    {"XRMD", 0, do_rmd},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void do_help(struct client *c, char *rest) {
  client_puts(c, "214-USER anonymous, and any PASS; then PASV before each LIST, RETR or STOR:");
  for (int i = 0; i < COMMANDS; i++)
    client_printf(c, "%s%s", i % 12 ? " " : "\r\n ", commands[i].name);
  client_puts(c, "\r\n214 That is all\r\n");
}

/* --- events --- */

static void connected(struct client *c) {
  log_out(c->session);
  client_alarm(c, FTP_PATIENCE);
  client_puts(c, "220 ftp.lab at your service\r\n");
}

/* Takes out what Telnet says in between (RFC 854): 255 and a byte, before ABOR above all. */
static void drop_telnet(char *text) {
  char *to = text;
  for (const char *from = text; *from; from++) {
    if (*from != '\xff')
      *to++ = *from;
    else if (from[1] && *++from == '\xff')
      *to++ = '\xff';
  }
  *to = 0;
}

static void line(struct client *c, char *text, size_t length) {
  struct ftp_session *s = c->session;
  drop_telnet(text);
  size_t name = strcspn(text, " ");
  char *rest = text + name + (text[name] == ' ');
  int i = 0;
  while (i < COMMANDS &&
         (strlen(commands[i].name) != name || strncasecmp(text, commands[i].name, name)))
    i++;
  if (!s->transfer || s->connected) client_alarm(c, FTP_PATIENCE);
  if (i == COMMANDS) {
    refuse(c, "500 There is no such command; HELP tells which there are\r\n");
  } else if (s->who == NOBODY && !(commands[i].when & ALWAYS)) {
    refuse(c, "530 Log in first: USER, then PASS\r\n");
  } else if (s->transfer && !(commands[i].when & MEANWHILE)) {
    refuse(c, "450 A transfer is under way\r\n");
  } else {
    int errors = s->errors;
    bool renaming = *s->rename;
    commands[i].run(c, rest);
    if (s->errors == errors) s->errors = 0;
    if (renaming && commands[i].run != do_rnfr) *s->rename = 0;
  }
}

static void too_long(struct client *c) { refuse(c, "500 That line is too long\r\n"); }

static void on_alarm(struct client *c) {
  struct ftp_session *s = c->session;
  bool busy = s->transfer;
  ftp_give_up(c);
  if (busy) {
    client_alarm(c, FTP_PATIENCE);
    return;
  }
  client_puts(c, "421 You are silent, closing\r\n");
  client_close(c);
}

static void gone(struct client *c) { ftp_end(c, NULL); }

static const struct service ftp = {.session = sizeof(struct ftp_session),
                                   .line_limit = LINE_LIMIT,
                                   .connected = connected,
                                   .line = line,
                                   .too_long = too_long,
                                   .alarm = on_alarm,
                                   .gone = gone};

int main(int argc, char **argv) {
  int port = service_port(argc, argv, 2, 21, "ftp [PORT [FOLDER]]");
  int error = tree_start(argc > 2 ? argv[2] : NULL);
  if (error) {
    fprintf(stderr, "ftp: %s: %s\n", argc > 2 ? argv[2] : "files", strerror(-error));
    return EXIT_FAILURE;
  }
  service_open(port, &ftp, NULL);
  service_run();
}
