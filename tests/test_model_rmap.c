/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rmap code under the memory models: what a weaker one adds, and what it
 * must not add.
 *
 * Each model allows all that the one before does, so verdicts, worst cases and
 * sets of final memories can only grow, on generated programs and on what the
 * shipped scenarios expect. Good algorithms stay silent with walks that begin
 * right behind adds, and what such a walk owes is looked at itself. Parameters
 * that give an ordering back decide whether a variant is found out.
 */
#include <string.h>
#include "sim/cmd/common.h"
#include "tests/search_programs.h"
#include "tests/search_support.h"

#define MODELS	4
static const char *const models_in_order[MODELS] = { "sc", "tso", "pso", "weak" };

#define PROGRAMS	150
#define PROGRAMS_LONG	1000
#define STATES_MAX	60000

static struct plan *plan_under(const char *text, const char *model, const char *set)
{
	char *set_model = g_strdup_printf("memory.model=%s", model);
	const char *sets[] = { set_model, set, NULL };
	struct plan *plan = support_plan_text(text, sets);

	g_free(set_model);
	return plan;
}

static const char *seen_by(const struct search_result *res)
{
	if (res->verdict == SEARCH_VIOLATED)
		return res->check;
	return res->verdict == SEARCH_VERIFIED ? "clean" : res->limit;
}

static void must_be(const char *text, const char *model, const char *set, const char *expected)
{
	struct plan *plan = plan_under(text, model, set);
	struct search_result res;

	search_result_of(plan, NULL, &res);
	if (strcmp(seen_by(&res), expected))
		g_error("%s %s: %s instead of %s: %s\n%s", model, set ? set : "", seen_by(&res),
			expected, res.message, text);
	plan_free(plan);
}

/* --- what each model allows, the next one allows too */

struct found {
	struct search_result res;
	GHashTable *finals;	/* memories in which all tasks are done and nothing is pending */
};

static bool is_final(const struct engine *e)
{
	unsigned int i;

	for (i = 0; i < e->plan->n_tasks; i++) {
		if (e->tasks[i].sim.ev.kind != EV_NONE)
			return false;
	}
	return !e->model->busy || !e->model->busy(e->model_state);
}

/* Ghosts are left out: sc needs fewer of them. */
static void note_final(struct engine *e, uint32_t state, void *data)
{
	size_t words;

	(void)state;
	if (!is_final(e))
		return;
	words = engine_memory_words(e, e->words) - e->ghost_words;
	search_set_add(data, engine_words_hash(e->words, words, 3));
}

static bool find(const char *text, const char *model, struct found *f)
{
	struct plan *plan = plan_under(text, model, NULL);
	struct search_options opt = {
		.states_max = STATES_MAX, .on_state = note_final, .hook_data = f->finals,
	};

	search_result_of(plan, &opt, &f->res);
	plan_free(plan);
	return f->res.verdict != SEARCH_INCOMPLETE;
}

static void finals_grow(const struct found *less, const struct found *more)
{
	GHashTableIter it;
	gpointer key;

	g_hash_table_iter_init(&it, less->finals);
	while (g_hash_table_iter_next(&it, &key, NULL))
		g_assert_true(g_hash_table_contains(more->finals, key));
}

/* Returns whether one of them is larger. */
static bool bounds_grow(const struct search_result *less, const struct search_result *more)
{
	bool grew = false;
	unsigned int w, m;

	g_assert_cmpuint(less->n_walkers, ==, more->n_walkers);
	for (w = 0; w < less->n_walkers; w++) {
		for (m = 0; m < SEARCH_NR_METRICS; m++) {
			const struct search_bound *x = &less->walker[w].bound[m];
			const struct search_bound *y = &more->walker[w].bound[m];

			g_assert_true(x->finite || !y->finite);
			g_assert_true(!x->finite || !y->finite || x->max <= y->max);
			grew |= x->finite != y->finite || x->max < y->max;
		}
	}
	return grew;
}

static bool whole_graph(const struct found *f)
{
	return f->res.verdict == SEARCH_VERIFIED || f->res.finding != SEARCH_CHECK;
}

/* Returns whether more can happen, as far as that shows. */
static bool must_grow(const struct found *less, const struct found *more)
{
	if (less->res.verdict == SEARCH_VIOLATED)
		g_assert_cmpint(more->res.verdict, ==, SEARCH_VIOLATED);
	if (!whole_graph(less) || !whole_graph(more))
		return less->res.verdict != more->res.verdict;	/* ended where a check fired */
	finals_grow(less, more);
	return bounds_grow(&less->res, &more->res);
}

/* How many of the models came to an answer, and whether they differ. */
static unsigned int compare_models(const char *text, bool *differ)
{
	struct found f[MODELS];
	unsigned int n, i;

	*differ = false;
	for (n = 0; n < MODELS; n++) {
		f[n].finals = search_set_new();
		if (!find(text, models_in_order[n], &f[n])) {
			g_hash_table_unref(f[n].finals);
			break;
		}
		if (n)
			*differ |= must_grow(&f[n - 1], &f[n]);
	}
	for (i = 0; i < n; i++)
		g_hash_table_unref(f[i].finals);
	return n;
}

/* It may ask for more than its algorithm holds. */
static bool is_valid(const char *text)
{
	struct plan *plan = scenario_parse(text, strlen(text), "test", NULL, cmd_vocabulary(),
					   NULL);

	plan_free(plan);
	return plan != NULL;
}

static void test_programs(void)
{
	unsigned int answered[MODELS + 1] = { 0 }, differing = 0;
	uint64_t seed, last = search_long() ? PROGRAMS_LONG : PROGRAMS;
	bool tight, differ;

	for (seed = 1; seed <= last; seed++) {
		char *text = search_program(seed, &tight);

		if (is_valid(text)) {
			answered[compare_models(text, &differ)]++;
			differing += differ;
		}
		g_free(text);
	}
	g_test_message("answers under 1, 2, 3, 4 models: %u, %u, %u, %u; with more in it: %u",
		       answered[1], answered[2], answered[3], answered[4], differing);
	g_assert_cmpuint(answered[4], >, last / 4);
	g_assert_cmpuint(differing, >, 0);
}

/* --- what the shipped scenarios expect of verify */

static const struct plan_expect *expect_of(const struct plan *plan, const char *model)
{
	guint i;

	for (i = 0; i < plan->n_expect; i++) {
		const struct plan_expect *x = &plan->expect[i];

		if (!strcmp(x->command, "verify") && !strcmp(x->model, model))
			return x;
	}
	return NULL;
}

static bool expects_violation(const struct plan_expect *x)
{
	return strcmp(x->verdicts[0], "clean") && strcmp(x->verdicts[0], "incomplete");
}

static void expectation_grows(const char *path, unsigned int *only_weaker)
{
	const struct plan_expect *x;
	GError *error = NULL;
	struct plan *plan = scenario_load(path, NULL, NULL, cmd_vocabulary(), &error);
	bool violated = false;
	size_t m;

	g_assert_no_error(error);
	for (m = 0; m < MODELS; m++) {
		x = expect_of(plan, models_in_order[m]);
		if (!x)
			continue;
		if (violated && !expects_violation(x))
			g_error("%s: what a stronger model violates, %s does not", path,
				models_in_order[m]);
		*only_weaker += m && !violated && expects_violation(x);
		violated |= expects_violation(x);
	}
	plan_free(plan);
}

static void test_expectations(void)
{
	GError *error = NULL;
	GPtrArray *paths = scenario_list(SCENARIO_SOURCE_DIR, &error);
	unsigned int only_weaker = 0, i;

	g_assert_no_error(error);
	for (i = 0; i < paths->len; i++)
		expectation_grows(paths->pdata[i], &only_weaker);
	/* One variant for tso, three for pso, two for weak. */
	g_assert_cmpuint(only_weaker, >=, 6);
	g_ptr_array_unref(paths);
}

/* --- good algorithms are silent, whenever walks begin */

#define GOOD(name)	"[algorithm]\nname=" name "\n"
#define WALKS_BEHIND_ADDS							\
	"[memory]\npte-list-ext=2\nrmaps=1\nsptes=4\nsetup=add spte0 rmap0\n"	\
	"[task writer]\nprogram=add spte1 rmap0; walk rmap0; add spte2 rmap0; walk rmap0\n" \
	"[task walker]\nprogram=walk rmap0; walk rmap0\n"
#define WALKS_BEHIND_BOTH							\
	"[memory]\npte-list-ext=2\nrmaps=1\nsptes=4\nsetup=add spte0..1 rmap0\n"	\
	"[task a]\nprogram=add spte2 rmap0; remove spte0 rmap0\n"		\
	"[task b]\nprogram=add spte3 rmap0; walk rmap0\n"

static const char *const good_algorithms[] = {
	GOOD("locked") "form=tail\n", GOOD("locked") "form=stack\n", GOOD("nulls"),
	GOOD("position") "retries=1\n",
};

static void silent(const char *algorithm, const char *rest)
{
	char *text = g_strconcat(algorithm, rest, NULL);
	unsigned int m;

	for (m = 0; m < MODELS; m++)
		must_be(text, models_in_order[m], NULL, "clean");
	must_be(text, "weak", "memory.sync=none", "clean");
	g_free(text);
}

static void test_good(void)
{
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(good_algorithms); i++) {
		silent(good_algorithms[i], WALKS_BEHIND_ADDS);
		silent(good_algorithms[i], WALKS_BEHIND_BOTH);
	}
}

/* --- who is owed what: the rows of one word in coverage's ghost, see there */

struct owing {
	unsigned int task, spte;
	bool seen;	/* in some state that walk owes a visit to that spte */
};

static void look_for_owing(struct engine *e, uint32_t state, void *data)
{
	struct owing *o = data;
	unsigned int i = 0;

	(void)state;
	while (strcmp(e->check[i]->name, "coverage"))
		i++;
	o->seen |= e->ghost[i][e->plan->nr_rmaps + o->task] >> o->spte & 1;
}

static bool owes(const char *text, const char *model, const char *set, unsigned int task,
		 unsigned int spte)
{
	struct owing o = { .task = task, .spte = spte };
	struct search_options opt = { .on_state = look_for_owing, .hook_data = &o };
	struct plan *plan = plan_under(text, model, set);
	struct search_result res;

	search_result_of(plan, &opt, &res);
	g_assert_cmpstr(seen_by(&res), ==, "clean");
	plan_free(plan);
	return o.seen;
}

static void owes_everywhere(const char *text, unsigned int task, unsigned int spte)
{
	unsigned int m;

	for (m = 0; m < MODELS; m++)
		g_assert_true(owes(text, models_in_order[m], NULL, task, spte));
}

#define LIST	GOOD("nulls") "[memory]\npte-list-ext=2\nrmaps=1\nsptes=5\n"	\
		"setup=add spte0 rmap0; add spte4 rmap0\n"

static void test_owed(void)
{
	static const char own[] = LIST "[task a]\nprogram=add spte1 rmap0; walk rmap0\n";
	static const char others[] = LIST "[task a]\nprogram=add spte1 rmap0\n"
				     "[task b]\nprogram=walk rmap0\n";
	static const char locked[] = LIST "[task a]\nprogram=add spte1 rmap0\n"
				     "[task b]\nprogram=add spte2 rmap0; walk rmap0\n";

	/* A cpu sees its own stores. */
	owes_everywhere(own, 0, 1);
	g_assert_true(owes(own, "weak", "memory.sync=none", 0, 1));
	/* An operation begins with all that has drained, unless it is told not to. */
	owes_everywhere(others, 1, 1);
	g_assert_false(owes(others, "weak", "memory.sync=none", 1, 1));
	/* But mmu_lock passes on what its last holder has done. */
	owes_everywhere(locked, 1, 1);
	g_assert_true(owes(locked, "weak", "memory.sync=none", 1, 1));
}

/* --- the orderings that parameters give back */

static void with_parameter(const char *name, const char *parameter, const char *model,
			   const char *expected)
{
	char *set_model = g_strdup_printf("memory.model=%s", model);
	const char *sets[] = { set_model, parameter, NULL };
	struct plan *plan = support_plan(name, sets);
	struct search_result res;

	search_result_of(plan, NULL, &res);
	g_assert_cmpstr(seen_by(&res), ==, expected);
	plan_free(plan);
	g_free(set_model);
}

static void test_parameters(void)
{
	/* One full barrier is none; it takes both, as fenced-flag expects. */
	with_parameter("busted-unfenced-flag", "algorithm.fence=walker", "tso", "coverage");
	with_parameter("busted-unfenced-flag", "algorithm.fence=writer", "tso", "coverage");
	/* It is the slots' loads that need it; the head's reach by a dependency. */
	with_parameter("busted-unordered-loads", "algorithm.acquire=head", "weak", "coverage");
	with_parameter("busted-unordered-loads", "algorithm.acquire=slots", "weak", "clean");
	with_parameter("busted-unordered-recheck", "algorithm.rmb=yes", "weak", "clean");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/model-rmap/programs", test_programs);
	g_test_add_func("/model-rmap/expectations", test_expectations);
	g_test_add_func("/model-rmap/good", test_good);
	g_test_add_func("/model-rmap/owed", test_owed);
	g_test_add_func("/model-rmap/parameters", test_parameters);
	return g_test_run();
}
