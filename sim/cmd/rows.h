/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine counted, as rows of the database. */
#ifndef SIM_CMD_ROWS_H
#define SIM_CMD_ROWS_H

#include "output/row.h"
#include "sim/cmd/grid.h"
#include "sim/engine/batch.h"

#define ROWS_FAILURES	4	/* of a batch that are stored, lowest seeds first */

/* Tasks of a plan by what they do; params are the caller's. */
void rows_point(struct row_point *row, const struct plan *plan, uint64_t ordinal);
/* A point of a grid: params, room for all axes, gets those that it has. */
void rows_grid_point(struct row_point *row, const struct grid *g, const struct plan *plan,
		     guint point, struct row_param *params);

/*
 * bins: room for all bins of a batch, of which n_bins are used; the row points
 * into it. digest: that of the batch is stored.
 */
struct rows_bins {
	struct row_bin bin[WALK_WHATS * WALK_BINS];
};

void rows_batch(struct row_batch *row, const struct batch *b, struct rows_bins *bins,
		bool digest);

#endif
