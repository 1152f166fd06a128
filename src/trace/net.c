/* Addresses, options and messages of sockets. */
#define _GNU_SOURCE
#include "parts.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>

/* --- addresses --- */

static void text_unix(struct text *t, const char *path, size_t n) {
  if (!n) return;
  text_add(t, ", sun_path=%s", *path ? "" : "@");
  if (*path)
    text_quoted(t, path, strnlen(path, n), 0, n);
  else
    text_quoted(t, path + 1, n - 1, 0, n);
}

static void text_six(struct text *t, const struct sockaddr_in6 *six) {
  char name[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, &six->sin6_addr, name, sizeof name);
  text_add(t,
           ", sin6_port=htons(%u), sin6_flowinfo=htonl(%u), inet_pton(AF_INET6, \"%s\", "
           "&sin6_addr), sin6_scope_id=%u",
           ntohs(six->sin6_port), (unsigned)ntohl(six->sin6_flowinfo), name,
           (unsigned)six->sin6_scope_id);
}

void text_address(struct text *t, const void *address, size_t length) {
  union {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    struct sockaddr_un un;
    char bytes[128];
  } a = {0};
  char name[INET_ADDRSTRLEN];
  memcpy(&a, address, length < sizeof a ? length : sizeof a);
  if (length < sizeof a.any.sa_family) {
    text_quoted(t, address, length, 0, length);
    return;
  }
  text_add(t, "{sa_family=");
  text_name(t, a.any.sa_family, domains, "AF_???");
  if (a.any.sa_family == AF_INET && length >= sizeof a.four)
    text_add(t, ", sin_port=htons(%u), sin_addr=inet_addr(\"%s\")", ntohs(a.four.sin_port),
             inet_ntop(AF_INET, &a.four.sin_addr, name, sizeof name));
  else if (a.any.sa_family == AF_INET6 && length >= sizeof a.six - 4)
    text_six(t, &a.six);
  else if (a.any.sa_family == AF_UNIX)
    text_unix(t, a.un.sun_path, length - offsetof(struct sockaddr_un, sun_path));
  else if (length > 2) {
    text_add(t, ", sa_data=");
    text_quoted(t, a.bytes + 2, (length < sizeof a ? length : sizeof a) - 2, 0, sizeof a);
  }
  text_add(t, "}");
}

void text_endpoint(struct text *t, const void *address, size_t length) {
  struct sockaddr_in four;
  struct sockaddr_in6 six;
  char name[INET6_ADDRSTRLEN];
  if (length >= sizeof six) {
    memcpy(&six, address, sizeof six);
    text_add(t, "[%s]:%u", inet_ntop(AF_INET6, &six.sin6_addr, name, sizeof name),
             ntohs(six.sin6_port));
  } else if (length >= sizeof four) {
    memcpy(&four, address, sizeof four);
    text_add(t, "%s:%u", inet_ntop(AF_INET, &four.sin_addr, name, sizeof name),
             ntohs(four.sin_port));
  }
}

/* As strace -y has it: socket:[1234]; as -yy: TCP:[10.0.0.1:80->10.0.0.2:50000]. */
void text_socket(struct text *t, const struct trace_socket *s, bool addresses) {
  bool inet = s->domain == AF_INET || s->domain == AF_INET6;
  if (!addresses || !inet || !s->local_length) {
    text_add(t, "<socket:[%llu]>", (unsigned long long)s->inode);
    return;
  }
  const char *kind = s->type == SOCK_STREAM ? "TCP" : s->type == SOCK_DGRAM ? "UDP" : "RAW";
  text_add(t, "<%s%s:[", kind, s->domain == AF_INET6 ? "v6" : "");
  text_endpoint(t, s->local, s->local_length);
  if (s->peer_length) text_add(t, "->");
  text_endpoint(t, s->peer, s->peer_length);
  text_add(t, "]>");
}

/* --- options --- */

#define END {0, NULL}
static const struct name socket_options[] = {NAME(SO_DEBUG),
                                             NAME(SO_REUSEADDR),
                                             NAME(SO_TYPE),
                                             NAME(SO_ERROR),
                                             NAME(SO_DONTROUTE),
                                             NAME(SO_BROADCAST),
                                             NAME(SO_SNDBUF),
                                             NAME(SO_RCVBUF),
                                             NAME(SO_KEEPALIVE),
                                             NAME(SO_OOBINLINE),
                                             NAME(SO_NO_CHECK),
                                             NAME(SO_PRIORITY),
                                             NAME(SO_LINGER),
                                             NAME(SO_REUSEPORT),
                                             NAME(SO_PASSCRED),
                                             NAME(SO_PEERCRED),
                                             NAME(SO_RCVLOWAT),
                                             NAME(SO_SNDLOWAT),
                                             {SO_RCVTIMEO, "SO_RCVTIMEO_OLD"},
                                             {SO_SNDTIMEO, "SO_SNDTIMEO_OLD"},
                                             NAME(SO_BINDTODEVICE),
                                             {SO_TIMESTAMP, "SO_TIMESTAMP_OLD"},
                                             NAME(SO_ACCEPTCONN),
                                             NAME(SO_PROTOCOL),
                                             NAME(SO_DOMAIN),
                                             NAME(SO_MARK),
                                             END};
static const struct name ip_names[] = {NAME(IP_TOS),
                                       NAME(IP_TTL),
                                       NAME(IP_HDRINCL),
                                       NAME(IP_OPTIONS),
                                       NAME(IP_RECVOPTS),
                                       NAME(IP_PKTINFO),
                                       NAME(IP_MTU_DISCOVER),
                                       NAME(IP_RECVERR),
                                       NAME(IP_RECVTTL),
                                       NAME(IP_RECVTOS),
                                       NAME(IP_MTU),
                                       NAME(IP_FREEBIND),
                                       NAME(IP_MULTICAST_IF),
                                       NAME(IP_MULTICAST_TTL),
                                       NAME(IP_MULTICAST_LOOP),
                                       NAME(IP_ADD_MEMBERSHIP),
                                       NAME(IP_DROP_MEMBERSHIP),
                                       NAME(IP_ADD_SOURCE_MEMBERSHIP),
                                       NAME(IP_DROP_SOURCE_MEMBERSHIP),
                                       NAME(IP_MULTICAST_ALL),
                                       END};
static const struct name ipv6_names[] = {NAME(IPV6_UNICAST_HOPS),     NAME(IPV6_MULTICAST_IF),
                                         NAME(IPV6_MULTICAST_HOPS),   NAME(IPV6_MULTICAST_LOOP),
                                         {20, "IPV6_ADD_MEMBERSHIP"}, {21, "IPV6_DROP_MEMBERSHIP"},
                                         NAME(IPV6_MTU_DISCOVER),     NAME(IPV6_MTU),
                                         NAME(IPV6_RECVERR),          NAME(IPV6_V6ONLY),
                                         NAME(IPV6_RECVPKTINFO),      NAME(IPV6_PKTINFO),
                                         NAME(IPV6_RECVHOPLIMIT),     NAME(IPV6_HOPLIMIT),
                                         NAME(IPV6_RECVTCLASS),       NAME(IPV6_TCLASS),
                                         NAME(IPV6_CHECKSUM),         END};
static const struct name tcp_names[] = {
    NAME(TCP_NODELAY),      NAME(TCP_MAXSEG),       NAME(TCP_CORK),     NAME(TCP_KEEPIDLE),
    NAME(TCP_KEEPINTVL),    NAME(TCP_KEEPCNT),      NAME(TCP_SYNCNT),   NAME(TCP_LINGER2),
    NAME(TCP_DEFER_ACCEPT), NAME(TCP_WINDOW_CLAMP), NAME(TCP_INFO),     NAME(TCP_QUICKACK),
    NAME(TCP_CONGESTION),   NAME(TCP_USER_TIMEOUT), NAME(TCP_FASTOPEN), END};
static const struct name none[] = {END};

void text_option(struct text *t, int level, int option) {
  switch (level) {
  case SOL_SOCKET: text_name(t, option, socket_options, "SO_???"); return;
  case IPPROTO_IP: text_name(t, option, ip_names, "IP_???"); return;
  case IPPROTO_IPV6: text_name(t, option, ipv6_names, "IPV6_???"); return;
  case IPPROTO_TCP: text_name(t, option, tcp_names, "TCP_???"); return;
  default: text_name(t, option, none, "SO_???");
  }
}

static void text_four(struct text *t, const char *name, struct in_addr a) {
  char address[INET_ADDRSTRLEN];
  text_add(t, "%s=inet_addr(\"%s\")", name, inet_ntop(AF_INET, &a, address, sizeof address));
}

void text_option_value(struct text *t, int level, int option, const void *value, size_t length,
                       size_t full, const struct decode_options *o) {
  struct linger linger;
  struct timeval time;
  struct ip_mreq group;
  int number;
  bool sol = level == SOL_SOCKET;
  if (sol && option == SO_LINGER && length == sizeof linger) {
    memcpy(&linger, value, sizeof linger);
    text_add(t, "{l_onoff=%d, l_linger=%d}", linger.l_onoff, linger.l_linger);
  } else if (sol && (option == SO_RCVTIMEO || option == SO_SNDTIMEO) && length == sizeof time) {
    memcpy(&time, value, sizeof time);
    text_add(t, "{tv_sec=%lld, tv_usec=%lld}", (long long)time.tv_sec, (long long)time.tv_usec);
  } else if (level == IPPROTO_IP && length == sizeof group &&
             (option == IP_ADD_MEMBERSHIP || option == IP_DROP_MEMBERSHIP)) {
    memcpy(&group, value, sizeof group);
    text_add(t, "{");
    text_four(t, "imr_multiaddr", group.imr_multiaddr);
    text_four(t, ", imr_interface", group.imr_interface);
    text_add(t, "}");
  } else if (length == sizeof number && !(sol && option == SO_BINDTODEVICE)) {
    memcpy(&number, value, sizeof number);
    text_add(t, "[%d]", number);
  } else {
    text_quoted(t, value, length, full, o->bytes);
  }
}

/* --- messages --- */

void text_vector(struct text *t, const struct trace_record *r, int argument, bool after, int part,
                 size_t count, const struct decode_options *o) {
  const struct trace_piece *p = record_piece(r, argument, after, part + TRACE_VECTOR);
  size_t n = p ? p->length / sizeof(struct iovec) : 0;
  text_add(t, "[");
  for (size_t i = 0; i < n && i < count; i++) {
    struct iovec v;
    memcpy(&v, (const char *)piece_bytes(p) + i * sizeof v, sizeof v);
    const struct trace_piece *b = record_piece(r, argument, after, part + TRACE_BUFFER + (int)i);
    text_add(t, i ? ", {iov_base=" : "{iov_base=");
    if (b)
      text_quoted(t, piece_bytes(b), b->length, (size_t)b->full, o->bytes);
    else if (after && v.iov_base)
      text_add(t, "\"\"");
    else
      text_add(t, v.iov_base ? "%#llx" : "NULL", (unsigned long long)(uintptr_t)v.iov_base);
    text_add(t, ", iov_len=%llu}", (unsigned long long)v.iov_len);
  }
  text_add(t, n < count ? ", ...]" : "]");
}

static const struct name socket_messages[] = {
    NAME(SCM_RIGHTS), NAME(SCM_CREDENTIALS), {SO_TIMESTAMP, "SO_TIMESTAMP_OLD"}, END};

static void text_rights(struct text *t, const char *data, size_t n) {
  text_add(t, "[");
  for (size_t i = 0; i + sizeof(int) <= n; i += sizeof(int)) {
    int fd;
    memcpy(&fd, data + i, sizeof fd);
    text_add(t, i ? ", %d" : "%d", fd);
  }
  text_add(t, "]");
}

static void text_control_data(struct text *t, int level, int type, const char *data, size_t n) {
  struct ucred who;
  int number;
  if (level == SOL_SOCKET && type == SCM_RIGHTS) {
    text_rights(t, data, n);
  } else if (level == SOL_SOCKET && type == SCM_CREDENTIALS && n >= sizeof who) {
    memcpy(&who, data, sizeof who);
    text_add(t, "{pid=%d, uid=%u, gid=%u}", (int)who.pid, (unsigned)who.uid, (unsigned)who.gid);
  } else if (n == sizeof number) {
    memcpy(&number, data, sizeof number);
    text_add(t, "[%d]", number);
  } else {
    text_quoted(t, data, n, n, 64);
  }
}

static void text_controls(struct text *t, const char *bytes, size_t n) {
  struct cmsghdr c;
  const char *between = "";
  text_add(t, "[");
  for (size_t at = 0; at + sizeof c <= n; at += CMSG_ALIGN(c.cmsg_len)) {
    memcpy(&c, bytes + at, sizeof c);
    if (c.cmsg_len < sizeof c || c.cmsg_len > n - at) break;
    text_add(t, "%s{cmsg_len=%llu, cmsg_level=", between, (unsigned long long)c.cmsg_len);
    text_name(t, c.cmsg_level, socket_levels, "SOL_???");
    text_add(t, ", cmsg_type=");
    if (c.cmsg_level == SOL_SOCKET)
      text_name(t, c.cmsg_type, socket_messages, "SCM_???");
    else
      text_option(t, c.cmsg_level, c.cmsg_type);
    text_add(t, ", cmsg_data=");
    size_t header = CMSG_LEN(0);
    if (c.cmsg_len > header)
      text_control_data(t, c.cmsg_level, c.cmsg_type, bytes + at + header, c.cmsg_len - header);
    text_add(t, "}");
    between = ", ";
  }
  text_add(t, "]");
}

void text_message(struct text *t, const struct trace_record *r, int argument, bool after, int part,
                  const struct decode_options *o) {
  struct msghdr m = {0};
  const struct trace_piece *p = record_piece(r, argument, after, part), *name, *control;
  if (!p || p->length < sizeof m) {
    text_add(t, "{...}");
    return;
  }
  memcpy(&m, piece_bytes(p), sizeof m);
  name = record_piece(r, argument, after, part + TRACE_NAME);
  control = record_piece(r, argument, after, part + TRACE_CONTROL);
  text_add(t, "{msg_name=");
  if (name && name->length)
    text_address(t, piece_bytes(name), name->length);
  else
    text_add(t, m.msg_name ? "%#llx" : "NULL", (unsigned long long)(uintptr_t)m.msg_name);
  text_add(t, ", msg_namelen=%u, msg_iov=", (unsigned)m.msg_namelen);
  text_vector(t, r, argument, after, part, (size_t)m.msg_iovlen, o);
  text_add(t, ", msg_iovlen=%llu", (unsigned long long)m.msg_iovlen);
  if (control && control->length) {
    text_add(t, ", msg_control=");
    text_controls(t, piece_bytes(control), control->length);
  }
  text_add(t, ", msg_controllen=%llu, msg_flags=", (unsigned long long)m.msg_controllen);
  text_flags(t, (uint32_t)m.msg_flags, message_flags, "MSG_???");
  text_add(t, "}");
}
