// LD_PRELOAD: makes every fsync and fdatasync take FSYNC_DELAY_US longer, as on a disk that is not
// in the same machine. So what group commit is worth can be seen anywhere.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void pause_as_asked(void) {
  const char* text = getenv("FSYNC_DELAY_US");
  const long us = text == NULL ? 0 : atol(text);
  const struct timespec pause = {us / 1000000, us % 1000000 * 1000};
  nanosleep(&pause, NULL);
}

static int call(const char* name, int fd) {
  int (*next)(int);
  *(void**)&next = dlsym(RTLD_NEXT, name);
  pause_as_asked();
  return next(fd);
}

int fsync(int fd) {
  return call("fsync", fd);
}

int fdatasync(int fd) {
  return call("fdatasync", fd);
}
