/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A batch: runs of one plan over a range of seeds, counted together. It is what
 * a worker does between two reports, what a campaign adds up and what a sweep
 * stores.
 */
#ifndef SIM_ENGINE_BATCH_H
#define SIM_ENGINE_BATCH_H

#include "sim/engine/engine.h"
#include "sim/engine/walks.h"

#define BATCH_SEEDS	512	/* of a batch that is cut from a longer range */
#define BATCH_FAILURES	16	/* kept, lowest seeds first; all are counted */

/* Sums over runs of products of a run's counts; exact below 2^53. */
struct run_products {
	double walks_walks;
	double restarts_restarts, restarts_walks;
	double slow_paths_slow_paths, slow_paths_walks;
	double steps_steps, steps_walks;
	double writes_writes;		/* writes: adds and removes */
	double writes_points, walks_points, points_points;
};

struct batch_failure {
	uint64_t seed;
	int32_t check;			/* place in checks[] */
};

struct batch {
	uint64_t seed_first, seeds;
	uint64_t runs;			/* fewer than seeds if it stopped at a failure */
	uint64_t failures;
	uint64_t incomplete, first_incomplete;	/* the latter valid if incomplete > 0 */
	uint64_t digest;		/* of all runs, whatever their order */
	struct run_stats stats;
	struct run_products products;
	uint32_t n_failed;
	struct batch_failure failed[BATCH_FAILURES];
	struct walk_tally walks;	/* last: packed by what is used of it */
};

/* b is emptied first; it must have been zeroed once. */
void batch_run(struct engine *e, uint64_t seed_first, uint64_t seeds, bool keep_going,
	       struct batch *b);

/* Seeds that follow those of to; the range is the caller's business. */
void batch_add(struct batch *to, const struct batch *b);

/* Maxima are maxima, everything else adds up. */
void run_stats_add(struct run_stats *to, const struct run_stats *s);

/* For a pipe between processes of the same program. */
void batch_pack(const struct batch *b, GByteArray *out);
/* Bytes taken from p, or 0 if there is no whole batch. */
size_t batch_unpack(struct batch *b, const uint8_t *p, size_t len);

#endif
