/* Makes the disk fail under a program. LD_PRELOAD loads it, and the file that DINIE_FAULTS names controls it.
 *
 * Each line of the file is a rule: CALL SUFFIX ACTION [SKIP [COUNT]]
 *   CALL    write, read, sync, open, truncate or socket
 *   SUFFIX  the end of the path, such as -wal or dinie.db; for socket: tcp
 *   ACTION  ENOSPC, EIO, EROFS or EMFILE: the call fails with this error
 *           TEAR: half of the write reaches the file, and the process dies as in a power cut
 *           DIE: the process dies instead of the call
 *           SLOW: the call takes a tenth of a second longer
 *   SKIP    number of such calls that first succeed (0)
 *   COUNT   number of calls that then fail (all)
 * With an empty file all calls succeed. A change of the file resets the counts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define RULES 16
#define DESCRIPTORS 4096

struct rule {
  char call[16], suffix[64], action[16];
  long skip, count, seen;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rule rules[RULES];
static int rule_count;
static char last_text[2048];
static char *paths[DESCRIPTORS];

/* Plain system calls, so that these functions do not call themselves. */
static void load_rules(void) {
  const char *control = getenv("DINIE_FAULTS");
  char text[sizeof last_text] = "";
  if (!control) return;
  int fd = (int)syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC, 0);
  if (fd >= 0) {
    long got = syscall(SYS_read, fd, text, sizeof text - 1);
    text[got > 0 ? got : 0] = 0;
    syscall(SYS_close, fd);
  }
  if (strcmp(text, last_text) == 0) return;
  strcpy(last_text, text);
  rule_count = 0;
  char *rest = text, *line;
  while ((line = strsep(&rest, "\n")) && rule_count < RULES) {
    struct rule *rule = &rules[rule_count];
    memset(rule, 0, sizeof *rule);
    rule->count = -1;
    if (sscanf(line, "%15s %63s %15s %ld %ld", rule->call, rule->suffix, rule->action, &rule->skip, &rule->count) >= 3)
      rule_count++;
  }
}

static int ends_with(const char *path, const char *suffix) {
  size_t a = strlen(path), b = strlen(suffix);
  return a >= b && strcmp(path + a - b, suffix) == 0;
}

static void die(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

/* Returns 0: continue; -1: errno is set; 1: tear the write. */
static int judge(const char *call, const char *path) {
  if (!path) return 0;
  int outcome = 0, code = 0, slow = 0;
  pthread_mutex_lock(&lock);
  load_rules();
  for (int i = 0; i < rule_count; i++) {
    struct rule *rule = &rules[i];
    if (strcmp(rule->call, call) != 0 || !ends_with(path, rule->suffix)) continue;
    long place = rule->seen++;
    if (place < rule->skip || (rule->count >= 0 && place >= rule->skip + rule->count)) continue;
    if (strcmp(rule->action, "TEAR") == 0) { outcome = 1; break; }
    if (strcmp(rule->action, "DIE") == 0) die();
    if (strcmp(rule->action, "SLOW") == 0) { slow = 1; break; }
    code = strcmp(rule->action, "ENOSPC") == 0 ? ENOSPC
         : strcmp(rule->action, "EROFS") == 0 ? EROFS
         : strcmp(rule->action, "EMFILE") == 0 ? EMFILE : EIO;
    outcome = -1;
    break;
  }
  pthread_mutex_unlock(&lock);
  if (slow) usleep(100 * 1000);
  if (outcome == -1) errno = code;
  return outcome;
}

static const char *path_of(int fd) { return fd >= 0 && fd < DESCRIPTORS ? paths[fd] : NULL; }

static int opened(int fd, const char *path) {
  if (fd >= 0 && fd < DESCRIPTORS) {
    pthread_mutex_lock(&lock);
    free(paths[fd]);
    paths[fd] = strdup(path);
    pthread_mutex_unlock(&lock);
  }
  return fd;
}

#define OPEN(name, real_flags)                                                         \
  int name(const char *path, int flags, ...) {                                         \
    va_list more;                                                                      \
    va_start(more, flags);                                                             \
    int mode = va_arg(more, int);                                                      \
    va_end(more);                                                                      \
    if (judge("open", path)) return -1;                                                \
    return opened((int)syscall(SYS_openat, AT_FDCWD, path, real_flags, mode), path);   \
  }
OPEN(open, flags)
OPEN(open64, flags | O_LARGEFILE)

static ssize_t torn_write(int fd, const void *from, size_t size, off64_t at) {
  /* A disk writes whole sectors or nothing. */
  size_t part = size >= 1024 ? size / 2 / 512 * 512 : 0;
  if (part && at >= 0) syscall(SYS_pwrite64, fd, from, part, at);
  if (part && at < 0) syscall(SYS_write, fd, from, part);
  die();
  return -1;
}

static ssize_t pwrite_judged(int fd, const void *from, size_t size, off64_t at) {
  switch (judge("write", path_of(fd))) {
    case -1: return -1;
    case 1: return torn_write(fd, from, size, at);
  }
  return syscall(SYS_pwrite64, fd, from, size, at);
}
ssize_t pwrite(int fd, const void *from, size_t size, off_t at) { return pwrite_judged(fd, from, size, at); }
ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) { return pwrite_judged(fd, from, size, at); }

ssize_t write(int fd, const void *from, size_t size) {
  switch (judge("write", path_of(fd))) {
    case -1: return -1;
    case 1: return torn_write(fd, from, size, -1);
  }
  return syscall(SYS_write, fd, from, size);
}

ssize_t pread(int fd, void *to, size_t size, off_t at) {
  return judge("read", path_of(fd)) ? -1 : syscall(SYS_pread64, fd, to, size, at);
}
ssize_t pread64(int fd, void *to, size_t size, off64_t at) {
  return judge("read", path_of(fd)) ? -1 : syscall(SYS_pread64, fd, to, size, at);
}
ssize_t read(int fd, void *to, size_t size) {
  return judge("read", path_of(fd)) ? -1 : syscall(SYS_read, fd, to, size);
}

/* An outgoing connection. Incoming ones use accept. */
int socket(int domain, int type, int protocol) {
  if ((domain == AF_INET || domain == AF_INET6) && judge("socket", "tcp")) return -1;
  return (int)syscall(SYS_socket, domain, type, protocol);
}

int fsync(int fd) { return judge("sync", path_of(fd)) ? -1 : (int)syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return judge("sync", path_of(fd)) ? -1 : (int)syscall(SYS_fdatasync, fd); }

int ftruncate(int fd, off_t size) { return judge("truncate", path_of(fd)) ? -1 : (int)syscall(SYS_ftruncate, fd, size); }
int ftruncate64(int fd, off64_t size) {
  return judge("truncate", path_of(fd)) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

int close(int fd) {
  if (fd >= 0 && fd < DESCRIPTORS) {
    pthread_mutex_lock(&lock);
    free(paths[fd]);
    paths[fd] = NULL;
    pthread_mutex_unlock(&lock);
  }
  return (int)syscall(SYS_close, fd);
}
