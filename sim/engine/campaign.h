/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A campaign: many runs of one plan over a range of seeds, in forked workers.
 *
 * Results do not depend on the number of jobs: of a campaign that stops at the
 * first failure, all that is counted is what comes before the lowest failing
 * seed and that seed itself.
 *
 * Must be called before the process has a second thread or an engine.
 */
#ifndef SIM_ENGINE_CAMPAIGN_H
#define SIM_ENGINE_CAMPAIGN_H

#include "sim/engine/batch.h"

#define CAMPAIGN_FAILURES_MAX 64	/* kept; all are counted */

struct campaign_options {
	uint64_t seed_first;
	uint64_t seeds;			/* how many */
	unsigned int jobs;		/* at least 1 */
	bool keep_going;		/* do not stop at the first failure */
	bool digest;			/* of all runs together */
	/* Called now and then in the parent (for a progress bar), or NULL. */
	void (*progress)(uint64_t done, uint64_t seeds, uint64_t failures, void *data);
	void *progress_data;
	/* In the parent, or NULL: the workers are there; each batch that counts, in order. */
	bool (*started)(void *data, GError **error);
	bool (*counted)(const struct batch *b, void *data, GError **error);
	void *data;
};

struct campaign_failure {
	uint64_t seed;
	const char *check;		/* the check's name, constant */
};

struct campaign_result {
	uint64_t runs;			/* that count, see above */
	uint64_t failures;
	uint64_t incomplete;
	uint64_t first_incomplete_seed;	/* valid if incomplete > 0 */
	bool interrupted;
	uint64_t digest;		/* of all counted runs, whatever their order */
	struct run_stats stats;
	struct campaign_failure failed[CAMPAIGN_FAILURES_MAX];	/* lowest seeds first */
	unsigned int n_failed;
	double seconds;			/* wall clock, not part of the result */
	double cpu_seconds;		/* of the workers */
};

/* False with error set: POOL_ERROR, ENGINE_ERROR, the callbacks'. SIGINT, SIGTERM: interrupted. */
bool campaign_run(const struct plan *plan, const struct campaign_options *opt,
		  struct campaign_result *result, GError **error);

#endif
