/* Between service.c, the loop, and service_client.c, a client: not for servers. */
#pragma once
#include "service.h"

extern struct client *clients;
extern int client_count;
extern bool stirred; /* a client has something to do that poll does not see */

int64_t now(void); /* ms, of a clock that never goes back */

/* Takes the descriptor over, also when it answers NULL. The client is CONNECTING. */
struct client *add_client(int fd, const struct sockaddr *address, socklen_t length,
                          const struct service *, void *context);
void open_client(struct client *); /* it is connected */
int events_wanted(const struct client *);
void serve_client(struct client *, int events);
int64_t deadline(const struct client *); /* when its patience is over; INT64_MAX: never */
void free_client(struct client *);       /* no longer in the list */
