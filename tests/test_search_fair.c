/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who can be kept from finishing: fair cycles and unfair ones, starving, being
 * stuck, deadlock; that every cycle that is told leads back to where it began
 * and leaves nobody out; claims about unasked loads that do not hold; a list
 * that is a cycle.
 */
#include <string.h>
#include "tests/search_rounds.h"
#include "tests/search_support.h"

enum { ROUNDS = 1000 };

static void check_finding(struct plan *plan, const struct search_options *opt,
			  enum search_finding finding, struct search_result *res)
{
	search_result_of(plan, opt, res);
	g_assert_cmpint(res->finding, ==, finding);
	g_assert_cmpint(res->verdict, ==,
			finding == SEARCH_NOTHING ? SEARCH_VERIFIED : SEARCH_VIOLATED);
	if (finding != SEARCH_NOTHING)
		g_assert_cmpstr(res->check, ==, "termination");
}

/*
 * With one position a list of two descriptors is never walked to its end, and
 * nothing but the writer can make it short: a walk restarts for as long as the
 * writer does not act, which is not fair.
 */
static const char writer_must_act[] =
	"[scenario]\n"
	"[algorithm]\nname = position\nretries = unlimited\nposition-bits = 1\noverflow = wrap\n"
	"[memory]\npte-list-ext = 2\nrmaps = 1\nsptes = 4\nsetup = add spte1..3 rmap0\n"
	"[task writer]\nprogram = remove spte3 rmap0\n"
	"[task walker]\nprogram = walk rmap0\n";

static void test_unfair_cycle(void)
{
	const struct search_options forget = { .forget_fairness = true };
	struct plan *plan = support_plan_text(writer_must_act, NULL);
	struct search_result res;
	const struct search_bound *b = res.walker[0].bound;

	check_finding(plan, NULL, SEARCH_NOTHING, &res);
	g_assert_false(b[SEARCH_RESTARTS].finite || b[SEARCH_RESTARTS].fair);
	g_assert_false(b[SEARCH_WALK_STEPS].finite || b[SEARCH_WALK_STEPS].fair);
	g_assert_true(b[SEARCH_PASS_STEPS].finite);
	check_finding(plan, &forget, SEARCH_ENDLESS_RESTARTS, &res);
	plan_free(plan);
}

/*
 * A bound that is given is exceeded by a beginning of such a schedule, and what
 * begins may go on fairly: runs find it, so a search must. The schedule that is
 * told does exceed it, or is a cycle if that would take too long to tell.
 */
static void check_given_bound(const char *bound, uint64_t limit)
{
	const char *const set[] = { bound, NULL };
	struct plan *plan = support_plan_text(writer_must_act, set);
	struct search_result res;
	struct search *s = search_done(plan, NULL, &res);
	struct search_tale tale;

	g_assert_cmpint(res.verdict, ==, SEARCH_VIOLATED);
	g_assert_cmpint(res.finding, ==, SEARCH_BOUND);
	g_assert_cmpstr(res.check, ==, "termination");
	g_assert_cmpstr(plan->tasks[res.task].name, ==, "walker");
	g_assert_false(res.walker[0].bound[SEARCH_RESTARTS].finite);
	g_assert_true(search_tell(s, SEARCH_COUNTEREXAMPLE, 0, 0, &tale));
	g_assert_true(tale.cycle_points ||
		      search_engine(s)->tasks[res.task].walk_restarts > limit);
	g_assert_true(!tale.cycle_points || limit > 1000);
	g_assert_false(search_tell(s, SEARCH_WORST, 0, SEARCH_RESTARTS, &tale));
	search_free(s);
	plan_free(plan);
}

static void test_given_bound(void)
{
	check_given_bound("check.restarts=1", 1);
	check_given_bound("check.restarts=100", 100);
	check_given_bound("check.restarts=1000000000000", 1000000000000);
}

/* One that is not exceeded, or not looked at. */
static void test_given_bound_kept(void)
{
	const char *const pass[] = { "check.pass-steps=20", NULL };
	const char *const others[] = { "check.restarts=1", "check.termination=no", NULL };
	struct plan *plan = support_plan_text(writer_must_act, pass);
	struct search_result res;

	check_finding(plan, NULL, SEARCH_NOTHING, &res);
	plan_free(plan);
	plan = support_plan_text(writer_must_act, others);
	check_finding(plan, NULL, SEARCH_NOTHING, &res);
	plan_free(plan);
}

/*
 * The same where the writer has acted and nobody sees it: for as long as its store
 * does not drain, or the walker reads the older head, which is not fair either.
 */
static void test_unfair_cycle_of_models(void)
{
	static const char *const under[] = {
		"memory.model=tso", "memory.model=pso", "memory.model=weak",
	};
	const struct search_options forget = { .forget_fairness = true };
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(under); i++) {
		const char *const set[] = { under[i], NULL };
		struct plan *plan = support_plan_text(writer_must_act, set);
		struct search_result res;

		check_finding(plan, NULL, SEARCH_NOTHING, &res);
		g_assert_false(res.walker[0].bound[SEARCH_RESTARTS].finite);
		g_assert_false(res.walker[0].bound[SEARCH_RESTARTS].fair);
		check_finding(plan, &forget, SEARCH_ENDLESS_RESTARTS, &res);
		plan_free(plan);
	}
}

/* Whoever waits in the queue gets a fair lock; waiting takes no steps. */
static void test_starving(void)
{
	const char *const fifo[] = { "machine.lock=fifo", NULL };
	struct plan *unfair = support_plan("position-starves", NULL);
	struct plan *fair = support_plan("position-starves", fifo);
	struct search_result starves, gets_it;
	unsigned int m;

	check_finding(unfair, NULL, SEARCH_STARVING, &starves);
	check_finding(fair, NULL, SEARCH_NOTHING, &gets_it);
	for (m = 0; m < SEARCH_NR_METRICS; m++) {
		g_assert_true(starves.walker[0].bound[m].finite);
		g_assert_cmpuint(starves.walker[0].bound[m].max, ==,
				 gets_it.walker[0].bound[m].max);
	}
	plan_free(unfair);
	plan_free(fair);
}

/* A walk whose very first act is to take the lock has been asked for before. */
static void test_starving_at_once(void)
{
	const char *const unfair[] = { "algorithm.name=locked", "machine.lock=unfair", NULL };
	const char *const fifo[] = { "algorithm.name=locked", "machine.lock=fifo", NULL };
	struct plan *starves = support_plan("endless", unfair);
	struct plan *gets_it = support_plan("endless", fifo);
	struct search_result res;

	check_finding(starves, NULL, SEARCH_STARVING, &res);
	check_finding(gets_it, NULL, SEARCH_NOTHING, &res);
	plan_free(starves);
	plan_free(gets_it);
}

static const char waits_for_head[] =
	"[scenario]\n"
	"[algorithm]\nname = busted-await-head\n"
	"[memory]\npte-list-ext = 2\nrmaps = 3\nsptes = 5\n"
	"setup = add spte0 rmap1; add spte1..3 rmap0\n"
	"[task writer]\nprogram = remove spte1 rmap0; add spte1 rmap1\n"
	"[task other]\nloop = forever\nprogram = add spte4 rmap2; remove spte4 rmap2\n"
	"[task walker]\nprogram = walk rmap0\n";

/* Others go on, and never change what it waits for. */
static void test_stuck(void)
{
	struct plan *plan = support_plan_text(waits_for_head, NULL);
	struct search_result res;

	check_finding(plan, NULL, SEARCH_STUCK, &res);
	g_assert_cmpstr(plan->tasks[res.task].name, ==, "walker");
	plan_free(plan);
}

/* As before, but the head changes again and again, and always back. */
static const char looks_too_late[] =
	"[scenario]\n"
	"[algorithm]\nname = busted-await-head\n"
	"[memory]\npte-list-ext = 2\nrmaps = 2\nsptes = 5\n"
	"setup = add spte0 rmap1; add spte1..3 rmap0\n"
	"[task writer]\nprogram = remove spte1 rmap0; add spte1 rmap1\n"
	"[task other]\nloop = forever\nprogram = add spte4 rmap0; remove spte4 rmap0\n"
	"[task walker]\nprogram = walk rmap0\n";

/* It looks for ever, which is neither a step nor a restart, whatever the lock. */
static void test_too_late(void)
{
	const char *const sets[][2] = { { "machine.lock=fifo" }, { "machine.lock=unfair" } };
	struct search_result res;
	unsigned int i, m;

	for (i = 0; i < G_N_ELEMENTS(sets); i++) {
		struct plan *plan = support_plan_text(looks_too_late, sets[i]);

		check_finding(plan, NULL, SEARCH_TOO_LATE, &res);
		g_assert_cmpstr(plan->tasks[res.task].name, ==, "walker");
		for (m = 0; m < SEARCH_NR_METRICS; m++)
			g_assert_true(res.walker[0].bound[m].finite);
		plan_free(plan);
	}
}

/* A search that takes waiting for getting on calls all of these verified. */
static void test_waiting_is_no_progress(void)
{
	const struct search_options bug = { .waiting_is_progress = true };
	struct plan *starves = support_plan("position-starves", NULL);
	struct plan *stuck = support_plan_text(waits_for_head, NULL);
	struct plan *late = support_plan_text(looks_too_late, NULL);
	struct search_result res;

	check_finding(starves, NULL, SEARCH_STARVING, &res);
	check_finding(starves, &bug, SEARCH_NOTHING, &res);
	check_finding(stuck, NULL, SEARCH_STUCK, &res);
	check_finding(stuck, &bug, SEARCH_NOTHING, &res);
	check_finding(late, &bug, SEARCH_NOTHING, &res);
	plan_free(starves);
	plan_free(stuck);
	plan_free(late);
}

/* The walker looks, and finds the lock bit set, again and again; alone, it never looks. */
static void test_lock_bit(void)
{
	struct plan *bit = support_plan("lock-bit-starves", NULL);
	struct plan *calm = support_plan("lock-bit-beside-writer", NULL);
	struct plan *alone = support_plan("busted-stale-spin", NULL);
	struct search_result res;

	check_finding(bit, NULL, SEARCH_TOO_LATE, &res);
	g_assert_cmpstr(bit->tasks[res.task].name, ==, "walker");
	g_assert_true(res.walker[0].bound[SEARCH_WALK_STEPS].finite);
	check_finding(calm, NULL, SEARCH_NOTHING, &res);
	check_finding(alone, NULL, SEARCH_TOO_LATE, &res);
	plan_free(bit);
	plan_free(calm);
	plan_free(alone);
}

/* Nobody goes on. */
static void test_deadlock(void)
{
	struct plan *plan = support_plan("busted-await-head", NULL);
	struct search_result res;

	search_result_of(plan, NULL, &res);
	g_assert_cmpint(res.verdict, ==, SEARCH_VIOLATED);
	g_assert_cmpint(res.finding, ==, SEARCH_CHECK);
	g_assert_cmpstr(res.check, ==, "locking");
	plan_free(plan);
}

/* --- cycles gone round */

static void check_cycle(struct plan *plan)
{
	search_rounds_check(plan, ROUNDS);
	plan_free(plan);
}

static void test_cycles(void)
{
	static const char *const names[] = {
		"nulls-restarts-forever", "recycle-restarts-forever", "position-ge-pass",
		"position-ge-pass-lifo", "position-wraps-unlimited", "position-starves",
		"lock-bit-starves", "seqcount-restarts-forever", "hlist-nulls-pass-forever",
	};
	/* A bound on the steps would end the run before it has gone round often. */
	const char *const usual[] = { "check.pass-steps=0", NULL };
	const char *const seeded[] = { "memory.reuse=seeded", "check.pass-steps=0", NULL };
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(names); i++)
		check_cycle(support_plan(names[i], usual));
	check_cycle(support_plan("position-ge-pass", seeded));
	check_cycle(support_plan_text(waits_for_head, NULL));
	check_cycle(support_plan_text(looks_too_late, NULL));
}

/* --- claims */

/* Zeroed outside mmu_lock: a claim that holds for no descriptor's words. */
static void check_claim(const char *name)
{
	const char *const set[] = { "memory.cache=1", "memory.alloc-zero=yes", NULL };
	const struct search_options ask = { .asked = true };
	struct plan *plan = support_plan(name, set);
	struct search_result res, asked;

	search_result_of(plan, NULL, &res);
	search_result_of(plan, &ask, &asked);
	g_assert_cmpuint(res.begun_again, >, 0);
	g_assert_true(strstr(res.claims_broken, "desc") != NULL);
	g_assert_cmpuint(asked.begun_again, ==, 0);
	search_assert_same_answer(&res, &asked);
	plan_free(plan);
}

static void test_claims(void)
{
	check_claim("bench-c1");
	check_claim("position-retries");
	check_claim("nulls-restarts-forever");
}

static void test_claim_that_holds(void)
{
	struct plan *plan = support_plan("bench-c1", NULL);
	struct search_result res;

	search_result_of(plan, NULL, &res);
	g_assert_cmpuint(res.begun_again, ==, 0);
	g_assert_cmpstr(res.claims_broken, ==, "");
	plan_free(plan);
}

/* The descriptor of rmap0's list is made to lead to itself before the search begins. */
static void check_cyclic_list(bool asked)
{
	const char *const set[] = { "algorithm.name=locked", "algorithm.form=stack", NULL };
	struct plan *plan = support_plan("position-starves", set);
	struct search_options opt = { .asked = asked };
	struct search_result res;
	GError *error = NULL;
	struct search *s = search_new(plan, &opt, &error);
	struct engine *e;
	uint64_t *desc;

	g_assert_no_error(error);
	e = search_engine(s);
	engine_begin(e, 0);
	desc = (uint64_t *)(e->kvm->rmaps[0].val & ~1ul);
	*desc = (uint64_t)desc;
	checkpoint_save(e, e->start);
	g_assert_true(search_run(s, &res, &error));
	g_assert_cmpint(res.verdict, ==, SEARCH_VIOLATED);
	g_assert_cmpint(res.finding, ==, SEARCH_ENDLESS_PASS);
	g_assert_cmpstr(res.check, ==, "termination");
	search_free(s);
	plan_free(plan);
}

/* Unasked, the walk goes round inside one transition; asked, it is a cycle of the graph. */
static void test_cyclic_list(void)
{
	check_cyclic_list(false);
	check_cyclic_list(true);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/fair/a cycle that is not fair", test_unfair_cycle);
	g_test_add_func("/search/fair/a cycle that is not fair, of models",
			test_unfair_cycle_of_models);
	g_test_add_func("/search/fair/a given bound", test_given_bound);
	g_test_add_func("/search/fair/a given bound that is kept", test_given_bound_kept);
	g_test_add_func("/search/fair/starving", test_starving);
	g_test_add_func("/search/fair/starving at once", test_starving_at_once);
	g_test_add_func("/search/fair/stuck", test_stuck);
	g_test_add_func("/search/fair/waiting is no progress", test_waiting_is_no_progress);
	g_test_add_func("/search/fair/too late each time", test_too_late);
	g_test_add_func("/search/fair/lock bit", test_lock_bit);
	g_test_add_func("/search/fair/deadlock", test_deadlock);
	g_test_add_func("/search/fair/cycles gone round", test_cycles);
	g_test_add_func("/search/claims/broken", test_claims);
	g_test_add_func("/search/claims/kept", test_claim_that_holds);
	g_test_add_func("/search/claims/a list that is a cycle", test_cyclic_list);
	return g_test_run();
}
