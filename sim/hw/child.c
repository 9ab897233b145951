/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Child processes and signals; see child.h. */
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "sim/hw/child.h"

static volatile sig_atomic_t signals_seen;

static void on_signal(int sig)
{
	(void)sig;
	signals_seen++;
}

void hw_signals_catch(struct hw_signals *signals)
{
	const struct sigaction sa = { .sa_handler = on_signal };

	signals_seen = 0;
	sigaction(SIGINT, &sa, &signals->old_int);
	sigaction(SIGTERM, &sa, &signals->old_term);
}

void hw_signals_restore(const struct hw_signals *signals)
{
	sigaction(SIGINT, &signals->old_int, NULL);
	sigaction(SIGTERM, &signals->old_term, NULL);
}

unsigned int hw_signals_seen(void)
{
	return signals_seen;
}

double hw_now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void child_signals(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	struct rlimit no_core = { 0, 0 };
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGINT, SIG_IGN);	/* the parent decides */
	signal(SIGTERM, SIG_DFL);
	for (i = 0; i < G_N_ELEMENTS(faults); i++)
		signal(faults[i], SIG_DFL);
}

pid_t hw_child_fork(void (*run)(void *arg), void *arg)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid)
		return pid;
	child_signals();
	run(arg);
	_exit(0);
}

gboolean hw_child_ended(pid_t pid, gboolean wait, int *status, gboolean *lost)
{
	pid_t got = waitpid(pid, status, wait ? 0 : WNOHANG);

	*lost = got < 0 && errno != EINTR;
	return got == pid;
}
