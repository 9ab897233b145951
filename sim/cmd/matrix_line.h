/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line of the matrix: one scenario under one memory model, and what is known of
 * each check. A search that finished says it of all schedules; where none does,
 * campaigns say what their seeds met.
 *
 * A check that fires ends a run before the others have had their turn, so it
 * says nothing of them: it is turned off, and the rest is looked at again. One
 * that cannot be turned off hides them.
 */
#ifndef SIM_CMD_MATRIX_LINE_H
#define SIM_CMD_MATRIX_LINE_H

#include "sim/search/search.h"

#define MATRIX_CHECKS_MAX	32
#define MATRIX_CAMPAIGNS_MAX	1000

struct matrix_options {
	const char *const *set;		/* of the command line, NULL-terminated */
	guint64 states_max;		/* of one search */
	double seconds_max;		/* the same; 0: no limit */
	guint64 seed_first, seeds;	/* of the first campaign; the others follow */
	guint campaigns;
};

enum matrix_evidence {
	MATRIX_OFF,		/* the scenario does not have it on */
	MATRIX_UNKNOWN,		/* hidden, or seeds cannot tell */
	MATRIX_VERIFIED,	/* all schedules: none violates it */
	MATRIX_VIOLATED,	/* a search found a schedule that does */
	MATRIX_FAILS,		/* no search finished; some campaigns failed */
	MATRIX_CLEAN,		/* no search finished; no campaign failed */
	MATRIX_NR_EVIDENCE,
};

struct matrix_cell {
	enum matrix_evidence evidence;
	enum search_finding finding;	/* violated: what it is */
	guint64 states;			/* verified, violated: of that search */
	guint64 runs;			/* clean: that came to their end */
	guint failed, campaigns;	/* fails: how many of how many */
	guint64 median;			/* of their runs to the first failure; 0: most had none */
};

struct matrix_line {
	struct matrix_cell cell[MATRIX_CHECKS_MAX];	/* in the order of checks[] */
	gboolean judged;		/* the bounds are known */
	struct search_bound bound[SEARCH_NR_METRICS];	/* of the first walker */
	/* Of the search with all of the scenario's checks on: */
	enum search_verdict verdict;
	int violated;			/* place in checks[], or -1 */
	guint64 states, transitions;
	char message[RUN_MESSAGE_MAX];	/* violated */
	char limit[RUN_MESSAGE_MAX];	/* incomplete: which was hit */
	guint64 bytes;
	double seconds;		/* no part of the result, as bytes are none */
	/* Of the campaigns with all of them on, if the search did not finish: */
	gboolean sampled;
	int failed;			/* check of the first failure, place in checks[], or -1 */
	guint64 runs;			/* up to it and with it, or all */
};

/*
 * Fills the line. In a process without an engine. *counterexample, if not NULL: what breaks
 * the first check, as a schedule file has it, or NULL; to be freed.
 */
gboolean matrix_look(const char *path, const char *model, const struct matrix_options *opt,
		     struct matrix_line *line, char **counterexample, GError **error);

/* The scenario with the options' overrides, under a model; without: checks turned off, or NULL. */
struct plan *matrix_plan(const char *path, const char *model, const char *const *set,
			 const gboolean *without, GError **error);

#endif
