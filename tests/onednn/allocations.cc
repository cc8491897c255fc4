#include "allocations.h"

#include <dlfcn.h>
#include <execinfo.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define GENERALIZER_TEST_COUNTS_ALLOCATIONS 1
#endif

namespace {
std::atomic<bool> counting = false;
std::atomic<std::size_t> own = 0;
std::atomic<std::size_t> foreign = 0;
}  // namespace

#ifdef GENERALIZER_TEST_COUNTS_ALLOCATIONS
namespace {

bool is_in(const void* address, std::initializer_list<const char*> libraries) {
  Dl_info info;
  if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return false;
  return std::any_of(libraries.begin(), libraries.end(),
                     [&](const char* library) { return std::strstr(info.dli_fname, library) != nullptr; });
}

/// The first caller outside this program's hooks and the standard library is who allocates.
void note() {
  static thread_local bool within = false;  // backtrace may allocate, too
  if (!counting || within) return;
  within = true;
  void* callers[16];
  const int depth = backtrace(callers, 16);
  int i = 0;
  while (i < depth && is_in(callers[i], {"test_onednn"})) ++i;
  while (i < depth && is_in(callers[i], {"libstdc++"})) ++i;
  ++(i < depth && is_in(callers[i], {"libdnnl", "libgomp", "libomp"}) ? foreign : own);
  within = false;
}

}  // namespace

// The program's definitions go before the C library's, for every library that it loads; operator new comes through malloc.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  note();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  note();
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  note();
  return __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  note();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
  *result = memalign(alignment, size);
  return *result == nullptr ? ENOMEM : 0;
}
}
#endif

namespace generalizer::test {

AllocationCount::AllocationCount() {
  own = 0;
  foreign = 0;
  counting = true;
}
AllocationCount::~AllocationCount() { counting = false; }

bool AllocationCount::works() {
#ifdef GENERALIZER_TEST_COUNTS_ALLOCATIONS
  return true;
#else
  return false;
#endif
}

std::size_t AllocationCount::ours() const { return own; }
std::size_t AllocationCount::of_libraries() const { return foreign; }

}  // namespace generalizer::test
