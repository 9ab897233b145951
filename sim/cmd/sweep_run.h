/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running a sweep into a database. Batches are stored in their order and whole,
 * so what is there is always a beginning of all of them, and a sweep that was
 * broken off goes on behind it.
 */
#ifndef SIM_CMD_SWEEP_RUN_H
#define SIM_CMD_SWEEP_RUN_H

#include "output/store.h"
#include "sim/cmd/grid.h"

struct sweep_result {
	struct store *store;	/* open for reading the results; to be closed */
	gint64 experiment;
	guint64 batches;	/* all of them */
	guint64 batches_before;	/* stored before this call */
	guint64 batches_stored;	/* in the end */
	guint64 runs;		/* of this call */
	gboolean interrupted;
	double seconds, cpu_seconds;
};

/* Would an engine take every point's plan? Needed before anything is run. */
gboolean sweep_check_engines(const struct grid *g, guint jobs, gboolean *interrupted,
			     GError **error);

/* On an error, too, what was stored is safe and res->store is to be closed. */
gboolean sweep_run(const struct grid *g, const struct cmd_options *opt,
		   struct sweep_result *res, GError **error);

#endif
