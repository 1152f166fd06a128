
/* Where Linux's libc breaks on a NULL. A program that passes one is told where. */
#define __NONNULL(...) __attribute__((__nonnull__(__VA_ARGS__)))
int fclose(FILE *) __NONNULL(1);
int feof(FILE *) __NONNULL(1);
int ferror(FILE *) __NONNULL(1);
int fgetc(FILE *) __NONNULL(1);
int getc(FILE *) __NONNULL(1);
char *fgets(char *__restrict, int, FILE *__restrict) __NONNULL(1, 3);
int fputc(int, FILE *) __NONNULL(2);
int putc(int, FILE *) __NONNULL(2);
int fputs(const char *__restrict, FILE *__restrict) __NONNULL(1, 2);
int puts(const char *) __NONNULL(1);
size_t fread(void *__restrict, size_t, size_t, FILE *__restrict) __NONNULL(4);
size_t fwrite(const void *__restrict, size_t, size_t, FILE *__restrict) __NONNULL(4);
int fprintf(FILE *__restrict, const char *__restrict, ...) __NONNULL(1, 2);
int fscanf(FILE *__restrict, const char *__restrict, ...) __NONNULL(1, 2);
int sprintf(char *__restrict, const char *__restrict, ...) __NONNULL(1, 2);
int sscanf(const char *__restrict, const char *__restrict, ...) __NONNULL(1, 2);
int printf(const char *__restrict, ...) __NONNULL(1);
int scanf(const char *__restrict, ...) __NONNULL(1);
#undef __NONNULL
