/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pool of forked workers that do numbered units of work. Each worker takes the
 * lowest unit that nobody has taken and reports it through a pipe; the parent
 * takes the reports in the order of the units, so that what comes out is the
 * same for every number of workers.
 *
 * Workers are copies of the parent: data is the worker's own there, and what it
 * changes in it the parent never sees. The pool must be run before the process
 * has a second thread or an engine, and no database may be open in it until
 * started() is called.
 *
 * An error in a unit is taken in its turn too and ends the pool: it is the
 * lowest unit's, whoever was first. A worker's death is an error, not a hang.
 * When the parent dies, so do the workers.
 */
#ifndef SIM_ENGINE_POOL_H
#define SIM_ENGINE_POOL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define POOL_ERROR (pool_error_quark())
GQuark pool_error_quark(void);

enum pool_error {
	POOL_ERROR_SYSTEM,	/* fork, pipe, a worker that died: exit 3 */
};

struct pool {
	uint64_t units;		/* 0..units-1 */
	unsigned int jobs;	/* at least 1 */
	void *data;

	/* In a worker: do this unit and append what is to be said of it to report. */
	bool (*work)(void *data, uint64_t unit, GByteArray *report, GError **error);

	/* In the parent, or NULL: all workers are forked. */
	bool (*started)(void *data, GError **error);
	/* In the parent: a unit's report, in order. False: enough, or error is set. */
	bool (*take)(void *data, uint64_t unit, const uint8_t *report, size_t len,
		     GError **error);
	/* In the parent, several times a second, or NULL. */
	void (*tick)(void *data);
};

struct pool_end {
	bool interrupted;	/* SIGINT or SIGTERM came before the end */
	double seconds;		/* wall clock */
	double cpu_seconds;	/* of the workers */
};

/* False with error set: POOL_ERROR, or whatever work(), started() and take() set. */
bool pool_run(const struct pool *pool, struct pool_end *end, GError **error);

#endif
