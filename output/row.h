/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Result rows: what simulated and hardware results become before they are
 * stored. One struct for each table of output/schema.sql, with the same names
 * and units; see there for what each means. Ids are given by the store.
 *
 * Strings are the caller's and need to last for the call only; NULL is stored as
 * NULL. A number of type int64_t or double that is ROW_UNKNOWN (or any negative
 * one) is stored as NULL as well.
 */
#ifndef OUTPUT_ROW_H
#define OUTPUT_ROW_H

#include <stddef.h>
#include <stdint.h>

#define ROW_UNKNOWN	(-1)
#define ROW_SEED_MAX	INT64_MAX	/* SQLite's integers have a sign */

struct row_machine {
	const char *hostname;
	const char *cpu_model;
	int64_t cpus_online;
	const char *cpus_allowed;	/* "0-3,8" */
	int64_t threads_per_core;
	const char *virtual;		/* hypervisor; "" on bare metal */
	const char *kernel;
	const char *compiler;
	int64_t memory_bytes;
	int64_t tsc_hz;
};

struct row_experiment {
	const char *identity;		/* NULL: never continued */
	const char *command;		/* sweep, run, hw, verify */
	const char *program_version;
	const char *scenario;
	const char *scenario_text;
	const char *swept;
	const char *strategy;
	uint64_t seed_first;
	uint64_t seeds_per_point;
	uint64_t batch_seeds;
};

struct row_param {
	const char *key;
	const char *value;
};

struct row_point {
	uint64_t ordinal;
	uint64_t plan_digest;
	const char *plan_text;
	const char *algorithm;
	const char *model;
	const char *strategy;
	uint64_t tasks, writers, walkers;
	const struct row_param *params;
	size_t n_params;
};

/* One bin, low and high included; count > 0. */
struct row_bin {
	const char *what;		/* walk_steps, walk_restarts, walk_latency_ns, ... */
	uint64_t low, high;
	uint64_t count;
};

struct row_failure {
	uint64_t seed;
	const char *check_name;
	const char *message;
	const char *schedule;
};

struct row_batch {
	uint64_t seed_first, seeds;
	uint64_t runs, failures, incomplete;
	uint64_t points, operations, adds, removes;
	uint64_t walks, walks_complete, passes, steps, restarts, slow_path;
	uint64_t visits, foreign_visits;
	uint64_t walk_steps_max, pass_steps_max, walk_restarts_max;
	/* sums over runs of products of a run's counts */
	double walks_walks;
	double restarts_restarts, restarts_walks;
	double slow_path_slow_path, slow_path_walks;
	double steps_steps, steps_walks;
	double writes_writes, writes_points, walks_points, points_points;
	const uint64_t *digest;		/* NULL: not asked for */
	const struct row_bin *bins;
	size_t n_bins;
	const struct row_failure *failed;
	size_t n_failed;
};

struct row_hw_sample {
	const char *mode;		/* timing, checked */
	uint64_t repetition;
	const char *outcome;		/* ok, crash, hang, violation, refused */
	const char *reason;
	const char *started_utc;	/* NULL: now */
	const char *cpus;		/* "0,1" */
	int64_t share_core;
	int64_t oversubscribed;
	int64_t duration_ns;
	int64_t operations_issued, operations, adds, removes;
	int64_t walks, walks_complete, passes, steps, restarts, slow_path, visits;
	int64_t walk_steps_max, walk_restarts_max;
	double walk_latency_median_ns, walk_latency_p90_ns, walk_latency_p99_ns;
	double walk_latency_max_ns;
	double latency_error;
	double stamp_cost_ns, clock_offset_ns;
	int64_t rounds, judged_walks, judgements, violations;
	const struct row_bin *bins;
	size_t n_bins;
};

struct row_verification {
	const char *verdict;		/* verified, violated, incomplete */
	const char *check_name;
	const char *message;
	const char *counterexample;
	uint64_t states, transitions;
	int64_t pass_steps_max, walk_steps_max, walk_restarts_max;
	const char *unbounded;
	int64_t memory_bytes;
	int64_t duration_ns;
};

#endif
