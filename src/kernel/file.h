/* The part of the kernel's index (kernel.h) on descriptors, the kinds of files, and their tree. */
#ifndef PORTSIDE_FILE_H
#define PORTSIDE_FILE_H

/* file.c: descriptors, and what every kind of file has in common */
struct poller;
struct file_ops { /* NULL: the kind does not have it */
  ssize_t (*read)(struct file *, struct uio *, bool nonblock);
  ssize_t (*write)(struct file *, struct uio *, bool nonblock);
  int (*poll)(struct file *,
              struct poller *); /* what is ready: POLLIN... ; registers with poll_wait */
  int (*ioctl)(struct file *, unsigned request, uptr argument);
  int (*stat)(struct file *, void *struct_stat);
  void (*close)(struct file *); /* the last descriptor is gone */
  ssize_t (*pread)(struct file *, struct uio *,
                   int64_t offset); /* a seekable file's read and write */
  ssize_t (*pwrite)(struct file *, struct uio *, int64_t offset);
  int64_t (*seek)(struct file *, int64_t offset, int whence); /* its offset then, or -errno */
};
struct file {
  const struct file_ops *ops;
  void *object;
  int references, flags; /* flags: O_ACCMODE, O_NONBLOCK, O_APPEND, ... */
  int owner;             /* fcntl(2), F_SETOWN: a process, -group, 0 nobody */
  int64_t offset;
  struct item *watched; /* by epolls */
};
struct file *file_new(const struct file_ops *ops, void *object, int flags); /* NULL: no memory */
struct file *file_get(int fd); /* borrowed, NULL: EBADF; take a reference before sleeping */
void file_put(struct file *f); /* gives a reference up */
/* At its offset if it has one; it has write or pwrite, and the caller a reference. */
ssize_t file_give(struct file *f, struct uio *u);
int fd_limit(const struct proc *p);     /* RLIMIT_NOFILE */
int fd_grow(struct proc *p, int count); /* has room for that many: 0 or -ENOMEM */
int fd_find(struct proc *p, int least); /* what fd_alloc gives: -EMFILE, -ENOMEM */
/* Takes the reference over, even when it fails. */
int fd_alloc(struct proc *p, struct file *f, int least, bool cloexec);
int fd_close(struct proc *p, int fd);
void fd_close_all(struct proc *p);
void fd_close_on_exec(struct proc *p);
long sys_close(int fd);
long sys_dup(int fd);
long sys_dup3(int from, int to, int flags);
long sys_fcntl(int fd, int command, uptr arguments);
long sys_ioctl(int fd, unsigned request, uptr arguments);
long sys_read(int fd, uptr buffer, size_t n);
long sys_write(int fd, uptr buffer, size_t n);
long sys_readv(int fd, uptr iov, int count);
long sys_writev(int fd, uptr iov, int count);
long sys_preadv(int fd, uptr iov, int count, int64_t offset);
long sys_pwritev(int fd, uptr iov, int count, int64_t offset);
long sys_isatty(int fd);
long sys_fdstat(int fd, uptr to); /* WASI fd_fdstat_get */

/* sendfile.c */
long sys_sendfile(int out, int in, uptr offset, size_t count);

/* poll.c */
struct poller {
  struct poll_entry *entries;
  int count, capacity;
  bool failed;
  void (*add)(struct poller *, struct waitq *);
};
void poll_wait(struct poller *p, struct waitq *q); /* p may be NULL: only asking */
struct masked {
  bool set;
  uint64_t before;
}; /* a call under another signal mask */
int mask_begin(struct masked *m, uptr set, size_t size);
long mask_end(const struct masked *m, long result);
long sys_poll(uptr fds, unsigned n, int64_t timeout_ns);
long sys_ppoll(uptr fds, unsigned n, uptr timespec, uptr mask, size_t mask_size);
long sys_select(int n, uptr read, uptr write, uptr except, int64_t timeout_ns);
long sys_newselect(int n, uptr read, uptr write, uptr except, uptr timeval);
long sys_pselect6(int n, uptr read, uptr write, uptr except, uptr timespec, uptr mask);

/* epoll.c */
void epoll_forget(struct file *f); /* f is closed: nobody watches it any more */
long sys_epoll_create1(int flags);
long sys_epoll_ctl(int epoll, int operation, int fd, uptr event);
long sys_epoll_wait(int epoll, uptr events, int most, int64_t timeout_ns);
long sys_epoll_pwait(int epoll, uptr events, int most, int64_t timeout_ns, uptr mask,
                     size_t mask_size);

/* eventfd.c, timerfd.c */
long sys_eventfd2(unsigned value, int flags);
long sys_timerfd_create(int clock, int flags);
long sys_timerfd_settime(int fd, int flags, uptr new, uptr old);
long sys_timerfd_gettime(int fd, uptr to);

/* pipe.c */
int pipe_new(struct file *ends[2], int flags); /* [0] to read from, [1] to write to */
long sys_pipe2(uptr fds, int flags);

/* pty.c: terminals (tty.h) */
struct file *tty_new(int columns, int rows, struct file **slave); /* the master; NULL: no memory */
void tty_resize(struct file *master, int columns, int rows);
int tty_foreground(struct file *master); /* its foreground process group, 0: none */
/* Whether its parent is the shell of the terminal to which it writes its errors, and will say there
 * what ended it. */
bool tty_shell_tells(const struct proc *p);
bool file_is_tty(const struct file *f);
void tty_adopt(
    struct file *f); /* if it is a terminal, and free, it becomes the caller's session's */
enum { PTS_MAJOR = 136, FIRST_PTS = 1000 }; /* of /dev/pts/0: its device, as inode.c has them */
int ptmx_open(int flags, struct file **to);

/* compiler.c: 0 or -errno */
int compiler_open(int flags, struct file **to);
int pts_open(int number, int flags, struct file **to); /* -1: /dev/tty */

/* inode.c: what is stored, in memory: files, directories, symbolic links. One tree for all hosts */
enum { FS_LIMIT = 256 << 20, USER = 1000 }; /* bytes in all; the number of the one user */
struct entry {
  struct entry *next;
  struct inode *inode;
  int64_t place;
  char name[];
};
struct inode {
  ino_t number;
  mode_t mode;
  uid_t user;     /* its owner; the group has the same number */
  unsigned links; /* its names; a directory's also those of its ".", and its directories' ".." */
  int references; /* those who hold it */
  int running, writers; /* processes that run it, open files that write to it: never both */
  int64_t accessed, modified, changed; /* ns since 1970 */
  uint8_t *data;                       /* a file's bytes, a symbolic link's target */
  size_t size, capacity;
  uint32_t version;      /* another one whenever the bytes change, and never the same twice */
  struct entry *entries; /* of a directory, and the one it is in, which it holds */
  struct inode *parent;
  int device;                         /* which */
  struct socket *socket;              /* bound to it, or NULL */
  void (*text)(struct text *);        /* a file of /proc: makes what is read of it (procfs.h) */
  void (*refresh)(struct inode *dir); /* a directory of /proc: makes its entries */
  int pid;                            /* of /proc/PID and what is in it */
  int offered;                        /* its bytes are not there yet: the page's number for it */
  size_t offered_size;
  bool wanted, refused; /* they have been asked for, and could not be had */
  struct waitq arrival;
};
extern size_t inode_bytes;            /* what they all take */
struct inode *inode_new(mode_t mode); /* held by nobody; NULL: no space */
struct inode *inode_hold(struct inode *i);
void inode_put(struct inode *i);
bool inode_named(const struct inode *i);
bool inode_owned(const struct inode *i);              /* by the caller */
bool inode_allows(const struct inode *i, int wanted); /* R_OK, W_OK, X_OK */
void inode_modified(struct inode *i);
size_t inode_room(const struct inode *i);        /* the most it can hold now */
int inode_reserve(struct inode *i, size_t size); /* 0, -EFBIG, -ENOSPC */
int inode_resize(struct inode *i, size_t size);
struct inode *dir_find(struct inode *dir, const char *name); /* NULL: not there */
int dir_add(struct inode *dir, const char *name, struct inode *i);
void dir_remove(struct inode *dir, const char *name);
int dir_move(struct inode *from, const char *name, struct inode *to, const char *new_name);
const struct entry *dir_after(const struct inode *dir, int64_t place);
const char *dir_name(const struct inode *dir);

/* path.c: what a path leads to. `base` is where it begins if it is relative */
struct place {
  struct inode *dir, *inode; /* where the last name is, and what has it: NULL if nothing */
  char name[256];            /* the last name; "" for the root */
  bool slash;                /* a slash was behind it */
};
enum follow {
  PARENT,
  NOFOLLOW,
  FOLLOW
}; /* a symbolic link at the end: never, before a slash, always */
extern struct inode *fs_root;
struct inode *fs_cwd(void);
int path_walk(struct inode *base, const char *path, enum follow follow, struct place *to);
int path_find(struct inode *base, const char *path, enum follow follow, struct inode **to);
int path_base(int dir, const char *path, struct inode **base); /* dir: a descriptor or AT_FDCWD */
int place_free(const struct place *at, bool for_dir);
int user_walk(int dir, uptr path, enum follow follow, struct place *to);
int user_find(int dir, uptr path, enum follow follow, struct inode **to);
long sys_getcwd(uptr to, size_t size);
long sys_chdir(uptr path);
long sys_fchdir(int fd);

/* procfs.c */
extern const struct file_ops proc_ops;
int procfs_init(void); /* 0 or -errno */

/* open.c: open files and directories */
int fs_open(struct inode *base, const char *path, int flags, mode_t mode, struct file **to);
struct inode *file_inode(const struct file *f); /* NULL: it is none of the tree's */
void inode_close(struct file *f);
long sys_openat(int dir, uptr path, int flags, mode_t mode);
long sys_lseek(int fd, int64_t offset, int whence, uptr to);
long sys_getdents64(int fd, uptr to, size_t room);
long sys_truncate(uptr path, int64_t size);
long sys_ftruncate(int fd, int64_t size);
long sys_fallocate(int fd, int mode, int64_t offset, int64_t length);
long sys_fsync(int fd);
long sys_fadvise(int fd, int advice);

/* stat.c: what is known of a file beside its bytes */
int inode_stat(struct file *f, void *to);
ino_t file_number(const struct file *f); /* of one that is not in the tree */
long sys_fstat(int fd, uptr to);
long sys_fstatat(int dir, uptr path, uptr to, int flags);
long sys_faccessat(int dir, uptr path, int wanted, int flags);
long sys_fchmodat(int dir, uptr path, mode_t mode);
long sys_fchmod(int fd, mode_t mode);
long sys_fchownat(int dir, uptr path, uid_t user, gid_t group, int flags);
long sys_fchown(int fd, uid_t user, gid_t group);
long sys_utimensat(int dir, uptr path, uptr times, int flags);
long sys_statfs(uptr path, size_t size, uptr to);
long sys_fstatfs(int fd, size_t size, uptr to);

/* names.c: giving and taking names */
long sys_mkdirat(int dir, uptr path, mode_t mode);
long sys_mknodat(int dir, uptr path, mode_t mode);
long sys_symlinkat(uptr target, int dir, uptr path);
long sys_readlinkat(int dir, uptr path, uptr to, int size);
long sys_linkat(int from_dir, uptr from, int to_dir, uptr to, int flags);
long sys_unlinkat(int dir, uptr path, int flags);
long sys_renameat(int from_dir, uptr from, int to_dir, uptr to);
int fs_socket_bind(const char *path, struct socket *s,
                   struct inode **to); /* ends with fs_socket_end */
int fs_socket_find(const char *path, struct socket **to);
void fs_socket_end(struct inode *i);

/* dev.c: /dev */
int devices_init(void);
int device_open(struct inode *i, int flags, struct file **to);
dev_t device_number(const struct inode *i);

/* offer.c: programs whose bytes come when they are first used */
int offer(int number, const char *path, size_t size, int count, const char *names);
int offer_await(struct inode *i);
void offer_deliver(struct inode *i, const void *bytes, size_t n);

/* fs.c: the tree as it begins, and what the kernel itself does with it */
int fs_init(void);
int fs_write(const char *path, const void *bytes, size_t n,
             mode_t mode);                          /* makes its directories */
int fs_host(const char *name, const char *address); /* adds it to /etc/hosts */
int fs_image(const char *path,
             struct inode **image);                /* what is run there; ends with fs_image_end */
struct inode *fs_image_again(struct inode *image); /* held by one more */
void fs_image_end(struct inode *image);

/* keep.c: what the page keeps. The files below a directory, but for programs and what has more
 * bytes than `limit`: the length of a block, as 4 bytes, and the block; of malloc. NULL: there is
 * no such directory, or no memory. */
void *fs_files(const char *path, size_t limit);

#endif
