/** What the names are that network programs in C use: a line each, as NAME HEADER WHAT IT IS. */
const lines = `
socket sys/socket.h make an end of a conversation and get its descriptor
bind sys/socket.h give a socket its own address and port
listen sys/socket.h let a stream socket take connections
accept sys/socket.h take the next connection that waits on a listening socket
connect sys/socket.h open a connection, or set the peer of a datagram socket
send sys/socket.h give bytes to a connected socket
sendto sys/socket.h send a datagram to an address
sendmsg sys/socket.h send from several buffers, with ancillary data
recv sys/socket.h take bytes that have come; 0 is the peer's end of file
recvfrom sys/socket.h take a datagram, and learn whose it is
recvmsg sys/socket.h receive into several buffers, with ancillary data
shutdown sys/socket.h end one direction of a connection, or both
setsockopt sys/socket.h set one of a socket's options
getsockopt sys/socket.h read one of a socket's options, such as SO_ERROR
getsockname sys/socket.h the address that a socket has itself
getpeername sys/socket.h the address that a socket is connected to
socketpair sys/socket.h two sockets that are connected with each other
sockaddr sys/socket.h an address of any family, as the calls take it
sockaddr_storage sys/socket.h room for an address of any family
socklen_t sys/socket.h the type of an address's length
msghdr sys/socket.h what sendmsg and recvmsg take: buffers, an address, ancillary data
AF_INET sys/socket.h the family of IPv4 addresses
AF_INET6 sys/socket.h the family of IPv6 addresses
AF_UNIX sys/socket.h the family of sockets that are names in the file system
AF_UNSPEC sys/socket.h any family of addresses
SOCK_STREAM sys/socket.h a stream of bytes, in order: TCP
SOCK_DGRAM sys/socket.h single datagrams: UDP
SOL_SOCKET sys/socket.h the level of options that any socket has
SO_REUSEADDR sys/socket.h bind to a port whose old connections are still in TIME_WAIT
SO_BROADCAST sys/socket.h allow sending to a broadcast address
SO_KEEPALIVE sys/socket.h probe a connection on which nothing happens
SO_LINGER sys/socket.h how long close waits for what is unsent
SO_RCVBUF sys/socket.h the size of the receive buffer
SO_SNDBUF sys/socket.h the size of the send buffer
SO_RCVTIMEO sys/socket.h how long receiving may wait
SO_SNDTIMEO sys/socket.h how long sending may wait
SO_ERROR sys/socket.h the error that a socket has met, read once
SO_TYPE sys/socket.h whether it is a stream or datagram socket
MSG_PEEK sys/socket.h receive without taking it away
MSG_WAITALL sys/socket.h wait until all that was asked for has come
MSG_DONTWAIT sys/socket.h do not wait in this one call
MSG_NOSIGNAL sys/socket.h EPIPE without the signal SIGPIPE
MSG_OOB sys/socket.h urgent data
SHUT_RD sys/socket.h shutdown: nothing more is received
SHUT_WR sys/socket.h shutdown: nothing more is sent; the peer sees the end
SHUT_RDWR sys/socket.h shutdown: both directions
SOMAXCONN sys/socket.h the longest queue that listen allows
sockaddr_in netinet/in.h an IPv4 address and port
sockaddr_in6 netinet/in.h an IPv6 address and port
in_addr netinet/in.h an IPv4 address, in network order
in_port_t netinet/in.h the type of a port
INADDR_ANY netinet/in.h every IPv4 address of this host
INADDR_LOOPBACK netinet/in.h 127.0.0.1, in host order
in6addr_any netinet/in.h every IPv6 address of this host
IPPROTO_TCP netinet/in.h TCP, as a protocol and a level of options
IPPROTO_UDP netinet/in.h UDP
IPPROTO_IPV6 netinet/in.h IPv6, as a level of options
IPV6_V6ONLY netinet/in.h whether an IPv6 socket keeps IPv4 out
IP_ADD_MEMBERSHIP netinet/in.h join a multicast group
TCP_NODELAY netinet/tcp.h send small pieces at once, without Nagle's wait
htons arpa/inet.h 16 bits from host to network order
htonl arpa/inet.h 32 bits from host to network order
ntohs arpa/inet.h 16 bits from network to host order
ntohl arpa/inet.h 32 bits from network to host order
inet_pton arpa/inet.h an address from text to bytes
inet_ntop arpa/inet.h an address from bytes to text
inet_addr arpa/inet.h an IPv4 address from text; cannot tell 255.255.255.255 from an error
inet_ntoa arpa/inet.h an IPv4 address as text, in one buffer for all calls
INET_ADDRSTRLEN netinet/in.h room that an IPv4 address needs as text
INET6_ADDRSTRLEN netinet/in.h room that an IPv6 address needs as text
getaddrinfo netdb.h from a host's and a service's name to a list of addresses
freeaddrinfo netdb.h give getaddrinfo's list back
gai_strerror netdb.h what an error of getaddrinfo's means
getnameinfo netdb.h from an address to names, or to numbers as text
gethostbyname netdb.h a host's IPv4 addresses; getaddrinfo took its place
addrinfo netdb.h an address in getaddrinfo's list, and its hints
AI_PASSIVE netdb.h getaddrinfo for bind: the wildcard address
AI_NUMERICHOST netdb.h getaddrinfo: no name, no question to DNS
NI_NUMERICHOST netdb.h getnameinfo: the address as numbers
NI_NUMERICSERV netdb.h getnameinfo: the port as a number
poll poll.h wait until one of several descriptors is ready
pollfd poll.h a descriptor, what is waited for, and what came
POLLIN poll.h there is something to read, or the end
POLLOUT poll.h there is room to write
POLLHUP poll.h the other end is closed
POLLERR poll.h an error has happened there
select sys/select.h wait for descriptors in sets of bits
FD_SET sys/select.h put a descriptor into a set
FD_CLR sys/select.h take a descriptor out of a set
FD_ISSET sys/select.h whether a descriptor is in a set
FD_ZERO sys/select.h empty a set
FD_SETSIZE sys/select.h descriptors from here on do not fit into a set
epoll_create1 sys/epoll.h make a descriptor that watches others (Linux)
epoll_ctl sys/epoll.h add, change or remove what is watched (Linux)
epoll_wait sys/epoll.h wait for what is watched (Linux)
timeval sys/time.h seconds and microseconds
gettimeofday sys/time.h the time of day
clock_gettime time.h the time of a clock, in seconds and nanoseconds
CLOCK_MONOTONIC time.h a clock that is never set
timespec time.h seconds and nanoseconds
nanosleep time.h sleep, to the nanosecond
time time.h seconds since 1970
sleep unistd.h sleep for seconds, unless a signal comes
read unistd.h take bytes from a descriptor; 0 is the end
write unistd.h give bytes to a descriptor; it may take fewer
close unistd.h give a descriptor back; the last one ends a connection
pipe unistd.h two descriptors: what is written to one is read from the other
dup2 unistd.h let another number stand for the same open file
fork unistd.h make a second process out of this one
execvp unistd.h become another program, found in PATH
getpid unistd.h this process's number
getppid unistd.h the parent's number
alarm unistd.h SIGALRM after some seconds
pause unistd.h wait for a signal
gethostname unistd.h this host's name
unlink unistd.h take a name out of the file system
STDIN_FILENO unistd.h descriptor 0
STDOUT_FILENO unistd.h descriptor 1
ssize_t sys/types.h a size, or -1
fcntl fcntl.h read or set what a descriptor is like
F_GETFL fcntl.h fcntl: read the open file's flags
F_SETFL fcntl.h fcntl: set the open file's flags
O_NONBLOCK fcntl.h calls that would wait fail with EAGAIN
open fcntl.h open a file
ioctl sys/ioctl.h ask or tell a device
FIONREAD sys/ioctl.h how many bytes can be read now
wait sys/wait.h wait for a child to end
waitpid sys/wait.h wait for one child, or look whether it has ended
WNOHANG sys/wait.h waitpid: do not wait
WIFEXITED sys/wait.h whether a child ended by itself
WEXITSTATUS sys/wait.h the status with which it ended
sigaction signal.h say what happens when a signal comes
signal signal.h the same, in the old way
sigprocmask signal.h hold signals back
sigemptyset signal.h make a set of no signals
sigaddset signal.h put a signal into a set
kill signal.h send a signal to a process
SA_RESTART signal.h calls that a signal interrupts begin again
SIGINT signal.h Ctrl-C
SIGTERM signal.h please end
SIGPIPE signal.h written to a connection that nobody reads
SIGCHLD signal.h a child has ended
SIGALRM signal.h the alarm's time is up
SIG_IGN signal.h ignore the signal
errno errno.h why the last call failed
EAGAIN errno.h it would have to wait
EINTR errno.h a signal came first
EINPROGRESS errno.h the connection is being made
ECONNREFUSED errno.h nobody listens there
ECONNRESET errno.h the peer has broken the connection off
EADDRINUSE errno.h the address and port are taken
ETIMEDOUT errno.h no answer in time
EPIPE errno.h the connection can take nothing more
perror stdio.h print what was tried, and why it failed
printf stdio.h print, by a format
fprintf stdio.h print to a stream
snprintf stdio.h format into a buffer, as much as fits
fgets stdio.h read a line, as much as fits
fdopen stdio.h a stream on a descriptor
fflush stdio.h write what a stream has kept back
fwrite stdio.h write blocks of bytes to a stream
setvbuf stdio.h how a stream keeps back
exit stdlib.h end the program
EXIT_FAILURE stdlib.h the status of a program that failed
strtol stdlib.h a number from text, and where it ends
atoi stdlib.h a number from text; errors give 0
malloc stdlib.h memory that stays until free
calloc stdlib.h memory full of zeros
realloc stdlib.h the same bytes in more memory, or less
free stdlib.h give memory back
strlen string.h how many bytes come before the NUL
strcmp string.h compare two strings; 0 is equal
strncmp string.h compare so many bytes at most
strchr string.h the first such character
strstr string.h the first such piece
strtok_r string.h the next piece between separators
strerror string.h what an errno means
memcpy string.h copy bytes that do not overlap
memmove string.h copy bytes, also when they overlap
memset string.h fill bytes
memcmp string.h compare bytes
memchr string.h the first such byte
uint8_t stdint.h 8 bits
uint16_t stdint.h 16 bits, such as a port
uint32_t stdint.h 32 bits, such as an IPv4 address
size_t stddef.h a size in memory
pthread_create pthread.h start a thread
pthread_join pthread.h wait for a thread to end
pthread_detach pthread.h let a thread end unwaited for
pthread_mutex_lock pthread.h take a lock, or wait for it
pthread_mutex_unlock pthread.h give a lock back
sockaddr_un sys/un.h the address of an AF_UNIX socket: a path
iovec sys/uio.h a buffer and its length
readv sys/uio.h read into several buffers
writev sys/uio.h write from several buffers
`;

/** @typedef {{ name: string, header: string, meaning: string }} Known */

/** @type {Map<string, Known>} */
export const names = new Map(lines.trim().split('\n').map((line) => {
  const [name, header, ...words] = line.split(' ');
  return [name, { name, header, meaning: words.join(' ') }];
}));
