
/* As in glibc's header: no NULL here. A program that passes one is told where. (What takes a size
 * may have a NULL with size 0: src/libc/memory.c looks at both.) */
#define __NONNULL __attribute__((__nonnull__))
char *strcpy(char *__restrict, const char *__restrict) __NONNULL;
char *strncpy(char *__restrict, const char *__restrict, size_t) __NONNULL;
char *strcat(char *__restrict, const char *__restrict) __NONNULL;
char *strncat(char *__restrict, const char *__restrict, size_t) __NONNULL;
int strcmp(const char *, const char *) __NONNULL;
int strncmp(const char *, const char *, size_t) __NONNULL;
char *strchr(const char *, int) __NONNULL;
char *strrchr(const char *, int) __NONNULL;
size_t strcspn(const char *, const char *) __NONNULL;
size_t strspn(const char *, const char *) __NONNULL;
char *strpbrk(const char *, const char *) __NONNULL;
char *strstr(const char *, const char *) __NONNULL;
char *strtok(char *__restrict, const char *__restrict) __attribute__((__nonnull__(2)));
size_t strlen(const char *) __NONNULL;
#undef __NONNULL
