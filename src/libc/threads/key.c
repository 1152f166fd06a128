/* What each thread has of its own under a key: POSIX pthread_key_create, and C11's tss_*. */
#include "thread.h"
#include <limits.h>
#include <threads.h>

typedef void destructor(void *);

static void nothing(void *value) { (void)value; }
static destructor *_Atomic keys[KEYS]; /* NULL: free */

int __pthread_key_create(pthread_key_t *key, destructor *destroy);
int __pthread_key_delete(pthread_key_t key);
void *__pthread_getspecific(pthread_key_t key);

int __pthread_key_create(pthread_key_t *key, destructor *destroy) {
  for (*key = 0; *key < KEYS; ++*key) {
    destructor *is = NULL;
    if (atomic_compare_exchange_strong(&keys[*key], &is, destroy ? destroy : nothing)) return 0;
  }
  return EAGAIN;
}
int pthread_key_create(pthread_key_t *key, destructor *destroy) ALIAS(__pthread_key_create);
int tss_create(tss_t *key, tss_dtor_t destroy) {
  return __pthread_key_create(key, destroy) ? thrd_error : thrd_success;
}

int __pthread_key_delete(pthread_key_t key) {
  if (key >= KEYS || !keys[key]) return EINVAL;
  keys[key] = (destructor *)0;
  return 0;
}
int pthread_key_delete(pthread_key_t key) ALIAS(__pthread_key_delete);
void tss_delete(tss_t key) { __pthread_key_delete(key); }

void *__pthread_getspecific(pthread_key_t key) {
  return key < KEYS && keys[key] ? pthread_self()->values[key] : NULL;
}
void *pthread_getspecific(pthread_key_t key) ALIAS(__pthread_getspecific);
void *tss_get(tss_t key) ALIAS(__pthread_getspecific);

int pthread_setspecific(pthread_key_t key, const void *value) {
  if (key >= KEYS || !keys[key]) return EINVAL;
  pthread_self()->values[key] = (void *)value;
  return 0;
}
int tss_set(tss_t key, void *value) {
  return pthread_setspecific(key, value) ? thrd_error : thrd_success;
}

/* POSIX: again, as long as destructors leave something, but not for ever. */
void keys_destroy(struct __pthread *t) {
  bool again = true;
  for (int round = 0; again && round < PTHREAD_DESTRUCTOR_ITERATIONS; round++) {
    again = false;
    for (int key = 0; key < KEYS; key++) {
      void *value = t->values[key];
      destructor *destroy = keys[key];
      t->values[key] = NULL;
      if (!value || !destroy || destroy == nothing) continue;
      destroy(value);
      again = true;
    }
  }
}
