/* SPDX-License-Identifier: GPL-2.0-or-later */
/* [sweep]: what its lines may say, and the points that they make. */
#include <string.h>
#include "scenarios/sweep.h"
#include "tests/scenario_fake.h"

#define SWEEP_LINE	27	/* of "[sweep]", behind the fake scenario */

static struct plan *parse(const char *lines, const char *const *set, GError **error)
{
	char *text = g_strconcat(fake_scenario, "[sweep]\n", lines, NULL);
	struct plan *plan = fake_parse(text, set, error);

	g_free(text);
	return plan;
}

static struct sweep *make(struct plan **base, const char *lines, const char *const *set)
{
	GError *error = NULL;
	struct sweep *s;

	*base = parse(lines, set, &error);
	g_assert_no_error(error);
	s = sweep_new(*base, &fake_vocabulary, &error);
	g_assert_no_error(error);
	return s;
}

/* All points in their order, one a line. */
static void assert_points(const char *lines, const char *const *set, const char *want)
{
	struct plan *base;
	struct sweep *s = make(&base, lines, set);
	GString *got = g_string_new(NULL);
	guint i;

	for (i = 0; i < sweep_points(s); i++) {
		char *words = sweep_point_words(s, i);

		g_string_append_printf(got, "%s\n", words);
		g_free(words);
	}
	g_assert_cmpstr(got->str, ==, want);
	g_string_free(got, TRUE);
	sweep_free(s);
	plan_free(base);
}

static void test_product(void)
{
	assert_points("algorithm.retries = 0..2\n", NULL,
		      "algorithm.retries=0\nalgorithm.retries=1\nalgorithm.retries=2\n");
	assert_points("algorithm.retries = 1, unlimited\nmemory.reuse=lifo,fifo\n", NULL,
		      "algorithm.retries=1, memory.reuse=lifo\n"
		      "algorithm.retries=1, memory.reuse=fifo\n"
		      "algorithm.retries=unlimited, memory.reuse=lifo\n"
		      "algorithm.retries=unlimited, memory.reuse=fifo\n");
	assert_points("memory.cache = 0 .. 8 step 3\n", NULL,
		      "memory.cache=0\nmemory.cache=3\nmemory.cache=6\n");
	assert_points("memory.cache = 7, 0..1,5\n", NULL,
		      "memory.cache=7\nmemory.cache=0\nmemory.cache=1\nmemory.cache=5\n");
	assert_points("task mixer.count = 1, 2\n", NULL,
		      "task mixer.count=1\ntask mixer.count=2\n");
	assert_points("task.mixer.pool = \"spte4, spte6\", spte4..7\n", NULL,
		      "task mixer.pool=spte4, spte6\ntask mixer.pool=spte4..7\n");
}

/* A parameter multiplies only the points of those that have it. */
static void test_parameters(void)
{
	assert_points("algorithm.retries = 0..1\nalgorithm.name = position, nulls, locked\n"
		      "algorithm.form = tail, stack\n", NULL,
		      "algorithm.retries=0, algorithm.name=position\n"
		      "algorithm.name=nulls\n"
		      "algorithm.name=locked, algorithm.form=tail\n"
		      "algorithm.name=locked, algorithm.form=stack\n"
		      "algorithm.retries=1, algorithm.name=position\n");
}

static void test_command_line(void)
{
	const char *const add[] = { "sweep.memory.cache=0,1", NULL };
	const char *const replace[] = { "sweep.algorithm.retries=4..5", NULL };
	const char *const task[] = { "sweep.task mixer.count=2", NULL };
	const char *const take_out[] = { "sweep.algorithm.retries=", "sweep.memory.cache=3",
					 NULL };

	assert_points("algorithm.retries = 1\n", add, "algorithm.retries=1, memory.cache=0\n"
		      "algorithm.retries=1, memory.cache=1\n");
	assert_points("algorithm.retries = 1\n", replace,
		      "algorithm.retries=4\nalgorithm.retries=5\n");
	assert_points("algorithm.retries = 1\n", task, "algorithm.retries=1, task mixer.count=2\n");
	assert_points("algorithm.retries = 1\n", take_out, "memory.cache=3\n");
}

/* A point's plan is the one that --set would have made, and has no [sweep]. */
static void test_plans(void)
{
	static const char *const own[] = { "memory.sptes=13", NULL };
	static const char *const both[] = { "memory.sptes=13", "task.mixer.count=3", NULL };
	struct plan *base, *point, *plain = fake_must_parse(fake_scenario, both);
	struct sweep *s = make(&base, "task.mixer.count = 1..3\n", own);
	char **set = sweep_point_set(s, 2, own);
	GError *error = NULL;

	point = parse("task.mixer.count = 1..3\n", (const char *const *)set, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(point->text, ==, plain->text);
	g_assert_cmphex(point->digest, ==, plain->digest);
	g_assert_cmphex(point->digest, !=, base->digest);
	g_assert_nonnull(strstr(base->text, "[sweep]\ntask mixer.count = 1..3\n"));
	g_assert_null(strstr(point->text, "[sweep]"));
	g_strfreev(set);
	sweep_free(s);
	plan_free(base);
	plan_free(point);
	plan_free(plain);
}

/* [sweep] says nothing about what runs; a plan's text reads as the same plan. */
static void test_text(void)
{
	struct plan *plain = fake_must_parse(fake_scenario, NULL), *again;
	GError *error = NULL;
	struct plan *base = parse("memory.cache = 0..3\n", NULL, &error);

	g_assert_no_error(error);
	g_assert_cmphex(base->digest, ==, plain->digest);
	again = fake_must_parse(base->text, NULL);
	g_assert_cmpstr(again->text, ==, base->text);
	plan_free(plain);
	plan_free(base);
	plan_free(again);
}

struct bad {
	const char *lines;
	guint line;		/* behind [sweep] */
	int code;
	const char *words;
};

static const struct bad bad[] = {
	{ "retries = 1\n", 1, SCENARIO_ERROR_KEY, "[sweep] retries = 1|no such key|GROUP.KEY" },
	{ "memory.colour = 1\n", 1, SCENARIO_ERROR_KEY, "memory.colour|no such key" },
	{ "algorithm.colour = 1\n", 1, SCENARIO_ERROR_KEY, "algorithm.colour|no such key" },
	{ "expect.run.sc = clean\n", 1, SCENARIO_ERROR_KEY, "no such key" },
	{ "sweep.memory.cache = 1\n", 1, SCENARIO_ERROR_KEY, "no such key" },
	{ "task nobody.count = 1\n", 1, SCENARIO_ERROR_KEY, "task nobody.count|no such key" },
	{ "\ntask.mixer.colour = 1\n", 2, SCENARIO_ERROR_KEY, "no such key" },
	{ "task mixer.count = 1\ntask.mixer.count = 2\n", 2, SCENARIO_ERROR_KEY,
	  "duplicate|line 28" },
	{ "memory.cache =\n", 1, SCENARIO_ERROR_VALUE, "\"\" is an empty value|VALUE, VALUE" },
	{ "memory.cache = 1,,2\n", 1, SCENARIO_ERROR_VALUE, "empty value" },
	{ "memory.cache = 1,\n", 1, SCENARIO_ERROR_VALUE, "empty value" },
	{ "memory.cache = 3..1\n", 1, SCENARIO_ERROR_VALUE, "\"3..1\" is no range|A..B step N" },
	{ "memory.cache = 1..x\n", 1, SCENARIO_ERROR_VALUE, "\"1..x\" is no range" },
	{ "memory.cache = 1..4 step 0\n", 1, SCENARIO_ERROR_VALUE, "is no range|N from 1" },
	{ "memory.cache = 1..4 step\n", 1, SCENARIO_ERROR_VALUE, "is no range" },
	{ "memory.cache = 1..99999999999999999999\n", 1, SCENARIO_ERROR_VALUE, "is no range" },
	{ "memory.cache = 1..900000000000000\n", 1, SCENARIO_ERROR_VALUE,
	  "too many values|100000" },
	{ "memory.cache = 1..60000, 100000..160000\n", 1, SCENARIO_ERROR_VALUE,
	  "\"100000..160000\"|too many values" },
	{ "memory.cache = 1, 2, 0..1\n", 1, SCENARIO_ERROR_VALUE, "\"1\" stands there twice|once" },
	{ "memory.cache = \"1, 2\n", 1, SCENARIO_ERROR_VALUE, "no quoted value" },
	{ "memory.cache = 1\"2\n", 1, SCENARIO_ERROR_VALUE, "quote in it" },
};

static void test_bad(void)
{
	gsize i;

	for (i = 0; i < G_N_ELEMENTS(bad); i++) {
		char *at = g_strdup_printf("some/x.scenario:%u: [sweep] ",
					   SWEEP_LINE + bad[i].line);
		GError *error = NULL;

		g_assert_null(parse(bad[i].lines, NULL, &error));
		g_assert_error(error, SCENARIO_ERROR, bad[i].code);
		if (!g_str_has_prefix(error->message, at))
			g_error("\"%s\" does not begin with \"%s\"", error->message, at);
		assert_words(error, bad[i].words);
		g_assert_nonnull(strstr(error->message, "valid"));
		g_clear_error(&error);
		g_free(at);
	}
}

static void refuse(const char *lines, const char *words)
{
	GError *error = NULL;
	struct plan *base = parse(lines, NULL, &error);

	g_assert_no_error(error);
	g_assert_null(sweep_new(base, &fake_vocabulary, &error));
	g_assert_error(error, SCENARIO_ERROR, SCENARIO_ERROR_PLAN);
	assert_words(error, words);
	g_clear_error(&error);
	plan_free(base);
}

static void test_counts(void)
{
	struct plan *base;
	struct sweep *s = make(&base, "memory.sptes = 1..1000\nmemory.descs = 1..100\n", NULL);

	g_assert_cmpuint(sweep_points(s), ==, 100000);
	sweep_free(s);
	plan_free(base);
	refuse("", "nothing is swept|--sweep");
	refuse("memory.sptes = 1..1001\nmemory.descs = 1..100\n", "100100 points|at most 100000");
	/* 10^15, and more than 2^64. */
	refuse("memory.sptes = 1..100000\nmemory.descs = 1..100000\nlimits.hang = 1..100000\n",
	       "1000000000000000 points");
	refuse("memory.sptes = 1..100000\nmemory.descs = 1..100000\nlimits.hang = 1..100000\n"
	       "limits.events = 1..100000\n", "more than 18446744073709551615 points");
	refuse("algorithm.form = tail\n", "algorithm.form|no swept algorithm");
	refuse("algorithm.name = nulls, null\nalgorithm.retries = 1\n", "algorithm.retries");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sweep/product", test_product);
	g_test_add_func("/sweep/parameters", test_parameters);
	g_test_add_func("/sweep/command-line", test_command_line);
	g_test_add_func("/sweep/plans", test_plans);
	g_test_add_func("/sweep/text", test_text);
	g_test_add_func("/sweep/bad", test_bad);
	g_test_add_func("/sweep/counts", test_counts);
	return g_test_run();
}
