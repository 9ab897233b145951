/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plot of throughput on a study whose rows are known by heart: medians of
 * samples and ratios of runs stand where they belong, what is no result is left
 * out, and what is missing is asked for.
 */
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include "output/plot/plot.h"

#define SAMPLES	6

static struct store *store;
static char *folder, *path;

static gint64 add_experiment(const char *command)
{
	const struct row_machine machine = { .hostname = "box", .cpus_online = 2 };
	const struct row_experiment e = {
		.command = command, .program_version = "0", .scenario = "study", .swept = "",
		.strategy = "random", .scenario_text = "[scenario]\ntitle = x\n", .seed_first = 1,
		.seeds_per_point = 8, .batch_seeds = 8,
	};
	GError *error = NULL;
	gint64 id;

	store_add_experiment(store, &e, &machine, &id, &error);
	g_assert_no_error(error);
	return id;
}

static gint64 add_point(gint64 experiment, guint ordinal, const char *algorithm, const char *form,
			const char *lock)
{
	const struct row_param params[] = {
		{ "machine.lock-type", lock }, { "algorithm.form", form },
	};
	char *text = g_strdup_printf("[algorithm]\n%s%s\n[machine]\nlock-type = %s\n",
				     form ? "form = " : "", form ? form : "", lock);
	const struct row_point p = {
		.ordinal = ordinal, .plan_text = text, .algorithm = algorithm, .model = "sc",
		.strategy = "random", .params = params, .n_params = form ? 2 : 1,
	};
	GError *error = NULL;
	gint64 id;

	store_add_point(store, experiment, &p, &id, &error);
	g_assert_no_error(error);
	g_free(text);
	return id;
}

/* Four runs of 100, 200, 300, 400 points, in each of which there are so many of both. */
static void add_runs(gint64 point, guint64 writes, guint64 walks)
{
	const struct row_batch b = {
		.seed_first = 1, .seeds = 4, .runs = 4, .points = 1000,
		.adds = 4 * writes - 1, .removes = 1, .walks = 4 * walks,
		.writes_writes = 4.0 * writes * writes, .walks_walks = 4.0 * walks * walks,
		.writes_points = 1000.0 * writes, .walks_points = 1000.0 * walks,
		.points_points = 1e4 + 4e4 + 9e4 + 16e4,
	};
	GError *error = NULL;

	store_add_batch(store, point, &b, NULL, &error);
	g_assert_no_error(error);
}

/* A sample of half a second. */
static void add_sample(gint64 point, guint repetition, const char *mode, const char *outcome,
		       gint64 writes, gint64 walks)
{
	const struct row_hw_sample h = {
		.mode = mode, .repetition = repetition, .outcome = outcome, .cpus = "0,1",
		.duration_ns = 500000000, .adds = writes - 1, .removes = 1, .walks = walks,
	};
	GError *error = NULL;

	store_add_hw_sample(store, point, &h, NULL, &error);
	g_assert_no_error(error);
}

/* Samples whose rates are base + 10, 20, ..., out of order, and some that do not count. */
static void add_samples(gint64 point, guint n, gint64 base)
{
	guint i;

	for (i = 0; i < n; i++) {
		gint64 rate = base + 10 * ((i * 7) % n + 1);

		add_sample(point, i, "timing", "ok", rate / 2, rate);
	}
	add_sample(point, n, "timing", "hang", 1000000, 1000000);
	add_sample(point, n, "checked", "ok", 1000000, 1000000);
}

static void begin(void)
{
	GError *error = NULL;

	folder = g_dir_make_tmp("throughput-XXXXXX", NULL);
	path = g_build_filename(folder, "study.db", NULL);
	store = store_open(path, STORE_WRITE, &error);
	g_assert_no_error(error);
}

static void end(void)
{
	store_close(store, NULL);
	g_unlink(path);
	g_assert_cmpint(g_rmdir(folder), ==, 0);
	g_free(path);
	g_free(folder);
}

static void add_sweep(void)
{
	gint64 e = add_experiment("sweep");

	add_runs(add_point(e, 0, "locked", "tail", "spinlock"), 10, 3);
	add_runs(add_point(e, 1, "locked", "stack", "spinlock"), 20, 4);
	add_runs(add_point(e, 2, "nulls", NULL, "spinlock"), 30, 5);
	add_runs(add_point(e, 3, "nulls", NULL, "rwlock"), 40, 6);
}

static void add_hardware(void)
{
	gint64 e = add_experiment("hw");

	add_samples(add_point(e, 0, "nulls", NULL, "spinlock"), SAMPLES, 1000);
	add_samples(add_point(e, 1, "nulls", NULL, "rwlock"), SAMPLES, 2000);
	/* Too few for an interval. */
	add_samples(add_point(e, 2, "locked", "stack", "spinlock"), SAMPLES - 1, 3000);
}

static char *script_of(const char *const *where)
{
	const struct plot_request request = { .format = PLOT_GNUPLOT, .where = where };
	struct plot_drawing drawing;
	GError *error = NULL;
	char *script;

	plot_draw(store, plot_find("throughput"), &request, &drawing, &error);
	g_assert_no_error(error);
	script = g_strdup(drawing.script);
	plot_drawing_clear(&drawing);
	return script;
}

/* The lines of a block, each as the numbers behind its place, with that rounded to a row. */
static char *block_of(const char *script, const char *name, const char *label)
{
	char *head = g_strdup_printf("$%s << EOD\n# '%s'\n# place value low high ", name, label);
	const char *at = strstr(script, head);
	GString *out = g_string_new(NULL);
	char **lines;
	guint i;

	if (!at)
		g_error("no block %s labelled '%s'", name, label);
	at = strchr(at + strlen(head), '\n') + 1;
	lines = g_strsplit(at, "\n", -1);
	for (i = 0; strcmp(lines[i], "EOD"); i++) {
		double place = g_ascii_strtod(lines[i], NULL);

		g_assert_cmpfloat(fabs(place - round(place)), <, 0.4);
		g_string_append_printf(out, "%.0f:%s;", fabs(round(place)), strchr(lines[i], ' '));
	}
	g_strfreev(lines);
	g_free(head);
	return g_string_free(out, FALSE);
}

static void expect_block(const char *script, const char *name, const char *label, const char *want)
{
	char *got = block_of(script, name, label);

	g_assert_cmpstr(got, ==, want);
	g_free(got);
}

static void test_hardware(void)
{
	char *script;

	begin();
	add_sweep();
	add_hardware();
	script = script_of(NULL);
	/* By algorithm: medians, and from the lowest to the highest of six samples. */
	g_assert_nonnull(strstr(script, "set ytics ('locked, tail' 0, 'locked, stack' 1, "
				"'nulls' 2)"));
	expect_block(script, "hw0", "writes, spinlock",
		     "1: 3030 NaN NaN 5;2: 1035 1010 1060 6;");
	expect_block(script, "hw1", "writes, rwlock", "2: 2035 2010 2060 6;");
	expect_block(script, "hw2", "walks, spinlock", "1: 6060 NaN NaN 5;2: 2070 2020 2120 6;");
	expect_block(script, "hw3", "walks, rwlock", "2: 4070 4020 4120 6;");
	g_assert_nonnull(strstr(script, "operations per second"));
	g_assert_nonnull(strstr(script, "hw: 17 samples of 0.5 s"));
	g_free(script);
	end();
}

/* value, and value +- t(3) e, with e by hand: the ratio's error over four runs. */
static void expect_ratio(const char *line, double x, double y)
{
	double r = x / y, e = 0, got[4];
	guint i;

	for (i = 1; i <= 4; i++)
		e += (x / 4 - r * i / 10) * (x / 4 - r * i / 10);
	e = sqrt(4.0 / 3 * e) / y;
	for (i = 0; i < 4; i++)
		got[i] = g_ascii_strtod(line, (char **)&line);
	g_assert_cmpfloat_with_epsilon(got[0], r, 1e-9);
	g_assert_cmpfloat_with_epsilon(got[1], r - 3.182446 * e, 1e-4);
	g_assert_cmpfloat_with_epsilon(got[2], r + 3.182446 * e, 1e-4);
	g_assert_cmpfloat(got[3], ==, x);
}

/* All four settings, in the order of the axis; per thousand points. */
static void test_simulated(void)
{
	static const struct {
		const char *block, *label;
		guint lines;
		double each[3];
	} want[] = {
		{ "sim0", "writes, spinlock", 3, { 10, 20, 30 } },
		{ "sim1", "writes, rwlock", 1, { 40 } },
		{ "sim2", "walks, spinlock", 3, { 3, 4, 5 } },
		{ "sim3", "walks, rwlock", 1, { 6 } },
	};
	char *script, **lines, *block;
	guint i, k;

	begin();
	add_sweep();
	add_hardware();
	script = script_of(NULL);
	for (i = 0; i < G_N_ELEMENTS(want); i++) {
		block = block_of(script, want[i].block, want[i].label);
		lines = g_strsplit(block, ";", -1);
		g_assert_cmpuint(g_strv_length(lines), ==, want[i].lines + 1);
		for (k = 0; k < want[i].lines; k++) {
			guint row = want[i].lines == 1 ? 2 : k;

			g_assert_cmpint(*lines[k], ==, '0' + row);
			expect_ratio(strchr(lines[k], ' '), 4 * want[i].each[k], 1);
		}
		g_strfreev(lines);
		g_free(block);
	}
	g_assert_nonnull(strstr(script, "operations per 1,000 points"));
	g_assert_nonnull(strstr(script, "which are no time"));
	g_free(script);
	end();
}

#define WHERE(...)	((const char *const[]){ __VA_ARGS__, NULL })

static void fails(const struct plot_request *r, const char *message)
{
	struct plot_drawing drawing;
	GError *error = NULL;

	g_assert_false(plot_draw(store, plot_find("throughput"), r, &drawing, &error));
	g_assert_error(error, PLOT_ERROR, PLOT_ERROR_INPUT);
	if (!strstr(error->message, message))
		g_error("'%s' is not in '%s'", message, error->message);
	g_error_free(error);
	plot_drawing_clear(&drawing);
}

/* One panel alone is drawn when that is what is asked for, never by accident. */
static void test_one_source(void)
{
	struct plot_request r = { .format = PLOT_GNUPLOT };
	char *script;

	begin();
	fails(&r, "they come from 'rmapsim sweep throughput --db ");
	add_sweep();
	fails(&r, "no samples on hardware in timing mode for plot throughput; 'rmapsim hw SCENARIO "
	      "--table --samples 10 --db ");
	script = script_of(WHERE("source=sim"));
	g_assert_null(strstr(script, "$hw"));
	g_assert_nonnull(strstr(script, "$sim0"));
	g_free(script);
	end();
	begin();
	add_hardware();
	fails(&r, "nothing simulated for plot throughput; 'rmapsim sweep SCENARIO --db ");
	script = script_of(WHERE("source=hw"));
	g_assert_nonnull(strstr(script, "$hw0"));
	g_assert_null(strstr(script, "$sim"));
	g_free(script);
	end();
}

/* Samples that were only checked have no throughput. */
static void test_checked_only(void)
{
	const struct plot_request r = { .format = PLOT_GNUPLOT };
	gint64 point;

	begin();
	add_sweep();
	point = add_point(add_experiment("hw"), 0, "nulls", NULL, "spinlock");
	add_sample(point, 0, "checked", "ok", 100, 100);
	fails(&r, "no samples on hardware in timing mode");
	end();
}

static void test_choices(void)
{
	struct plot_request r = { .x = "machine.lock-type" };
	char *script;

	begin();
	add_sweep();
	add_hardware();
	fails(&r, "axes of its own");
	r = (struct plot_request){ .series = "machine.lock-type" };
	fails(&r, "axes of its own");
	r = (struct plot_request){ .y_scale = "curved" };
	fails(&r, "valid are linear, log");
	r = (struct plot_request){ .where = WHERE("algorithm=rcu") };
	fails(&r, "valid are locked, nulls");
	/* A single setting needs no name in the legend, nor a single form on the axis. */
	script = script_of(WHERE("lock-type=spinlock", "algorithm=nulls"));
	g_assert_nonnull(strstr(script, "set ytics ('nulls' 0)"));
	expect_block(script, "hw0", "writes", "0: 1035 1010 1060 6;");
	g_free(script);
	end();
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/plot-throughput/hardware", test_hardware);
	g_test_add_func("/plot-throughput/simulated", test_simulated);
	g_test_add_func("/plot-throughput/one-source", test_one_source);
	g_test_add_func("/plot-throughput/checked-only", test_checked_only);
	g_test_add_func("/plot-throughput/choices", test_choices);
	return g_test_run();
}
