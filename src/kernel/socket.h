/* The part of the kernel's index (kernel.h) on sockets and the network. */
#ifndef PORTSIDE_SOCKET_H
#define PORTSIDE_SOCKET_H

/* socket.c: what all families share */
enum { SOCKADDR_LIMIT = 128 };
struct msg;
struct sock_ops {
  int (*bind)(struct socket *, const void *address, int length);
  int (*listen)(struct socket *, int backlog);
  int (*accept)(struct socket *, bool nonblock, struct socket **to);
  int (*connect)(struct socket *, const void *address, int length, bool nonblock);
  ssize_t (*send)(struct socket *, struct uio *, struct msg *);
  ssize_t (*receive)(struct socket *, struct uio *, struct msg *);
  int (*name)(struct socket *, bool peer, void *address); /* its length */
  int (*shutdown)(struct socket *, int how);
  int (*get)(struct socket *, int level, int option, void *value, int *length);
  int (*set)(struct socket *, int level, int option, const void *value, int length);
  void (*option)(struct socket *, int option); /* one of SOL_SOCKET has changed */
  int (*poll)(struct socket *);
  int (*ioctl)(struct socket *, unsigned request, uptr argument);
  void (*close)(struct socket *); /* frees it */
};
struct socket {
  const struct sock_ops *ops;
  struct file *file; /* that it is; NULL: not yet */
  int domain, type, protocol;
  struct host *host;
  struct waitq changed;
  int error; /* SO_ERROR, positive */
  bool listening;
  int64_t receive_timeout, send_timeout; /* ns, FOREVER */
  int reuse, reuse_port, broadcast, keepalive, oob_inline, dont_route, timestamp, no_check, mark,
      priority;
  int receive_size, send_size, receive_low; /* SO_RCVBUF, SO_SNDBUF, SO_RCVLOWAT */
  struct linger linger;
  int pass_credentials; /* SO_PASSCRED, SO_PEERCRED */
  struct ucred peer_credentials;
  int device;              /* SO_BINDTODEVICE: the number of an interface, 0: none */
  struct gateway *outside; /* a connection that leaves the lab */
  uint32_t listed;         /* by which list of procnet.c's */
};
struct msg { /* what goes with the bytes of one send or receive */
  uint8_t address[SOCKADDR_LIMIT];
  int address_length, flags, flags_out; /* flags_out: msg_flags */
  bool nonblock;
  const void *control; /* sending: the program's control messages, a copy; read with msg_next */
  size_t control_length;
  uptr control_to; /* receiving: where msg_put puts them */
  size_t control_room, control_used;
};
extern const struct file_ops socket_ops;
void socket_init(struct socket *s, int domain, int type, int protocol);
struct file *socket_open(struct socket *s, int flags); /* frees it on failure: NULL */
int socket_file(struct socket *s, int flags); /* a descriptor for it; frees it on failure */
int socket_pair(int domain, int type, int protocol, struct socket *s[2]); /* 0 or -errno */
void socket_changed(struct socket *s,
                    int events);               /* wakes as wake_for; SIGIO for who asked for it */
void socket_signal(struct socket *s, int sig); /* to its owner, if it has one */
void socket_error(struct socket *s, int error);
int socket_take_error(struct socket *s); /* -errno, once */
struct socket *socket_get(int fd, int *error,
                          struct file **file); /* NULL: *error says why; file may be NULL */
bool socket_nonblocking(const struct file *f, int flags);               /* flags: MSG_DONTWAIT */
ssize_t socket_send(struct socket *s, struct uio *from, struct msg *m); /* SIGPIPE too */
ssize_t socket_receive(struct socket *s, struct uio *to, struct msg *m);
int socket_address_in(void *to, uptr from, unsigned length); /* `to` has SOCKADDR_LIMIT bytes */
int socket_address_out(const void *from, int length, uptr to, uptr to_length);
int socket_sleep_on(struct waitq *q, int64_t deadline,
                    bool nonblock); /* its calls' sleep: -EAGAIN too late */
int socket_sleep(struct socket *s, int64_t deadline,
                 bool nonblock); /* 0, or why not: -EAGAIN, -ERESTARTSYS */
long sys_socket(int domain, int type, int protocol);
long sys_socketpair(int domain, int type, int protocol, uptr fds);
long sys_bind(int fd, uptr address, unsigned length);
long sys_listen(int fd, int backlog);
long sys_accept4(int fd, uptr address, uptr length, int flags);
long sys_connect(int fd, uptr address, unsigned length);
long sys_getsockname(int fd, uptr address, uptr length);
long sys_getpeername(int fd, uptr address, uptr length);
long sys_shutdown(int fd, int how);
long sys_getsockopt(int fd, int level, int option, uptr value, uptr length);
long sys_setsockopt(int fd, int level, int option, uptr value, unsigned length);

/* sockopt.c: level SOL_SOCKET. Both give -errno; getting, the value's length */
int socket_get_option(struct socket *s, int option, void *value,
                      int room); /* value has 256 bytes */
int socket_set_option(struct socket *s, int option, const void *value, size_t length);

/* message.c: sending and receiving, and the control messages (cmsg) that go with the bytes */
struct control {
  int level, type;
  const void *data;
  size_t length;
};
int msg_next(const struct msg *m, size_t *at,
             struct control *to); /* 1, 0 after the last, -EINVAL; *at: 0 at first */
void msg_put(struct msg *m, int level, int type, const void *data,
             size_t n); /* MSG_CTRUNC if it does not fit */
long sys_sendto(int fd, uptr buffer, size_t n, int flags, uptr address, unsigned length);
long sys_recvfrom(int fd, uptr buffer, size_t n, int flags, uptr address, uptr length);
long sys_sendmsg(int fd, uptr msg, int flags);
long sys_recvmsg(int fd, uptr msg, int flags);
long sys_sendmmsg(int fd, uptr messages, unsigned n, int flags);
long sys_recvmmsg(int fd, uptr messages, unsigned n, int flags, uptr timeout);

/* unix.c: sockets of AF_UNIX */
int unix_socket(int domain, int type, int protocol, struct socket **to);
void unix_pair(struct socket *a, struct socket *b);
void rights_collect(void); /* unix_rights.c: closes sockets that are in flight and out of reach */

/* packet.c: sockets of AF_PACKET */
int packet_socket(int domain, int type, int protocol, struct socket **to);

/* net.c: hosts, their interfaces, and the network between them (with lwIP) */
struct host *host_new(const char *name,
                      uint32_t address);  /* address in host order; NULL: no memory */
struct host *host_find(const char *name); /* NULL name: the first */
const char *host_name(const struct host *h);
int net_device(const char *name);        /* an interface's number, from 1 on; 0: no such name */
const char *net_device_name(int number); /* NULL: no such number */
void net_init(void);
void net_run(void); /* delivers what is on its way now */
/* A host's link to the others: ns, ns, of a million frames (3), bits a second. */
int net_link(const char *host, int64_t delay, int64_t jitter, uint32_t loss, uint32_t duplicate,
             uint32_t reorder, uint32_t rate, bool cut);
struct file *
capture_open(void);             /* every frame from now on, as pcapng; NULL: there is one already */
uint64_t capture_dropped(void); /* frames that nobody read in time */

/* record.c: the last frames, as pcapng */
int record_begin(void);                    /* from now on; 0 or -ENOMEM */
size_t record_read(uint8_t *to, size_t n); /* whole blocks; n: at least 128 KiB */
uint64_t record_dropped(void);             /* frames that were overwritten */

/* hold.c: the network held. Frames stay on their way, and TCP's clocks stand; programs go on */
void net_hold(bool on);
void net_step(void);       /* while held: the next frame arrives, or TCP's clock goes on to it */
unsigned net_on_way(void); /* frames */

/* socket_list.c: all sockets, as struct socket_record (socket_list.h); how many of them */
size_t socket_list(void *to, size_t room);

/* inet.c: sockets of AF_INET and AF_INET6; tcp.c, udp.c, raw.c, ping.c: of each kind */
int inet_socket(int domain, int type, int protocol, struct socket **to);
struct socket *tcp_socket(int domain, int protocol); /* NULL: no memory */
struct socket *udp_socket(int domain, int protocol);
struct socket *raw_socket(int domain, int protocol);
struct socket *ping_socket(int domain, int protocol);

/* interface.c: what programs learn of interfaces */
int interface_ioctl(const struct socket *s, unsigned request,
                    uptr argument);  /* -ENOTTY: none of them */
void interface_text(struct text *t); /* /proc/net/if_inet6 of the caller's host */

/* tcp.c, gateway.c: SOCK_STREAM, in the lab and outside */
int tcp_get(struct socket *s, int level, int option, void *value, int *length);
int tcp_set(struct socket *s, int level, int option, const void *value, int length);
void tcp_close_socket(struct socket *s);
int tcp_name(struct socket *s, bool peer, void *to);
int gateway_connect(struct socket *s, uint32_t address, uint16_t port, bool nonblock);
void gateway_connected(int fd);
void gateway_failed(int fd, const char *error);
void gateway_end(int fd); /* the outside sends no more */
/* The Worker writes n bytes and reads what the program answers within ns, `room` at the most, to
 * where they were: how many; 0 if it answers later or never, of which the Worker is told as usual.
 * -ENOBUFS: not now, and nothing was done. Gives the lock up meanwhile. */
ssize_t gateway_exchange(int fd, void *bytes, size_t n, size_t room, int64_t ns);

#endif
