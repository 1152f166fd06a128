/* See tree.h; here are the paths, and the tree in memory: a list of nodes, sorted by path. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "tree.h"

enum { NODES_LIMIT = 500, FILE_LIMIT = 4 << 20, MEMORY_LIMIT = 16 << 20 };

const struct tree *tree;

int tree_path(const char *base, const char *given, char to[TREE_PATH_LIMIT]) {
  size_t n = 0;
  if (*given != '/') {
    n = strlen(base) > 1 ? strlen(base) : 0;
    memcpy(to, base, n);
  }
  while (*given) {
    size_t length = strcspn(given, "/");
    if (length == 2 && !memcmp(given, "..", 2)) {
      while (n && to[--n] != '/')
        ;
    } else if (length && !(length == 1 && *given == '.')) {
      if (n + 1 + length >= TREE_PATH_LIMIT) return -ENAMETOOLONG;
      to[n++] = '/';
      memcpy(to + n, given, length);
      n += length;
    }
    given += length;
    given += *given == '/';
  }
  if (!n) to[n++] = '/';
  to[n] = 0;
  return 0;
}

/* --- nodes --- */

struct tree_node {
  char *path;
  bool folder;
  int holders; /* the tree is one, each who has it open another */
  time_t changed;
  size_t size, room;
  char *bytes;
};

static struct tree_node *nodes[NODES_LIMIT];
static size_t count, memory;

static void release(struct tree_node *n) {
  if (--n->holders) return;
  memory -= n->size;
  free(n->bytes);
  free(n->path);
  free(n);
}

/* Where the path is, or where it belongs. */
static size_t place_of(const char *path) {
  size_t i = 0;
  while (i < count && strcmp(nodes[i]->path, path) < 0)
    i++;
  return i;
}

static struct tree_node *find(const char *path) {
  size_t i = place_of(path);
  return i < count && !strcmp(nodes[i]->path, path) ? nodes[i] : NULL;
}

static void insert(struct tree_node *n) {
  size_t i = place_of(n->path);
  memmove(nodes + i + 1, nodes + i, (count - i) * sizeof *nodes);
  nodes[i] = n;
  count++;
}

static void take_out(size_t i) {
  count--;
  memmove(nodes + i, nodes + i + 1, (count - i) * sizeof *nodes);
}

/* The name that `path` has in `folder`, or NULL if it is not right inside it. */
static const char *name_in(const char *folder, const char *path) {
  size_t length = strlen(folder);
  if (length == 1) length = 0;
  if (strncmp(path, folder, length) || path[length] != '/' || !path[length + 1]) return NULL;
  return strchr(path + length + 1, '/') ? NULL : path + length + 1;
}

static bool is_below(const char *folder, const char *path) {
  size_t length = strlen(folder);
  return !strncmp(path, folder, length) && path[length] == '/';
}

/* 0 if the folder that is to hold `path` is there. */
static int check_parent(const char *path) {
  char above[TREE_PATH_LIMIT];
  int error = tree_path(path, "..", above);
  struct tree_node *n = error ? NULL : find(above);
  return error ? error : !n ? -ENOENT : n->folder ? 0 : -ENOTDIR;
}

static int add(const char *path, bool folder, struct tree_node **added) {
  int error = strcmp(path, "/") ? check_parent(path) : 0;
  if (error) return error;
  if (count == NODES_LIMIT) return -ENOSPC;
  struct tree_node *n = calloc(1, sizeof *n);
  if (n) n->path = strdup(path);
  if (!n || !n->path) {
    free(n);
    return -ENOMEM;
  }
  n->folder = folder;
  n->holders = 1;
  n->changed = time(NULL);
  insert(n);
  *added = n;
  return 0;
}

/* --- the operations --- */

static int node_status(const char *path, struct tree_status *to) {
  struct tree_node *n = find(path);
  if (!n) return -ENOENT;
  *to = (struct tree_status){n->folder, (off_t)n->size, n->changed};
  return 0;
}

static int node_list(const char *path, tree_each *each, void *arg) {
  struct tree_node *folder = find(path);
  if (!folder) return -ENOENT;
  if (!folder->folder) return -ENOTDIR;
  for (size_t i = 0; i < count; i++) {
    const char *name = name_in(path, nodes[i]->path);
    struct tree_status s = {nodes[i]->folder, (off_t)nodes[i]->size, nodes[i]->changed};
    if (name) each(arg, name, &s);
  }
  return 0;
}

/* Room for twice of what is there, so that a file that grows is not copied again and again. */
static int make_room(struct tree_node *n, size_t size) {
  size_t room = 2 * n->room > size ? 2 * n->room : size;
  char *bytes = size > n->room ? realloc(n->bytes, room) : n->bytes;
  if (size > n->room && !bytes) return -ENOMEM;
  if (size > n->room) n->room = room;
  n->bytes = bytes;
  return 0;
}

static int resize(struct tree_node *n, size_t size) {
  if (size > FILE_LIMIT) return -EFBIG;
  if (size > n->size && memory + size - n->size > MEMORY_LIMIT) return -ENOSPC;
  int error = make_room(n, size);
  if (error) return error;
  if (size > n->size) memset(n->bytes + n->size, 0, size - n->size);
  memory = memory + size - n->size;
  n->size = size;
  n->changed = time(NULL);
  if (size) return 0;
  free(n->bytes);
  n->bytes = NULL;
  n->room = 0;
  return 0;
}

static int node_open(const char *path, enum tree_how how, struct tree_file *to) {
  struct tree_node *n = find(path);
  if (n && n->folder) return -EISDIR;
  int error = n ? 0 : how == TREE_READ ? -ENOENT : add(path, false, &n);
  if (!error && how == TREE_WRITE) error = resize(n, 0);
  if (error) return error;
  n->holders++;
  *to = (struct tree_file){.fd = -1, .node = n};
  return 0;
}

static ssize_t node_read(struct tree_file *f, off_t at, void *to, size_t size) {
  struct tree_node *n = f->node;
  if (at < 0 || (size_t)at >= n->size) return 0;
  if (size > n->size - (size_t)at) size = n->size - (size_t)at;
  memcpy(to, n->bytes + at, size);
  return (ssize_t)size;
}

static ssize_t node_write(struct tree_file *f, off_t at, const void *from, size_t size) {
  struct tree_node *n = f->node;
  if (at < 0 || at > FILE_LIMIT) return -EFBIG;
  int error = (size_t)at + size > n->size ? resize(n, (size_t)at + size) : 0;
  if (error) return error;
  memcpy(n->bytes + at, from, size);
  n->changed = time(NULL);
  return (ssize_t)size;
}

static void node_close(struct tree_file *f) { release(f->node); }

static int node_make_folder(const char *path) {
  struct tree_node *added;
  return find(path) ? -EEXIST : add(path, true, &added);
}

static int node_remove(const char *path, bool folder) {
  struct tree_node *n = find(path);
  if (!n) return -ENOENT;
  if (n->folder != folder) return folder ? -ENOTDIR : -EISDIR;
  if (!strcmp(path, "/")) return -EBUSY;
  for (size_t i = 0; folder && i < count; i++)
    if (name_in(path, nodes[i]->path)) return -ENOTEMPTY;
  take_out(place_of(path));
  release(n);
  return 0;
}

/* Moves one node to another path. False: no memory for that. */
static bool move(size_t i, const char *to) {
  struct tree_node *n = nodes[i];
  char *path = strdup(to);
  if (!path) return false;
  take_out(i);
  free(n->path);
  n->path = path;
  insert(n);
  return true;
}

static int node_rename(const char *from, const char *to) {
  char path[2 * TREE_PATH_LIMIT];
  size_t length = strlen(from);
  if (!find(from)) return -ENOENT;
  if (!strcmp(from, "/") || is_below(from, to)) return -EINVAL;
  if (find(to)) return strcmp(from, to) ? -EEXIST : 0;
  int error = check_parent(to);
  if (error) return error;
  for (size_t i = 0; i < count; i++)
    if (is_below(from, nodes[i]->path) &&
        strlen(to) + strlen(nodes[i]->path) - length >= TREE_PATH_LIMIT)
      return -ENAMETOOLONG;
  if (!move(place_of(from), to)) return -ENOMEM;
  for (size_t i = 0; i < count;) {
    const char *old = nodes[i]->path;
    if (!is_below(from, old)) {
      i++;
      continue;
    }
    strcpy(path, to);
    strcat(path, old + length);
    if (!move(i, path)) return -ENOMEM;
    i = 0;
  }
  return 0;
}

static const struct tree tree_memory = {node_status,      node_list,   node_open,
                                        node_read,        node_write,  node_close,
                                        node_make_folder, node_remove, node_rename};

int tree_start(const char *folder) {
  struct tree_node *n;
  tree = folder ? &tree_disk : &tree_memory;
  if (folder) return tree_disk_start(folder);
  for (const struct tree_builtin *b = tree_builtins; b->path; b++) {
    int error = add(b->path, !b->text, &n);
    if (!error && b->text) error = resize(n, strlen(b->text));
    if (error) return error;
    if (b->text) memcpy(n->bytes, b->text, n->size);
    n->changed = b->changed;
  }
  return 0;
}
