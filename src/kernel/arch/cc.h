/* What lwIP needs to know of its platform. */
#ifndef PORTSIDE_ARCH_CC_H
#define PORTSIDE_ARCH_CC_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

#define LWIP_NO_UNISTD_H 1
#define LWIP_TIMEVAL_PRIVATE 0
#include <sys/time.h>

_Noreturn void panic(const char *format, ...);
uint32_t net_random(void);
#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(text) panic("lwIP: %s (%s:%d)", text, __FILE__, __LINE__)
#define LWIP_RAND() net_random()
typedef int sys_prot_t;

#endif
