
/* As in glibc's header: no NULL here. A program that passes one is told where. */
int atoi(const char *) __attribute__((__nonnull__));
long atol(const char *) __attribute__((__nonnull__));
long long atoll(const char *) __attribute__((__nonnull__));
double atof(const char *) __attribute__((__nonnull__));
double strtod(const char *__restrict, char **__restrict) __attribute__((__nonnull__(1)));
long strtol(const char *__restrict, char **__restrict, int) __attribute__((__nonnull__(1)));
unsigned long strtoul(const char *__restrict, char **__restrict, int)
    __attribute__((__nonnull__(1)));
char *getenv(const char *) __attribute__((__nonnull__));
