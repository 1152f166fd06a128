/* Blocks of a pcapng file (IETF draft-ietf-opsawg-pcapng), in the order of bytes of this machine.
 */
#ifndef PORTSIDE_PCAPNG_H
#define PORTSIDE_PCAPNG_H

#include "net.h"

enum { PCAPNG_SECTION = 28, PCAPNG_INTERFACE = 192, PCAPNG_FRAME = 112 }; /* at most, in bytes */

/* Each fills a block in, and gives its size. */
size_t pcapng_section(uint8_t *to);
size_t pcapng_interface(uint8_t *to, const struct netif *n);
/* A frame of the interface, its first `captured` bytes, at `time` (ns since 1970); what became of
 * it as a comment, or NULL. Room: PCAPNG_FRAME + captured. */
size_t pcapng_frame(uint8_t *to, const struct netif *n, int64_t time, const struct pbuf *p,
                    size_t captured, const char *comment);
/* What every file of ours begins with: the section, and all hosts' interfaces. */
void pcapng_begin(void (*put)(const uint8_t *block, size_t size));

#endif
