/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A database for tests of plots; see plot_study.h. */
#include <string.h>
#include "tests/plot_study.h"

#define STEPS_MAX	20

static const char *const retries[] = { "0", "1", "2", "4" };
static const char *const writers[] = { "1", "2" };

/* Counts of a run or a sample that look like some: fewer slow paths with more retries. */
struct counts {
	guint64 walks, restarts, slow_path, steps;
};

static struct counts draw_counts(GRand *rand, int n, guint64 walks)
{
	struct counts c = { .walks = walks };
	guint64 i;

	for (i = 0; i < walks; i++) {
		c.restarts += g_rand_int_range(rand, 0, n + 2);
		c.slow_path += g_rand_int_range(rand, 0, 2 + 3 * n) == 0;
	}
	return c;
}

/* Writes and points that follow from the rest. */
static void add_writes(struct row_batch *b, const struct counts *c)
{
	double writes = c->walks + c->restarts, points = 10 * c->steps + c->restarts;

	b->adds += c->walks;
	b->removes += c->restarts;
	b->points += points;
	b->writes_writes += writes * writes;
	b->writes_points += writes * points;
	b->walks_points += c->walks * points;
	b->points_points += points * points;
}

static void add_counts(struct row_batch *b, const struct counts *c)
{
	b->runs++;
	b->walks += c->walks;
	b->restarts += c->restarts;
	b->slow_path += c->slow_path;
	b->steps += c->steps;
	b->walks_walks += (double)c->walks * c->walks;
	b->restarts_restarts += (double)c->restarts * c->restarts;
	b->restarts_walks += (double)c->restarts * c->walks;
	b->slow_path_slow_path += (double)c->slow_path * c->slow_path;
	b->slow_path_walks += (double)c->slow_path * c->walks;
	b->steps_steps += (double)c->steps * c->steps;
	b->steps_walks += (double)c->steps * c->walks;
	add_writes(b, c);
}

/* So many walks over the bins: single steps, one wide bin at the end; some stay empty. */
static size_t draw_bins(struct row_bin *bins, GRand *rand, guint64 walks)
{
	guint64 count[STEPS_MAX] = { 0 }, i;
	size_t n = 0;

	for (i = 0; i < walks; i++)
		count[g_rand_int_range(rand, 1, STEPS_MAX) * g_rand_int_range(rand, 1, 20) / 20]++;
	for (i = 0; i < STEPS_MAX; i++) {
		if (count[i])
			bins[n++] = (struct row_bin){ "walk_steps", i, i, count[i] };
	}
	if (n)
		bins[n - 1].high += 3;
	return n;
}

static void add_batch(struct store *s, gint64 point, GRand *rand, int n, guint64 seed)
{
	struct row_batch b = { .seed_first = seed, .seeds = STUDY_RUNS };
	struct row_bin bins[STEPS_MAX];
	GError *error = NULL;
	int i;

	for (i = 0; i < STUDY_RUNS; i++) {
		struct counts c = draw_counts(rand, n, g_rand_int_range(rand, 2, 7));

		c.steps = 3 * c.walks;
		add_counts(&b, &c);
	}
	b.bins = bins;
	b.n_bins = draw_bins(bins, rand, b.walks);
	store_add_batch(s, point, &b, NULL, &error);
	g_assert_no_error(error);
}

static void add_sample(struct store *s, gint64 point, GRand *rand, int n, int repetition)
{
	struct counts c = draw_counts(rand, n, g_rand_int_range(rand, 500, 600));
	struct row_bin bins[STEPS_MAX];
	struct row_hw_sample h = {
		.mode = "timing", .repetition = repetition, .outcome = "ok", .cpus = "0,1",
		.duration_ns = 300000000, .adds = c.walks, .removes = c.restarts,
		.walks = c.walks, .restarts = c.restarts,
		.slow_path = c.slow_path, .steps = 4 * c.walks, .passes = c.walks,
	};
	GError *error = NULL;

	h.bins = bins;
	h.n_bins = draw_bins(bins, rand, c.walks);
	store_add_hw_sample(s, point, &h, NULL, &error);
	g_assert_no_error(error);
	/* One that is no result. */
	h.repetition += 100;
	h.outcome = "crash";
	h.reason = "signal 11";
	store_add_hw_sample(s, point, &h, NULL, &error);
	g_assert_no_error(error);
}

static gint64 add_experiment(struct store *s, const char *command, const char *name)
{
	const struct row_machine machine = {
		.hostname = name ? name : "box", .cpu_model = "Some CPU", .virtual = "",
		.cpus_online = 2,
	};
	const struct row_experiment e = {
		.command = command, .program_version = "0.0-test",
		.scenario = name ? name : "study", .swept = "", .strategy = "random",
		.scenario_text = "[scenario]\ntitle = a study\n",
		.seed_first = 1, .seeds_per_point = 2 * STUDY_RUNS, .batch_seeds = STUDY_RUNS,
	};
	GError *error = NULL;
	gint64 id;

	store_add_experiment(s, &e, &machine, &id, &error);
	g_assert_no_error(error);
	return id;
}

/* retries: NULL for an algorithm that has none. */
static gint64 add_point(struct store *s, gint64 experiment, int ordinal, const char *algorithm,
			const char *n, const char *count)
{
	const struct row_param params[] = {
		{ "task writer.count", count }, { "algorithm.retries", n },
	};
	char *limit = n ? g_strdup_printf("retries = %s\n", n) : g_strdup("");
	char *text = g_strdup_printf("[algorithm]\nname = a\n%s\n[task writer]\ncount = %s\n",
				     limit, count);
	const struct row_point p = {
		.ordinal = ordinal, .plan_digest = ordinal, .plan_text = text,
		.algorithm = algorithm, .model = "sc", .strategy = "random",
		.params = params, .n_params = n ? 2 : 1,
	};
	GError *error = NULL;
	gint64 id;

	store_add_point(s, experiment, &p, &id, &error);
	g_assert_no_error(error);
	g_free(limit);
	g_free(text);
	return id;
}

static void add_sweep(struct store *s, GRand *rand, const char *name)
{
	gint64 experiment = add_experiment(s, "sweep", name), point;
	char *other = g_strdup_printf("nulls%s", name ? name : "");
	guint i, j, ordinal = 0;

	for (j = 0; j < G_N_ELEMENTS(writers); j++) {
		for (i = 0; i <= G_N_ELEMENTS(retries); i++) {
			gboolean last = i == G_N_ELEMENTS(retries);

			point = add_point(s, experiment, ordinal++,
					  last ? other : name ? name : "position",
					  last ? NULL : retries[i], writers[j]);
			add_batch(s, point, rand, i, 1);
			add_batch(s, point, rand, i, 1 + STUDY_RUNS);
		}
	}
	g_free(other);
}

static void add_hardware(struct store *s, GRand *rand, const char *name)
{
	guint i, k;

	for (i = 0; i < G_N_ELEMENTS(retries); i += 2) {
		gint64 experiment = add_experiment(s, "hw", name);
		gint64 point = add_point(s, experiment, 0, name ? name : "position", retries[i],
					 "1");

		for (k = 0; k < 4; k++)
			add_sample(s, point, rand, i, k);
	}
}

struct store *plot_study(const char *path, const char *name)
{
	GRand *rand = g_rand_new_with_seed(6);
	GError *error = NULL;
	struct store *s = store_open(path, STORE_WRITE, &error);

	g_assert_no_error(error);
	store_begin(s, &error);
	add_sweep(s, rand, name);
	add_hardware(s, rand, name);
	store_commit(s, &error);
	g_assert_no_error(error);
	g_rand_free(rand);
	return s;
}

char *plot_study_script(struct store *s, const char *plot, const struct plot_request *request)
{
	struct plot_drawing drawing;
	GError *error = NULL;
	char *script;

	plot_draw(s, plot_find(plot), request, &drawing, &error);
	g_assert_no_error(error);
	script = g_strdup(drawing.script);
	plot_drawing_clear(&drawing);
	return script;
}
