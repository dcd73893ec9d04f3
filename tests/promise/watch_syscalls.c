// SPDX-License-Identifier: MIT

// Watches every system call of the thread, by Syscall User Dispatch (Linux 5.11 and later, x86-64):
// while the selector says so, the kernel turns each call into a SIGSYS.

#include "promise/promise.h"

#include <stdio.h>

#if defined(__linux__) && defined(__x86_64__)

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    SET_SYSCALL_USER_DISPATCH = 59, // PR_..., which older headers lack.
    DISPATCH_ON = 1,
    SELECTOR_ALLOW = 0,
    SELECTOR_BLOCK = 1,
};

static volatile unsigned char selector = SELECTOR_ALLOW;
static volatile uint64_t calls;

// The one place from which calls are always let through: how the handler returns. It is written as
// unwinders know it.
void promise_restore(void);
extern const char promise_restore_end[];
__asm__(".text\n"
        ".globl promise_restore\n"
        ".type promise_restore, @function\n"
        "promise_restore:\n"
        "    movq $15, %rax\n"
        "    syscall\n"
        "    hlt\n" // Where a call stands is said by what follows it.
        ".globl promise_restore_end\n"
        "promise_restore_end:\n");

// Counts the call and makes it in its place.
static void on_call(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number;
    selector = SELECTOR_ALLOW;
    const int error_number = errno;
    ++calls;
    greg_t *const registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const long result =
        syscall(info->si_syscall, registers[REG_RDI], registers[REG_RSI], registers[REG_RDX],
                registers[REG_R10], registers[REG_R8], registers[REG_R9]);
    registers[REG_RAX] = result == -1 ? -errno : result;
    errno = error_number;
    selector = SELECTOR_BLOCK;
}

// As the kernel has it: the C library would put its own restorer in.
struct kernel_action {
    void (*handler)(int, siginfo_t *, void *);
    unsigned long flags;
    void (*restorer)(void);
    unsigned long mask;
};

static bool start(void)
{
    const unsigned long has_restorer = 0x04000000;
    const struct kernel_action action = {.handler = on_call,
                                         .flags = (unsigned long)SA_SIGINFO |
                                                  (unsigned long)SA_NODEFER | has_restorer,
                                         .restorer = promise_restore};
    const unsigned long begin = (unsigned long)promise_restore;
    const unsigned long size = (unsigned long)promise_restore_end - begin;
    if (syscall(SYS_rt_sigaction, SIGSYS, &action, NULL, 8) != 0 ||
        prctl(SET_SYSCALL_USER_DISPATCH, DISPATCH_ON, begin, size, &selector) != 0) {
        printf("skipped: no Syscall User Dispatch here: %s\n", strerror(errno));
        return false;
    }
    return true;
}

static void enter(void)
{
    selector = SELECTOR_BLOCK;
}

static void leave(void)
{
    selector = SELECTOR_ALLOW;
}

static uint64_t events(void)
{
    return calls;
}

static void transgress(void)
{
    (void)getppid();
}

#else

static bool start(void)
{
    printf("skipped: Syscall User Dispatch is x86-64 Linux's\n");
    return false;
}

static void enter(void)
{
}

static void leave(void)
{
}

static uint64_t events(void)
{
    return 0;
}

static void transgress(void)
{
}

#endif

const struct promise_watch promise_watch = {.what = "system calls",
                                            .start = start,
                                            .enter = enter,
                                            .leave = leave,
                                            .events = events,
                                            .transgress = transgress};
