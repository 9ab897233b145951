/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The search against a plain recursive enumerator: no table, no unasked loads,
 * no graph. It takes every choice and every answer to a question in turn, from
 * checkpoints, to the end of each run. On small generated programs both must
 * give the same verdicts, final memories and maxima.
 *
 * Programs are made from fixed seeds; --verbose prints them. RMAPSIM_LONG:
 * thousands of programs instead of hundreds.
 */
#include <string.h>
#include "sim/cmd/common.h"
#include "tests/search_programs.h"
#include "tests/search_steps.h"
#include "tests/search_support.h"

#define LEAVES_MAX	5000	/* larger programs are abandoned */
#define LEAVES_MAX_TIGHT 20000
#define DEPTH_MAX	400

static struct oracle {
	bool too_large;			/* or endless: abandoned */
	bool reads_noted;		/* since the beginning */
	bool begin_again;		/* a task waits by cpu_relax: reads are to be noted */
	uint64_t leaves, leaves_max;
	GHashTable *finals;		/* memories at the ends of runs */
	GHashTable *checks;		/* names of those that fired, not copied */
	struct search_maxima maxima;
	uint8_t *room[DEPTH_MAX + 1];	/* a checkpoint for each depth, made when needed */
} oracle;

/* A run has ended. */
static void leaf(struct engine *e)
{
	oracle.leaves++;
	oracle.too_large |= oracle.leaves > oracle.leaves_max;
	if (e->failed_check) {
		g_hash_table_add(oracle.checks, (gpointer)e->failed_check);
		return;
	}
	search_set_add(oracle.finals, search_memory(e));
	search_maxima_look(&oracle.maxima, e);
}

static void enumerate(struct engine *e, unsigned int depth);

static bool arrived(struct engine *e, unsigned int choice, void *data)
{
	unsigned int *depth = data;

	(void)choice;
	oracle.begin_again |= e->slow_only != oracle.reads_noted;
	if (oracle.begin_again)
		return false;
	if (search_steps_at_end(e))
		leaf(e);
	else
		enumerate(e, *depth + 1);
	return !oracle.too_large && !oracle.begin_again;
}

static void enumerate(struct engine *e, unsigned int depth)
{
	if (depth > DEPTH_MAX) {
		oracle.too_large = true;
		return;
	}
	if (!oracle.room[depth])
		oracle.room[depth] = g_malloc(checkpoint_room(e));
	checkpoint_put(e, oracle.room[depth]);
	search_steps_each(e, oracle.room[depth], e->set.n, arrived, &depth);
}

static void oracle_clear(void)
{
	unsigned int i;

	for (i = 0; i <= DEPTH_MAX; i++)
		g_free(oracle.room[i]);
	g_clear_pointer(&oracle.finals, g_hash_table_unref);
	g_clear_pointer(&oracle.checks, g_hash_table_unref);
	oracle = (struct oracle){ .leaves = 0 };
}

/* All runs of a plan; false: too many. */
static bool oracle_ask(const struct plan *plan, uint64_t leaves_max)
{
	struct engine *e = support_engine(plan, ENGINE_SEARCH);

	do {
		oracle_clear();
		oracle.leaves_max = leaves_max;
		oracle.finals = search_set_new();
		oracle.checks = g_hash_table_new(g_str_hash, g_str_equal);
		search_steps_begin(e);
		oracle.reads_noted = e->slow_only;
		if (search_steps_at_end(e))
			leaf(e);
		else
			enumerate(e, 0);
	} while (oracle.begin_again);
	engine_free(e);
	return !oracle.too_large;
}

/* --- the comparison */

static void look(struct engine *e, uint32_t state, void *data)
{
	(void)state;
	if (!e->run->alive)
		search_set_add(data, search_memory(e));
}

static void compare_bounds(const struct search_result *res)
{
	uint64_t max[SEARCH_NR_METRICS] = { 0 };
	unsigned int w, m;

	for (w = 0; w < res->n_walkers; w++) {
		for (m = 0; m < SEARCH_NR_METRICS; m++) {
			g_assert_true(res->walker[w].bound[m].finite);
			max[m] = MAX(max[m], res->walker[w].bound[m].max);
		}
	}
	for (m = 0; m < SEARCH_NR_METRICS; m++)
		g_assert_cmpuint(max[m], ==, oracle.maxima.of[m]);
}

static void compare(const struct plan *plan)
{
	GHashTable *finals = search_set_new();
	struct search_options opt = { .on_state = look, .hook_data = finals };
	struct search_result res;
	bool broken = g_hash_table_size(oracle.checks) > 0;

	search_result_of(plan, &opt, &res);
	g_assert_cmpint(res.verdict, ==, broken ? SEARCH_VIOLATED : SEARCH_VERIFIED);
	/* The search tells one violation, the shortest; the enumerator has them all. */
	if (broken)
		g_assert_true(g_hash_table_contains(oracle.checks, res.check));
	else
		compare_bounds(&res);
	g_assert_true(search_sets_equal(finals, oracle.finals));
	g_hash_table_unref(finals);
}

struct tally {
	unsigned int compared, broken, refused, abandoned;
};

static void try_program(uint64_t seed, struct tally *tally)
{
	uint64_t tight_max = LEAVES_MAX_TIGHT * (search_long() ? 4 : 1);
	bool tight;
	char *text = search_program(seed, &tight);
	struct plan *plan = scenario_parse(text, strlen(text), "program", NULL, cmd_vocabulary(),
					   NULL);

	g_test_message("seed %" G_GUINT64_FORMAT, seed);
	if (g_test_verbose())
		g_test_message("%s", text);
	if (!plan) {
		tally->refused++;	/* more than the algorithm holds, and the like */
	} else if (!oracle_ask(plan, tight ? tight_max : LEAVES_MAX)) {
		tally->abandoned++;
	} else {
		tally->compared++;
		tally->broken += g_hash_table_size(oracle.checks) > 0;
		compare(plan);
	}
	if (plan)
		plan_free(plan);
	g_free(text);
}

static void test_programs(void)
{
	unsigned int n = search_long() ? 5000 : 800;
	struct tally tally = { .compared = 0 };
	uint64_t seed;

	for (seed = 1; seed <= n; seed++)
		try_program(seed, &tally);
	g_test_message("%u compared, %u of them violate a check; %u refused, %u too large",
		       tally.compared, tally.broken, tally.refused, tally.abandoned);
	g_assert_cmpuint(tally.compared, >, n / 3);
	g_assert_cmpuint(tally.broken, >=, n / 100);
	oracle_clear();
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/oracle/programs", test_programs);
	return g_test_run();
}
