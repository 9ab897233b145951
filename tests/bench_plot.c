/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * make bench: seconds for each plot of a database with 100,000 batches of a sweep, from
 * opening it to the script, and to the PNG; median of several.
 */
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include "tests/plot_study.h"

#define BATCHES		100000
#define REPETITIONS	5
#define POINTS		10	/* of the study's sweep, ids from 1 */

static void add_batches(struct store *s)
{
	const struct row_bin bin = { "walk_steps", 4, 4, 5 };
	GError *error = NULL;
	guint i;

	store_begin(s, &error);
	for (i = 0; i < BATCHES; i++) {
		const struct row_batch b = {
			.seed_first = 1000 + i, .seeds = 1, .runs = 1, .walks = 5,
			.restarts = i % 4, .slow_path = i % 3, .steps = 20, .walks_walks = 25,
			.restarts_restarts = (i % 4) * (i % 4), .restarts_walks = 5 * (i % 4),
			.slow_path_slow_path = (i % 3) * (i % 3), .slow_path_walks = 5 * (i % 3),
			.steps_steps = 400, .steps_walks = 100, .bins = &bin, .n_bins = 1,
		};

		store_add_batch(s, 1 + i % POINTS, &b, NULL, &error);
	}
	store_commit(s, &error);
	g_assert_no_error(error);
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double seconds_for(const char *path, const struct plot *plot, enum plot_format format)
{
	const struct plot_request request = { .format = format };
	double seconds[REPETITIONS];
	int i;

	for (i = 0; i < REPETITIONS; i++) {
		gint64 begin = g_get_monotonic_time();
		struct plot_drawing drawing;
		GError *error = NULL;
		struct store *s = store_open(path, STORE_READ, &error);

		g_assert_no_error(error);
		plot_draw(s, plot, &request, &drawing, &error);
		g_assert_no_error(error);
		g_bytes_unref(plot_image(&drawing, format, &error));
		g_assert_no_error(error);
		plot_drawing_clear(&drawing);
		store_close(s, NULL);
		seconds[i] = (g_get_monotonic_time() - begin) / 1e6;
	}
	qsort(seconds, REPETITIONS, sizeof(*seconds), compare);
	return seconds[REPETITIONS / 2];
}

int main(void)
{
	char *dir = g_dir_make_tmp("bench-XXXXXX", NULL);
	char *path = g_build_filename(dir, "study.db", NULL);
	struct store *s = plot_study(path, NULL);
	const struct plot *const *p;

	add_batches(s);
	store_close(s, NULL);
	printf("%-12s %10s %10s   seconds from %d batches\n", "plot", "script", "PNG", BATCHES);
	for (p = plots; *p; p++)
		printf("%-12s %10.3f %10.3f\n", (*p)->name, seconds_for(path, *p, PLOT_GNUPLOT),
		       seconds_for(path, *p, PLOT_PNG));
	g_unlink(path);
	g_rmdir(dir);
	g_free(path);
	g_free(dir);
	return 0;
}
