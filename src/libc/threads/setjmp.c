/* setjmp where there are threads: what is kept from one call to the next is each one's own. */
#define OWN _Thread_local
#include "../setjmp.c"
