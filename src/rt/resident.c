// SPDX-License-Identifier: MIT

#include "rt/resident.h"

#include "base/check.h"

#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static size_t page_size_of_system(void)
{
    const long size = sysconf(_SC_PAGESIZE);
    KM_CHECK(size > 0);
    return (size_t)size;
}

// Where mlock is portable, it wants to be asked for whole pages: how far the block's start lies
// within its first one.
static size_t start_within_page(const void *block)
{
    return (uintptr_t)block & (page_size_of_system() - 1);
}

void km_resident_touch(void *block, size_t size)
{
    KM_CHECK(block || size == 0);
    const size_t page_size = page_size_of_system();
    volatile unsigned char *const bytes = block;
    for (size_t i = 0; i < size; i += page_size) {
        bytes[i] = bytes[i];
    }
    if (size > 0) { // The steps may have missed the last page.
        bytes[size - 1] = bytes[size - 1];
    }
}

static bool contains(const struct dl_phdr_info *info, uintptr_t address)
{
    for (size_t i = 0; i < info->dlpi_phnum; ++i) {
        const ElfW(Phdr) *const part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD &&
            address - (info->dlpi_addr + part->p_vaddr) < part->p_memsz) {
            return true;
        }
    }
    return false;
}

static void read_pages(const volatile unsigned char *bytes, size_t size)
{
    const size_t page_size = page_size_of_system();
    for (size_t i = 0; i < size; i += page_size) {
        (void)bytes[i];
    }
    if (size > 0) {
        (void)bytes[size - 1];
    }
}

// For the loader's list of what is loaded: 1 ends it.
static int touch_object(struct dl_phdr_info *info, size_t size, void *place)
{
    (void)size;
    if (!contains(info, *(const uintptr_t *)place)) {
        return 0;
    }
    for (size_t i = 0; i < info->dlpi_phnum; ++i) {
        const ElfW(Phdr) *const part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_R) != 0) {
            // The loader tells places as numbers.
            // NOLINTNEXTLINE(performance-no-int-to-ptr)
            read_pages((const unsigned char *)(info->dlpi_addr + part->p_vaddr), part->p_filesz);
        }
    }
    return 1;
}

void km_resident_touch_program(void)
{
    static const char here = 0;
    uintptr_t place = (uintptr_t)&here;
    (void)dl_iterate_phdr(touch_object, &place);
}

enum km_status km_resident_lock(const void *block, size_t size, struct km_error *error)
{
    KM_CHECK(block || size == 0);
    const size_t before = start_within_page(block);
    if (size == 0 || mlock((const unsigned char *)block - before, before + size) == 0) {
        return KM_OK;
    }

    // EAGAIN is what some systems say when they lack free pages.
    const enum km_status status = errno == EAGAIN ? KM_ERROR_NO_MEMORY : km_status_of_errno(errno);
    struct rlimit limit = {0};
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return km_error_set(error, status, "cannot lock %zu bytes in RAM: %s", size,
                            km_status_text(status));
    }
    return km_error_set(error, status,
                        "cannot lock %zu bytes in RAM: %s; the limit is %llu bytes for this user "
                        "(ulimit -l; raise memlock in /etc/security/limits.d)",
                        size, km_status_text(status), (unsigned long long)limit.rlim_cur);
}

void km_resident_unlock(const void *block, size_t size)
{
    const size_t before = start_within_page(block);
    if (size > 0 && munlock((const unsigned char *)block - before, before + size) != 0) {
        KM_CHECK(errno != EINVAL); // A block that wraps round the address space is none.
    }
}
