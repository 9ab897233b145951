/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine counted, as rows of the database; see rows.h. */
#include "sim/cmd/rows.h"

void rows_point(struct row_point *row, const struct plan *plan, uint64_t ordinal)
{
	guint i;

	*row = (struct row_point){
		.ordinal = ordinal,
		.plan_digest = plan->digest,
		.plan_text = plan->text,
		.algorithm = plan->algorithm,
		.model = plan->model,
		.strategy = plan->strategy,
		.tasks = plan->n_tasks,
	};
	for (i = 0; i < plan->n_tasks; i++) {
		row->writers += plan->tasks[i].writes;
		row->walkers += plan->tasks[i].walks;
	}
}

void rows_grid_point(struct row_point *row, const struct grid *g, const struct plan *plan,
		     guint point, struct row_param *params)
{
	guint i;

	rows_point(row, plan, point);
	row->params = params;
	for (i = 0; i < g->base->n_axes; i++) {
		params[row->n_params].key = g->base->axes[i].key;
		params[row->n_params].value = sweep_value(g->sweep, point, i);
		row->n_params += params[row->n_params].value != NULL;
	}
}

static size_t put_bins(struct row_bin *to, const struct walk_tally *t, enum walk_what what)
{
	static const char *const names[] = {
		[WALK_STEPS] = "walk_steps", [WALK_RESTARTS] = "walk_restarts",
	};
	unsigned int bin;
	size_t n = 0;

	for (bin = 0; bin < WALK_BINS; bin++) {
		if (!t->count[what][bin])
			continue;
		to[n++] = (struct row_bin){
			.what = names[what],
			.low = walk_bin_low(bin),
			.high = walk_bin_high(bin),
			.count = t->count[what][bin],
		};
	}
	return n;
}

static void put_stats(struct row_batch *row, const struct run_stats *s)
{
	row->points = s->points;
	row->operations = s->operations;
	row->adds = s->adds;
	row->removes = s->removes;
	row->walks = s->walks;
	row->walks_complete = s->walks_complete;
	row->passes = s->passes;
	row->steps = s->steps;
	row->restarts = s->restarts;
	row->slow_path = s->slow_paths;
	row->visits = s->visits;
	row->foreign_visits = s->foreign;
	row->walk_steps_max = s->walk_steps_max;
	row->pass_steps_max = s->pass_steps_max;
	row->walk_restarts_max = s->restarts_max;
}

void rows_batch(struct row_batch *row, const struct batch *b, struct rows_bins *bins, bool digest)
{
	*row = (struct row_batch){
		.seed_first = b->seed_first,
		.seeds = b->seeds,
		.runs = b->runs,
		.failures = b->failures,
		.incomplete = b->incomplete,
		.walks_walks = b->products.walks_walks,
		.restarts_restarts = b->products.restarts_restarts,
		.restarts_walks = b->products.restarts_walks,
		.slow_path_slow_path = b->products.slow_paths_slow_paths,
		.slow_path_walks = b->products.slow_paths_walks,
		.steps_steps = b->products.steps_steps,
		.steps_walks = b->products.steps_walks,
		.writes_writes = b->products.writes_writes,
		.writes_points = b->products.writes_points,
		.walks_points = b->products.walks_points,
		.points_points = b->products.points_points,
		.digest = digest ? &b->digest : NULL,
		.bins = bins->bin,
	};
	put_stats(row, &b->stats);
	row->n_bins = put_bins(bins->bin, &b->walks, WALK_STEPS);
	row->n_bins += put_bins(bins->bin + row->n_bins, &b->walks, WALK_RESTARTS);
}
