/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every algorithm of the simulator's build beside writers: under every memory
 * model no run fails a check, and no schedule of a small scenario does. The
 * table is looped over, so a new algorithm's file is tested by being listed;
 * alone it is tested by test_core.c. Left out is what says that it is broken on
 * purpose, and what is given is as much as an algorithm says that it can hold.
 */
#include <string.h>
#include "sim/model/model.h"
#include "tests/search_support.h"

#define CHECKS "[check]\naccess = yes\nlocking = yes\nwarn = yes\ncoverage = yes\n" \
	       "integrity = yes\ntermination = no\n"

/* What surrounds the tasks; each line of it is one more campaign. */
static const char *const surroundings[] = {
	"pte-list-ext = 2\n",
	"pte-list-ext = 3\nreuse = fifo\n",
	"pte-list-ext = 2\nreuse = seeded\ncache = 1\nalloc-zero = yes\n",
};

/* Two writers whose lists grow and shrink, and two walkers. */
static const char churn[] =
	"rmaps = 2\nsptes = 7\nsetup = add spte0..2 rmap0; add spte3 rmap1\n"
	"[machine]\nlock = unfair\n"
	"[task writer]\ncount = 2\nmix = add 3; remove 2\noperations = 8\npool = spte1..6\n"
	"[task walker]\ncount = 2\nmix = walk 1\noperations = 2\n";

/* Lists that go as a whole, walks that are stopped, pages that are marked. */
static const char zaps[] =
	"rmaps = 2\nsptes = 7\nrecycle-threshold = 2\nsetup = add spte0..2 rmap0; add spte3 rmap1\n"
	"[machine]\nlock-type = rwlock\n"
	"[task zapper]\nprogram = zap-all rmap0; add spte4..6 rmap1; recycle rmap1\n"
	"[task writer]\nprogram = remove spte1 rmap0; add spte1..3 rmap0; mark-dirty rmap0\n"
	"[task walker]\nprogram = walk rmap0; walk-first rmap1; walk rmap1\n"
	"[task stopper]\nprogram = walk-first rmap0; walk-first rmap1; walk rmap0\n";

/* For what has room for one entry only. */
static const char single[] =
	"rmaps = 2\nsptes = 2\nsetup = add spte0 rmap0\n"
	"[task writer]\nprogram = add spte1 rmap1; remove spte1 rmap1; add spte1 rmap1\n"
	"[task walker]\nprogram = walk rmap0; walk rmap1; walk-first rmap1\n";

/* Small enough for every schedule: a descriptor changes its owner, or a direct entry. */
static const char moves[] =
	"rmaps = 2\nsptes = 4\nsetup = add spte0 rmap1; add spte1..3 rmap0\n"
	"[task writer]\nprogram = remove spte1 rmap0; add spte1 rmap1\n"
	"[task walker]\nprogram = walk rmap0\n";

static char *text_of(const struct rmap_algorithm *algorithm, const char *model,
		     const char *surroundings_of, const char *rest)
{
	return g_strdup_printf("[algorithm]\nname = %s\n" CHECKS "[memory]\nmodel = %s\n%s%s",
			       algorithm->name, model, surroundings_of, rest);
}

/* The entries that one rmap may have, up to n. */
static unsigned int room_of(const struct rmap_algorithm *algorithm, unsigned int n)
{
	struct kvm kvm = { .pte_list_ext = 2, .address_bits = 48, .nr_rmaps = 2, .nr_sptes = n };
	const struct rmap_param *p;
	char why[256];

	for (p = algorithm->params; p->name; p++)
		kvm.param[p - algorithm->params] = p->def;
	while (n && algorithm->check_extent && algorithm->check_extent(&kvm, n, why, sizeof(why)))
		n--;
	return n;
}

/* The first seed that fails, or 0. */
static uint64_t first_failure(const struct plan *plan, uint64_t seeds, struct run_result *run)
{
	struct engine *e = support_engine(plan, 0);
	uint64_t seed, failed = 0;

	for (seed = 1; seed <= seeds && !failed; seed++) {
		engine_run(e, seed, run);
		failed = run->verdict == RUN_CLEAN ? 0 : seed;
	}
	engine_free(e);
	return failed;
}

static uint64_t try_text(const char *text, uint64_t seeds, struct run_result *run)
{
	struct plan *plan = support_plan_text(text, NULL);
	uint64_t failed;

	g_assert_cmpstr(plan->strategy, ==, "random");
	failed = first_failure(plan, seeds, run);
	plan_free(plan);
	return failed;
}

static void must_be_clean(const char *text, uint64_t seeds)
{
	struct run_result run;
	uint64_t failed = try_text(text, seeds, &run);

	if (failed)
		g_error("seed %" G_GUINT64_FORMAT ": %s: %s\n%s", failed, run.check, run.message,
			text);
}

static void test_runs(gconstpointer data)
{
	const struct rmap_algorithm *algorithm = data;
	bool roomy = room_of(algorithm, 7) == 7;
	const char *const rest[] = { roomy ? churn : single, roomy ? zaps : NULL };
	size_t m, s, r;

	for (m = 0; models[m]; m++) {
		for (s = 0; s < G_N_ELEMENTS(surroundings); s++) {
			for (r = 0; r < G_N_ELEMENTS(rest) && rest[r]; r++) {
				char *text = text_of(algorithm, models[m]->name, surroundings[s],
						     rest[r]);

				must_be_clean(text, search_long() ? 5000 : 250);
				g_free(text);
			}
		}
	}
}

static void test_every_schedule(gconstpointer data)
{
	const struct rmap_algorithm *algorithm = data;
	const char *rest = room_of(algorithm, 7) == 7 ? moves : single;
	struct search_result res;
	size_t m;

	for (m = 0; models[m]; m++) {
		char *text = text_of(algorithm, models[m]->name, "pte-list-ext = 2\n", rest);
		struct plan *plan = support_plan_text(text, NULL);

		search_result_of(plan, NULL, &res);
		if (res.verdict != SEARCH_VERIFIED)
			g_error("%s %s\n%s", search_verdict_name(res.verdict), res.message, text);
		plan_free(plan);
		g_free(text);
	}
}

/* The same runs find most of what is broken on purpose; this one under every model. */
static void test_notices(void)
{
	const struct rmap_algorithm *broken = NULL;
	struct run_result run;
	size_t i, m;

	for (i = 0; rmap_algorithms[i]; i++) {
		if (!strcmp(rmap_algorithms[i]->name, "busted-tail-insert"))
			broken = rmap_algorithms[i];
	}
	g_assert_nonnull(broken);
	for (m = 0; models[m]; m++) {
		char *text = text_of(broken, models[m]->name, surroundings[0], churn);

		g_assert_cmpuint(try_text(text, 20000, &run), >, 0);
		g_assert_cmpstr(run.check, ==, "coverage");
		g_free(text);
	}
}

static void add_test(const struct rmap_algorithm *algorithm, const char *what,
		     void (*test)(gconstpointer data))
{
	char *path = g_strdup_printf("/conformance/%s/%s", algorithm->name, what);

	g_test_add_data_func(path, algorithm, test);
	g_free(path);
}

int main(int argc, char **argv)
{
	size_t i;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/conformance/notices", test_notices);
	for (i = 0; rmap_algorithms[i]; i++) {
		if (rmap_algorithms[i]->broken)
			continue;
		add_test(rmap_algorithms[i], "runs", test_runs);
		add_test(rmap_algorithms[i], "every-schedule", test_every_schedule);
	}
	return g_test_run();
}
