/* The tree as it is when the lab starts, and what the kernel itself does with files. */
#include "kernel.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char hosts[] = "127.0.0.1\tlocalhost\n"
                            "::1\tlocalhost ip6-localhost ip6-loopback\n"
                            "198.51.100.1\tserver.outside\n";

static const char services[] = "echo\t\t7/tcp\n"
                               "echo\t\t7/udp\n"
                               "discard\t\t9/tcp\t\tsink null\n"
                               "discard\t\t9/udp\t\tsink null\n"
                               "systat\t\t11/tcp\t\tusers\n"
                               "daytime\t\t13/tcp\n"
                               "daytime\t\t13/udp\n"
                               "qotd\t\t17/tcp\t\tquote\n"
                               "chargen\t\t19/tcp\t\tttytst source\n"
                               "chargen\t\t19/udp\t\tttytst source\n"
                               "ftp-data\t20/tcp\n"
                               "ftp\t\t21/tcp\n"
                               "ssh\t\t22/tcp\n"
                               "telnet\t\t23/tcp\n"
                               "smtp\t\t25/tcp\t\tmail\n"
                               "time\t\t37/tcp\t\ttimserver\n"
                               "time\t\t37/udp\t\ttimserver\n"
                               "whois\t\t43/tcp\t\tnicname\n"
                               "domain\t\t53/tcp\n"
                               "domain\t\t53/udp\n"
                               "bootps\t\t67/udp\n"
                               "bootpc\t\t68/udp\n"
                               "tftp\t\t69/udp\n"
                               "gopher\t\t70/tcp\n"
                               "finger\t\t79/tcp\n"
                               "http\t\t80/tcp\t\twww\n"
                               "pop3\t\t110/tcp\t\tpop-3\n"
                               "sunrpc\t\t111/tcp\t\tportmapper\n"
                               "sunrpc\t\t111/udp\t\tportmapper\n"
                               "auth\t\t113/tcp\t\tauthentication tap ident\n"
                               "nntp\t\t119/tcp\t\treadnews untp\n"
                               "ntp\t\t123/udp\n"
                               "imap2\t\t143/tcp\t\timap\n"
                               "snmp\t\t161/tcp\n"
                               "snmp\t\t161/udp\n"
                               "irc\t\t194/tcp\n"
                               "irc\t\t194/udp\n"
                               "https\t\t443/tcp\n"
                               "https\t\t443/udp\n"
                               "submissions\t465/tcp\tssmtp smtps urd\n"
                               "syslog\t\t514/udp\n"
                               "submission\t587/tcp\n"
                               "domain-s\t853/tcp\n"
                               "imaps\t\t993/tcp\n"
                               "pop3s\t\t995/tcp\n"
                               "socks\t\t1080/tcp\n"
                               "mysql\t\t3306/tcp\n"
                               "postgresql\t5432/tcp\tpostgres\n"
                               "mdns\t\t5353/udp\n"
                               "redis\t\t6379/tcp\n"
                               "http-alt\t8080/tcp\twebcache\n"
                               "http-alt\t8080/udp\n";

static const char protocols[] = "ip\t0\tIP\n"
                                "icmp\t1\tICMP\n"
                                "igmp\t2\tIGMP\n"
                                "tcp\t6\tTCP\n"
                                "udp\t17\tUDP\n"
                                "ipv6\t41\tIPv6\n"
                                "ipv6-route\t43\tIPv6-Route\n"
                                "ipv6-frag\t44\tIPv6-Frag\n"
                                "ipv6-icmp\t58\tIPv6-ICMP\n"
                                "ipv6-nonxt\t59\tIPv6-NoNxt\n"
                                "ipv6-opts\t60\tIPv6-Opts\n"
                                "sctp\t132\tSCTP\n";

static const struct {
  const char *path, *text;
} files[] = {
    {"/etc/hosts", hosts},
    {"/etc/services", services},
    {"/etc/protocols", protocols},
    {"/etc/resolv.conf", "search lab\n"},
    {"/etc/passwd",
     "root:x:0:0:root:/:/bin/sh\nlearner:x:1000:1000:learner:/home/learner:/bin/sh\n"},
    {"/etc/group", "root:x:0:\nlearner:x:1000:\n"},
};

static const struct {
  const char *path;
  mode_t mode;
  uid_t user;
} dirs[] = {
    {"/bin", 0755, 0},
    {"/dev", 0755, 0},
    {"/etc", 0755, 0},
    {"/home", 0755, 0},
    {"/tmp", 01777, 0},
    {"/proc", 0555, 0},
    {"/proc/net", 0555, 0},
    {"/proc/sys", 0555, 0},
    {"/proc/sys/net", 0555, 0},
    {"/proc/sys/net/ipv4", 0555, 0},
    {"/home/learner", 0755, USER},
    {"/dev/pts", 0755, 0},
};

enum { FILES = sizeof files / sizeof *files, DIRS = sizeof dirs / sizeof *dirs };

/* Makes the directories on the way to `path` that are not there, for the owner of the one above. */
static int make_dirs(const char *path) {
  char name[PATH_LIMIT];
  for (const char *slash = path; (slash = strchr(slash + 1, '/'));) {
    struct place at;
    memcpy(name, path, (size_t)(slash - path));
    name[slash - path] = 0;
    int error = path_walk(fs_root, name, FOLLOW, &at);
    if (!error && !at.inode) {
      struct inode *dir = inode_new(S_IFDIR | 0755);
      if (dir) dir->user = at.dir->user;
      error = dir_add(at.dir, at.name, dir);
    }
    if (error) return error;
  }
  return 0;
}

/* A file with these bytes instead of what was there; it belongs to its directory's owner. Programs
 * that run from the old one, or have it open, keep that. */
int fs_write(const char *path, const void *bytes, size_t n, mode_t mode) {
  struct place at;
  if (!*path) return -ENOENT;
  if (strlen(path) >= PATH_LIMIT) return -ENAMETOOLONG;
  int error = make_dirs(path);
  if (!error) error = path_walk(fs_root, path, PARENT, &at);
  if (error) return error;
  if (at.slash || (at.inode && S_ISDIR(at.inode->mode))) return -EISDIR;
  struct inode *i = inode_new(S_IFREG | (mode & 07777));
  if (!i) return -ENOSPC;
  inode_hold(i);
  i->user = at.dir->user;
  error = inode_resize(i, n);
  if (!error && n) memcpy(i->data, bytes, n);
  if (!error) error = dir_add(at.dir, at.name, i);
  inode_put(i);
  return error;
}

static int append(const char *path, const char *text) {
  struct inode *i;
  size_t n = strlen(text);
  int error = path_find(fs_root, path, FOLLOW, &i);
  if (!error) error = inode_resize(i, i->size + n);
  if (!error) memcpy(i->data + i->size - n, text, n);
  return error;
}

/* A line of /etc/hosts. address: as text. */
int fs_host(const char *name, const char *address) {
  char line[256];
  snprintf(line, sizeof line, "%s\t%s %s.lab\n", address, name, name);
  return append("/etc/hosts", line);
}

/* The program at `path`. It is held, and nobody writes to it, until fs_image_end. */
int fs_image(const char *path, struct inode **image) {
  struct inode *i;
  int error = path_find(fs_cwd(), path, FOLLOW, &i);
  if (error) return error;
  if (!S_ISREG(i->mode) || !inode_allows(i, X_OK)) return -EACCES;
  if (i->offered) return (error = offer_await(i)) ? error : fs_image(path, image);
  if (i->writers) return -ETXTBSY;
  if (i->size < 8 || memcmp(i->data, "\0asm", 4)) return -ENOEXEC;
  *image = fs_image_again(i);
  return 0;
}

struct inode *fs_image_again(struct inode *image) {
  image->running++;
  return inode_hold(image);
}

void fs_image_end(struct inode *image) {
  image->running--;
  inode_put(image);
}

int fs_init(void) {
  fs_root = inode_hold(inode_new(S_IFDIR | 0755));
  if (!fs_root) return -ENOMEM;
  fs_root->links = 2;
  for (int n = 0; n < DIRS; n++) {
    struct place at;
    struct inode *dir = inode_new(S_IFDIR | dirs[n].mode);
    path_walk(fs_root, dirs[n].path, PARENT, &at);
    if (dir_add(at.dir, at.name, dir)) return -ENOMEM;
    dir->user = dirs[n].user;
  }
  for (int n = 0; n < FILES; n++)
    if (fs_write(files[n].path, files[n].text, strlen(files[n].text), 0644)) return -ENOMEM;
  int error = devices_init();
  if (!error) error = procfs_init();
  struct inode *home;
  if (!error) error = path_find(fs_root, "/home/learner", FOLLOW, &home);
  if (!error) current->cwd = inode_hold(home); /* the Worker's, and so of all that it starts */
  return error;
}
