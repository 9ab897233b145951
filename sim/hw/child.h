/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is measured runs in a child process: what its parent does about signals,
 * and how the child begins. A child ends with its parent, and a fault ends it
 * with the fault's own signal and without a dump.
 */
#ifndef SIM_HW_CHILD_H
#define SIM_HW_CHILD_H

#include <glib.h>
#include <signal.h>
#include <sys/types.h>

#define HW_POLL_NS	5000000

struct hw_signals {
	struct sigaction old_int, old_term;
};

/* SIGINT and SIGTERM are counted, from 0, until they are given back. */
void hw_signals_catch(struct hw_signals *signals);
void hw_signals_restore(const struct hw_signals *signals);
unsigned int hw_signals_seen(void);

/* A child that calls run(arg) and ends with status 0. -1: errno. */
pid_t hw_child_fork(void (*run)(void *arg), void *arg);

/* The child's end, if it has come; waits for it if wait is set. FALSE: not yet. */
gboolean hw_child_ended(pid_t pid, gboolean wait, int *status, gboolean *lost);

/* Seconds of the steady clock. */
double hw_now_s(void);

#endif
