/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hardware sample: one plan on pinned threads, once, in a child process with
 * a time limit. A child that crashes or hangs is a result with its reason.
 *
 * Must be called before the process has a second thread.
 */
#ifndef SIM_HW_SAMPLE_H
#define SIM_HW_SAMPLE_H

#include <glib.h>
#include "scenarios/plan.h"
#include "sim/hw/histogram.h"
#include "sim/hw/judge.h"

#define HW_ERROR (hw_error_quark())
GQuark hw_error_quark(void);

enum hw_error {
	HW_ERROR_CPUS,		/* no such cpu, not allowed, too few: exit 2 */
	HW_ERROR_PLAN,		/* this plan cannot run on hardware: exit 2 */
	HW_ERROR_SYSTEM,	/* fork, memory, a child that tells nonsense: exit 3 */
};

#define HW_MESSAGE_MAX	512

enum hw_mode { HW_TIMING, HW_CHECKED };

struct hw_options {
	enum hw_mode mode;
	double seconds;		/* 0: until each task has done `operations` */
	guint64 operations;	/* of each task; 0: for `seconds` */
	guint64 seed;
	gboolean keep_going;	/* after a violation */
	const guint *cpus;	/* of each task */
};

enum hw_outcome { HW_OK, HW_VIOLATION, HW_CRASH, HW_HANG };

/* Sums over one task, or over all. */
struct hw_sums {
	guint64 issued, operations;	/* begun, completed */
	guint64 adds, removes, walks;
	guint64 guest_writes, harvests;	/* of a plan with guests ... */
	guint64 pages;			/* ... these and all else that was done to pages */
	guint64 complete, stopped, given_up;
	guint64 steps, restarts, slow_path, visits, strange;
	guint64 steps_max, restarts_max;
	double busy_ns;			/* playing; waits between laps are not */
	double cpu_share;		/* of the time that the thread had its CPU; 0: not known */
};

struct hw_sample {
	enum hw_outcome outcome;
	gboolean interrupted;
	gboolean known;			/* the child came to its end: all below is valid */
	char check[32];			/* of a violation */
	char reason[HW_MESSAGE_MAX];	/* "" if HW_OK */
	gboolean laps;			/* played in laps, with the setup in between */
	guint64 rounds;			/* laps of a plan of laps; in checked mode, judged ones */
	double duration_ns;
	double violation_ns;		/* until the first one was found */
	double ns_per_tick;
	double stamp_ns, offset_ns;
	struct hw_verdict verdict;	/* checked */
	struct hw_sums all;
	struct hw_sums *task;
	guint n_tasks;
	struct hw_histogram latency_ticks;	/* of all tasks together */
	struct hw_histogram steps_of_walk;
	struct hw_histogram restarts_of_walk;
};

/* NULL with HW_ERROR. SIGINT and SIGTERM end it early: interrupted. */
struct hw_sample *hw_sample_run(const struct plan *plan, const struct hw_options *opt,
				GError **error);
void hw_sample_free(struct hw_sample *sample);

const char *hw_outcome_word(enum hw_outcome outcome);

#endif
