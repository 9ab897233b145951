/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The search: counts against closed forms and small programs counted by hand;
 * worst cases that do not depend on the order of the search, equal what is seen
 * when the counters belong to the identity, and are reached by the schedule
 * that is told for them.
 */
#include "tests/search_support.h"

/* k walkers of the null algorithm, each with n walks of one point. */
static struct plan *plan_null_walkers(unsigned int k, unsigned int n)
{
	GString *text = g_string_new("[scenario]\n[algorithm]\nname = null\n"
				     "[memory]\nrmaps = 1\nsptes = 1\n[task w]\n");
	struct plan *plan;
	unsigned int i;

	g_string_append_printf(text, "count = %u\nprogram = walk rmap0", k);
	for (i = 1; i < n; i++)
		g_string_append(text, "; walk rmap0");
	g_string_append(text, "\n");
	plan = support_plan_text(text->str, NULL);
	g_string_free(text, TRUE);
	return plan;
}

static uint64_t factorial(unsigned int n)
{
	return n ? n * factorial(n - 1) : 1;
}

static uint64_t power(uint64_t base, unsigned int n)
{
	return n ? base * power(base, n - 1) : 1;
}

static void check_null_walkers(unsigned int k, unsigned int n)
{
	struct plan *plan = plan_null_walkers(k, n);
	struct search_options all = { .no_table = true };
	struct search_result res;

	search_result_of(plan, NULL, &res);
	g_assert_cmpint(res.verdict, ==, SEARCH_VERIFIED);
	g_assert_cmpuint(res.states, ==, power(n + 1, k));
	g_assert_cmpuint(res.transitions, ==, k * n * power(n + 1, k - 1));
	g_assert_cmpuint(res.finals, ==, 1);
	g_assert_cmpuint(res.depth_max, ==, k * n);
	search_result_of(plan, &all, &res);
	g_assert_cmpuint(res.finals, ==, factorial(k * n) / power(factorial(n), k));
	plan_free(plan);
}

static void test_multinomials(void)
{
	check_null_walkers(1, 5);
	check_null_walkers(2, 1);
	check_null_walkers(2, 6);
	check_null_walkers(3, 3);
	check_null_walkers(4, 2);
	check_null_walkers(8, 1);
}

static const char two_adders[] =
	"[scenario]\nwalkers = none\n"
	"[algorithm]\nname = locked\nform = stack\n"
	"[memory]\nrmaps = 2\nsptes = 2\n"
	"[task a]\nprogram = add spte0 rmap0\n"
	"[task b]\nprogram = add spte1 rmap1\n";

static void check_counts(const char *text, const char *lock, struct search_options opt,
			 uint64_t states, uint64_t transitions, uint64_t finals)
{
	char *set = g_strconcat("machine.lock=", lock, NULL);
	const char *sets[] = { set, NULL };
	struct plan *plan = support_plan_text(text, sets);
	struct search_result res;

	search_result_of(plan, &opt, &res);
	g_assert_cmpint(res.verdict, ==, SEARCH_VERIFIED);
	g_assert_cmpuint(res.finals, ==, finals);
	if (states) {
		g_assert_cmpuint(res.states, ==, states);
		g_assert_cmpuint(res.transitions, ==, transitions);
	}
	plan_free(plan);
	g_free(set);
}

/*
 * Each takes mmu_lock (and loads the head unasked), stores the head, unlocks:
 * it stands before, at two places inside, or behind. Of 4 x 4 pairs the 2 x 2
 * with both inside are out. Each of 3 moves of one is possible wherever the
 * other is before or behind. Asked, the load is a third place inside. In FIFO
 * order one can also wait: while the other is at either place inside, or just
 * behind; that gives three states and five moves more for each.
 */
static void test_counted_by_hand(void)
{
	const struct search_options usual = { .hash_seed = 0 }, asked = { .asked = true };
	const struct search_options all = { .no_table = true };

	check_counts(two_adders, "unfair", usual, 12, 12, 1);
	check_counts(two_adders, "unfair", asked, 16, 16, 1);
	check_counts(two_adders, "unfair", all, 0, 0, 2);
	check_counts(two_adders, "fifo", usual, 18, 22, 1);
	/* The second waits from the first place on, from the second, or never. */
	check_counts(two_adders, "fifo", all, 0, 0, 6);
}

struct watch {
	struct search_maxima seen;
};

static void look(struct engine *e, uint32_t state, void *data)
{
	struct watch *w = data;

	(void)state;
	search_maxima_look(&w->seen, e);
}

/* The counters in the identity: every way is gone along, so what is seen is exact. */
static void seen_maxima(const struct plan *plan, struct search_maxima *seen)
{
	struct watch w = { .seen.of = { 0 } };
	struct search_options opt = {
		.count_identity = true, .on_state = look, .on_merge = look, .hook_data = &w,
	};
	struct search_result res;

	search_result_of(plan, &opt, &res);
	g_assert_cmpint(res.verdict, ==, SEARCH_VERIFIED);
	*seen = w.seen;
}

static uint64_t told_maximum(const struct search_tale *tale, enum search_metric metric)
{
	const struct run_stats *s = &tale->run.stats;

	switch (metric) {
	case SEARCH_PASS_STEPS:
		return s->pass_steps_max;
	case SEARCH_WALK_STEPS:
		return s->walk_steps_max;
	default:
		return s->restarts_max;
	}
}

/* The bounds of the only walker: as seen, and as told. */
static void check_bounds(const struct plan *plan, struct search_result *res)
{
	struct search *s = search_done(plan, NULL, res);
	struct search_tale tale;
	unsigned int m;

	g_assert_cmpint(res->verdict, ==, SEARCH_VERIFIED);
	g_assert_cmpuint(res->n_walkers, ==, 1);
	for (m = 0; m < SEARCH_NR_METRICS; m++) {
		const struct search_bound *b = &res->walker[0].bound[m];

		g_assert_true(b->finite);
		if (!search_tell(s, SEARCH_WORST, 0, m, &tale))
			g_assert_cmpuint(b->max, ==, 0);
		else
			g_assert_cmpuint(told_maximum(&tale, m), ==, b->max);
		g_assert_cmpint(tale.run.verdict, !=, RUN_VIOLATION);
	}
	search_free(s);
}

static void check_worst(const char *name, const char *const *set)
{
	const struct search_options others[] = {
		{ .reverse = true }, { .asked = true }, { .hash_seed = 1 },
		{ .hash_seed = 99, .reverse = true }, { .exact = true },
	};
	struct plan *plan = support_plan(name, set);
	struct search_result res, other;
	struct search_maxima seen;
	unsigned int i, m;

	check_bounds(plan, &res);
	seen_maxima(plan, &seen);
	for (m = 0; m < SEARCH_NR_METRICS; m++)
		g_assert_cmpuint(res.walker[0].bound[m].max, ==, seen.of[m]);
	for (i = 0; i < G_N_ELEMENTS(others); i++) {
		search_result_of(plan, &others[i], &other);
		search_assert_same_answer(&res, &other);
		if (others[i].asked)
			continue;
		g_assert_cmpuint(res.states, ==, other.states);
		g_assert_cmpuint(res.transitions, ==, other.transitions);
		g_assert_cmpuint(res.finals, ==, other.finals);
		g_assert_cmpuint(other.collisions, ==, 0);
	}
	plan_free(plan);
}

static void test_worst_bench(void)
{
	check_worst("bench-c1", NULL);
	check_worst("bench-c2", NULL);
	check_worst("bench-c3", NULL);
	check_worst("bench-c4", NULL);
	check_worst("bench-c5", NULL);
}

static void test_worst_picture(void)
{
	check_worst("mail-picture", NULL);
}

static void test_worst_retries(void)
{
	unsigned int n;

	for (n = 0; n <= 4; n++) {
		char *set = g_strdup_printf("algorithm.retries=%u", n);
		const char *sets[] = { set, NULL };

		check_worst("position-retries", sets);
		g_free(set);
	}
}

/*
 * A pass whose positions must fall reads the head, then of each descriptor the
 * slots and the link: 1 + D (S + 1) steps for six entries in D descriptors of S.
 */
static void test_pass_in_sizes(void)
{
	unsigned int slots;

	for (slots = 2; slots <= 6; slots++) {
		char *ext = g_strdup_printf("memory.pte-list-ext=%u", slots);
		const char *set[] = { ext, "check.pass-steps=0", NULL };
		struct plan *plan = support_plan("position-gt-pass", set);
		struct search *s = search_new(plan, &(struct search_options){ 0 }, NULL);
		unsigned int descs = (6 + slots - 1) / slots;
		struct search_result res;

		g_assert_nonnull(s);
		g_assert_true(search_run(s, &res, NULL));
		g_assert_cmpint(res.verdict, ==, SEARCH_VERIFIED);
		g_assert_true(res.walker[0].bound[SEARCH_PASS_STEPS].finite);
		g_assert_cmpuint(res.walker[0].bound[SEARCH_PASS_STEPS].max, ==,
				 1 + descs * (slots + 1));
		search_free(s);
		plan_free(plan);
		g_free(ext);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/multinomials", test_multinomials);
	g_test_add_func("/search/counted by hand", test_counted_by_hand);
	g_test_add_func("/search/worst cases of the benchmarks", test_worst_bench);
	g_test_add_func("/search/worst cases of the mail's picture", test_worst_picture);
	g_test_add_func("/search/worst cases of N retries", test_worst_retries);
	g_test_add_func("/search/a pass in several sizes", test_pass_in_sizes);
	return g_test_run();
}
