/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a bad walker does to us: a fault on a task's stack, a stack that
 * overflows, a task that announces nothing. The signal handler makes the
 * interrupted stack look as if it had switched to the engine, with
 * guard_signal saying why. Faults of the engine itself are left alone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include "sim/engine/state.h"

#define TICK_MS		100
#define ALT_STACK_BYTES	(64 * 1024)

volatile bool guard_on_task;
volatile int guard_signal;
void *volatile guard_address;

static volatile long guard_ticks_max = 10 * 1000 / TICK_MS;
static volatile long guard_ticks;
volatile unsigned long guard_stretch;
static volatile unsigned long guard_stretch_seen;
static volatile long guard_quantum_seen;
static uint8_t guard_alt_stack[ALT_STACK_BYTES];

void guard_hang_after(unsigned int seconds)
{
	guard_ticks_max = (long)seconds * 1000 / TICK_MS;
}

static void guard_leave_task(int sig, void *addr, ucontext_t *uc)
{
	guard_signal = sig;
	guard_address = addr;
	guard_on_task = false;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)sim.main.ip;
	uc->uc_mcontext.gregs[REG_RSP] = (greg_t)sim.main.sp;
	uc->uc_mcontext.gregs[REG_RBP] = (greg_t)sim.main.bp;
}

static void guard_fault(int sig, siginfo_t *info, void *ucontext)
{
	if (guard_on_task) {
		guard_leave_task(sig, info->si_addr, ucontext);
		return;
	}
	signal(sig, SIG_DFL);	/* ours: die of it when the instruction is tried again */
}

static void guard_tick(int sig, siginfo_t *info, void *ucontext)
{
	int err = errno;

	(void)info;
	if (!guard_on_task || guard_stretch != guard_stretch_seen ||
	    sim.quantum != guard_quantum_seen) {
		guard_stretch_seen = guard_stretch;
		guard_quantum_seen = sim.quantum;
		guard_ticks = 0;
	} else if (++guard_ticks >= guard_ticks_max) {
		guard_ticks = 0;
		guard_leave_task(sig, NULL, ucontext);
	}
	errno = err;
}

static void guard_handle(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = {
		.sa_sigaction = handler,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | flags,
	};

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
}

/* Ticks are CPU time: a machine that stands still is not a task that hangs. */
void guard_install(void)
{
	struct itimerval tick = {
		.it_interval = { .tv_usec = TICK_MS * 1000 },
		.it_value = { .tv_usec = TICK_MS * 1000 },
	};
	stack_t alt = { .ss_sp = guard_alt_stack, .ss_size = sizeof(guard_alt_stack) };

	sigaltstack(&alt, NULL);
	guard_handle(SIGSEGV, guard_fault, 0);
	guard_handle(SIGBUS, guard_fault, 0);
	guard_handle(SIGFPE, guard_fault, 0);
	guard_handle(SIGILL, guard_fault, 0);
	guard_handle(SIGPROF, guard_tick, SA_RESTART);
	setitimer(ITIMER_PROF, &tick, NULL);
}

void guard_remove(void)
{
	struct itimerval never = { .it_value = { 0 } };

	setitimer(ITIMER_PROF, &never, NULL);
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	signal(SIGFPE, SIG_DFL);
	signal(SIGILL, SIG_DFL);
}
