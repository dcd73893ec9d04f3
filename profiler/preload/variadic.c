// SPDX-License-Identifier: MIT

// The functions with "...": their arguments cannot be passed on as they are.

#include "preload/preload_private.h"

KM_EXPORT int __printf_chk(int flag, const char *format, ...);
KM_EXPORT int __fprintf_chk(FILE *file, int flag, const char *format, ...);
KM_EXPORT int __dprintf_chk(int file, int flag, const char *format, ...);
KM_EXPORT void __syslog_chk(int priority, int flag, const char *format, ...);

// The file's mode is there only if a file may be created.
#define KM_WRAP_OPEN(name, parameters, ...)                                                        \
    KM_EXPORT int name parameters                                                                  \
    {                                                                                              \
        mode_t mode = 0;                                                                           \
        if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {                          \
            va_list rest;                                                                          \
            va_start(rest, flags);                                                                 \
            mode = va_arg(rest, mode_t);                                                           \
            va_end(rest);                                                                          \
        }                                                                                          \
        const unsigned int depth = km_preload_hide(KM_PRELOAD_IO, #name);                          \
        const int file = KM_REAL(name)(__VA_ARGS__, mode);                                         \
        km_preload_unhide(depth);                                                                  \
        return file;                                                                               \
    }

KM_WRAP_OPEN(open, (const char *path, int flags, ...), path, flags)
KM_WRAP_OPEN(open64, (const char *path, int flags, ...), path, flags)
KM_WRAP_OPEN(openat, (int folder, const char *path, int flags, ...), folder, path, flags)
KM_WRAP_OPEN(openat64, (int folder, const char *path, int flags, ...), folder, path, flags)

// The last argument, a number or a pointer, or none, travels as a pointer: where it was not given,
// nobody reads it.
#define KM_WRAP_LAST(result, name, kind, last, parameters, ...)                                    \
    KM_EXPORT result name parameters                                                               \
    {                                                                                              \
        va_list rest;                                                                              \
        va_start(rest, last);                                                                      \
        void *const argument = va_arg(rest, void *);                                               \
        va_end(rest);                                                                              \
        const unsigned int depth = km_preload_hide(KM_PRELOAD_##kind, #name);                      \
        result returned = KM_REAL(name)(__VA_ARGS__, argument);                                    \
        km_preload_unhide(depth);                                                                  \
        return returned;                                                                           \
    }

KM_WRAP_LAST(int, fcntl, IO, command, (int file, int command, ...), file, command)
KM_WRAP_LAST(int, fcntl64, IO, command, (int file, int command, ...), file, command)
KM_WRAP_LAST(int, ioctl, IO, request, (int file, unsigned long request, ...), file, request)
KM_WRAP_LAST(void *, mremap, SYSCALL, flags,
             (void *pages, size_t size, size_t size_new, int flags, ...), pages, size, size_new,
             flags)

KM_EXPORT long syscall(long number, ...)
{
    long a[6];
    va_list rest;
    va_start(rest, number);
    for (int i = 0; i < 6; ++i) {
        a[i] = va_arg(rest, long);
    }
    va_end(rest);
    const unsigned int depth = km_preload_hide(KM_PRELOAD_SYSCALL, "syscall");
    const long returned = KM_REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    km_preload_unhide(depth);
    return returned;
}

// Formatting: each goes by the variant that takes a va_list, and under its own name.
#define KM_WRAP_FORMAT(name, with_list, parameters, ...)                                           \
    KM_EXPORT int name parameters                                                                  \
    {                                                                                              \
        va_list rest;                                                                              \
        va_start(rest, format);                                                                    \
        const unsigned int depth = km_preload_hide(KM_PRELOAD_IO, #name);                          \
        const int written = KM_REAL(with_list)(__VA_ARGS__, rest);                                 \
        km_preload_unhide(depth);                                                                  \
        va_end(rest);                                                                              \
        return written;                                                                            \
    }

KM_WRAP_FORMAT(printf, vprintf, (const char *format, ...), format)
KM_WRAP_FORMAT(fprintf, vfprintf, (FILE * file, const char *format, ...), file, format)
KM_WRAP_FORMAT(dprintf, vdprintf, (int file, const char *format, ...), file, format)
KM_WRAP_FORMAT(__printf_chk, __vprintf_chk, (int flag, const char *format, ...), flag, format)
KM_WRAP_FORMAT(__fprintf_chk, __vfprintf_chk, (FILE * file, int flag, const char *format, ...),
               file, flag, format)
KM_WRAP_FORMAT(__dprintf_chk, __vdprintf_chk, (int file, int flag, const char *format, ...), file,
               flag, format)

KM_EXPORT void syslog(int priority, const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    const unsigned int depth = km_preload_hide(KM_PRELOAD_LOG, "syslog");
    KM_REAL(vsyslog)(priority, format, rest);
    km_preload_unhide(depth);
    va_end(rest);
}

KM_EXPORT void __syslog_chk(int priority, int flag, const char *format, ...)
{
    va_list rest;
    va_start(rest, format);
    const unsigned int depth = km_preload_hide(KM_PRELOAD_LOG, "__syslog_chk");
    KM_REAL(__vsyslog_chk)(priority, flag, format, rest);
    km_preload_unhide(depth);
    va_end(rest);
}
