/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make bench: how fast rows of results go into a database and how fast a figure
 * comes out of it again. A row is one of batch or batch_histogram. A transaction
 * is a batch, or a point: as many as a sweep puts into one lie in between.
 */
#include <glib/gstdio.h>
#include <stdio.h>
#include <time.h>
#include "output/store.h"

#define POINTS		100
#define BATCHES		100	/* of each point */
#define BINS		9	/* of each batch */
#define REPETITIONS	6

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void insert_all(struct store *s, gboolean by_point, GError **error)
{
	const struct row_experiment experiment = {
		.command = "sweep", .program_version = "0", .scenario = "bench",
		.scenario_text = "", .swept = "", .strategy = "random",
	};
	const struct row_machine machine = { .hostname = "here" };
	struct row_point point = {
		.plan_text = "", .algorithm = "nulls", .model = "sc", .strategy = "random",
	};
	struct row_bin bins[BINS];
	struct row_batch batch = { .seeds = 512, .runs = 512, .walks = 900, .bins = bins,
				   .n_bins = BINS };
	gint64 experiment_id, point_id;
	guint i, k;

	for (i = 0; i < BINS; i++)
		bins[i] = (struct row_bin){ "walk_steps", i, i, 100 };
	store_add_experiment(s, &experiment, &machine, &experiment_id, error);
	for (i = 0; i < POINTS; i++) {
		point.ordinal = i;
		if (by_point)
			store_begin(s, error);
		store_add_point(s, experiment_id, &point, &point_id, error);
		for (k = 0; k < BATCHES; k++) {
			batch.seed_first = k * 512;
			store_add_batch(s, point_id, &batch, NULL, error);
		}
		if (by_point)
			store_commit(s, error);
	}
}

static gboolean on_row(const struct store_row *row, gpointer data)
{
	(void)row;
	++*(guint *)data;
	return TRUE;
}

int main(void)
{
	const double rows = POINTS * BATCHES * (1.0 + BINS);
	char *dir = g_dir_make_tmp("rmapsim-bench-XXXXXX", NULL);
	char *path = g_build_filename(dir, "bench.db", NULL);
	GError *error = NULL;
	guint i, got = 0;

	for (i = 0; i < REPETITIONS; i++) {
		double begin = now(), inserted;
		struct store *s = store_open(path, STORE_WRITE, &error);

		g_assert_no_error(error);
		insert_all(s, i % 2, &error);
		g_assert_no_error(error);
		store_close(s, &error);
		g_assert_no_error(error);
		inserted = now();
		s = store_open(path, STORE_READ, &error);
		store_query(s, "SELECT * FROM plot_walk_steps", on_row, &got, &error, NULL);
		g_assert_no_error(error);
		store_close(s, NULL);
		printf("%.0f rows in %d transactions: %.0f rows/s; a histogram of them in %.3f s\n",
		       rows, i % 2 ? POINTS : POINTS * BATCHES, rows / (inserted - begin),
		       now() - inserted);
		g_remove(path);
	}
	g_rmdir(dir);
	g_free(path);
	g_free(dir);
	return 0;
}
