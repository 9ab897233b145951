/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Callbacks in softirqs, synchronize_rcu(), readers that never leave: what is wrong
 * with them is found in campaigns and by searches, what is right is not.
 */
#include <string.h>
#include "tests/rcu_trials.h"
#include "tests/search_support.h"

static const char changes[] =
	"[scenario]\nwalkers = none\n[algorithm]\nname = snapshot\nfree = call-rcu\n"
	"[memory]\nrmaps = 1\nsptes = 3\nsetup = add spte0..2 rmap0\n"
	"[task writer]\nprogram = remove spte1 rmap0\n"
	"[task other]\nprogram = remove spte2 rmap0\n";

static const char waits[] =
	"[scenario]\n[algorithm]\nname = snapshot\nfree = call-rcu\n"
	"[memory]\nrmaps = 1\nsptes = 2\n"
	"[task updater]\nprogram = walk rmap0\n"
	"[task reader]\nprogram = walk rmap0\n";

static const char *const under[][2] = {
	{ "memory.model=sc" }, { "memory.model=tso" }, { "memory.model=pso" },
	{ "memory.model=weak" },
};

/* The first violation of a campaign is put into res, or its last run; true: there is one. */
static bool campaign(const struct plan *plan, enum rcu_trial trial, struct run_result *res)
{
	struct engine *e;
	uint64_t seed;

	rcu_trial_begin(trial);
	e = support_engine(plan, ENGINE_RECORD);
	for (seed = 1; seed <= 2000; seed++) {
		engine_run(e, seed, res);
		if (res->verdict == RUN_VIOLATION)
			break;
		g_assert_cmpint(res->verdict, ==, RUN_CLEAN);
	}
	if (seed <= 2000) {	/* what was recorded is the same run again */
		struct run_result again;
		size_t n;
		const struct schedule_entry *entries = engine_schedule(e, &n);
		struct schedule_entry *copy = g_memdup2(entries, n * sizeof(*entries));

		engine_replay(e, seed, copy, n, false, &again);
		g_assert_cmpint(again.verdict, ==, RUN_VIOLATION);
		g_assert_cmpstr(again.message, ==, res->message);
		g_free(copy);
	}
	rcu_trial_end();
	engine_free(e);
	return seed <= 2000;
}

static void search(const struct plan *plan, enum rcu_trial trial,
		   const struct search_options *with, struct search_result *res)
{
	struct search_options opt = with ? *with : (struct search_options){ .hash_seed = 0 };
	GError *error = NULL;
	struct search *s;

	rcu_trial_begin(trial);
	s = search_new(plan, &opt, &error);
	g_assert_no_error(error);
	g_assert_true(search_run(s, res, &error));
	rcu_trial_end();
	search_free(s);
}

/* what: a part of the message that each finds, or NULL: neither finds anything. */
static void check(const char *text, enum rcu_trial trial, const char *check, const char *what)
{
	struct search_result res;
	struct run_result run;
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(under); i++) {
		struct plan *plan = support_plan_text(text, under[i]);

		g_assert_cmpint(campaign(plan, trial, &run), ==, check != NULL);
		search(plan, trial, NULL, &res);
		g_assert_cmpint(res.verdict, ==, check ? SEARCH_VIOLATED : SEARCH_VERIFIED);
		if (check) {
			g_assert_cmpstr(run.check, ==, check);
			g_assert_cmpstr(res.check, ==, check);
			g_assert_nonnull(strstr(run.message, what));
			g_assert_nonnull(strstr(res.message, what));
		}
		plan_free(plan);
	}
}

/* A spinlock does not keep softirqs out: the callback waits for whom it has interrupted. */
static void test_lock(void)
{
	check(changes, TRIAL_LOCKS_BH_OFF, NULL, NULL);
	check(changes, TRIAL_LOCKS, "locking",
	      " softirq waits in trial_free_locked for slots_lock");
}

/* In a FIFO lock's queue a cpu's task and the softirq above it may both stand. */
static void test_queue(void)
{
	const char *const fifo[] = { "machine.lock=fifo", NULL };
	struct plan *plan = support_plan_text(changes, fifo);
	struct search_result res;

	search(plan, TRIAL_LOCKS_BH_OFF, NULL, &res);
	g_assert_cmpint(res.verdict, ==, SEARCH_VERIFIED);
	search(plan, TRIAL_LOCKS, NULL, &res);
	g_assert_cmpstr(res.check, ==, "locking");
	plan_free(plan);
}

static void test_synchronize(void)
{
	check(waits, TRIAL_SYNC, NULL, NULL);
	check(waits, TRIAL_NO_SYNC, "warn", "!first && second");
}

static void test_cannot_sleep(void)
{
	check(waits, TRIAL_SYNC_IN_SECTION, "locking", "inside a read-side section");
	check(waits, TRIAL_SYNC_UNDER_LOCK, "locking", "under a spinlock");
	check(waits, TRIAL_SYNC_BH_OFF, "locking", "with softirqs off");
	check(changes, TRIAL_SYNC_IN_SOFTIRQ, "locking", "in a softirq");
}

/* The grace period that is waited for ends with a section that waits for what comes after it. */
static void test_reader_never_leaves(void)
{
	check(waits, TRIAL_READER_WAITS, "locking",
	      "updater waits in synchronize_rcu, for the read-side section of reader");
	check(waits, TRIAL_READER_FORGETS, "locking", "never left the read-side section");
}

static const char in_vain[] =
	"[scenario]\n[algorithm]\nname = snapshot\nfree = %s\n"
	"[memory]\nrmaps = 1\nsptes = 3\ndescs = 3\nsetup = add spte0 rmap0\n"
	"[machine]\nlock = fifo\n"
	"[task idle]\nprogram = mark-dirty rmap0\n%s\n"
	"[task writer]\nprogram = add spte1..2 rmap0; remove spte0 rmap0\n"
	"[task reader]\nprogram = walk rmap0\n";

static struct plan *plan_in_vain(const char *how, const char *loop)
{
	char *text = g_strdup_printf(in_vain, how, loop);
	struct plan *plan = support_plan_text(text, NULL);

	g_free(text);
	return plan;
}

/* So does an object that is waited for, with nobody in synchronize_rcu(). */
static void test_object_never_free(void)
{
	struct plan *plan = plan_in_vain("kfree-rcu", "");
	struct engine *e;
	struct run_result run;
	unsigned int named = 0;
	uint64_t seed;

	rcu_trial_begin(TRIAL_READER_WAITS);
	e = support_engine(plan, 0);
	for (seed = 1; seed <= 200; seed++) {
		engine_run(e, seed, &run);
		g_assert_cmpint(run.verdict, ==, RUN_VIOLATION);
		g_assert_cmpstr(run.check, ==, "locking");
		named += strstr(run.message, "writer waits in kmem_cache_alloc") &&
			 strstr(run.message, ", for the read-side section of reader");
	}
	g_assert_cmpuint(named, >, 0);
	rcu_trial_end();
	engine_free(e);
	plan_free(plan);
}

/* While somebody else goes on for ever it is no deadlock, and still found. */
static void test_reader_is_stuck(void)
{
	struct plan *plan = plan_in_vain("kfree-rcu", "loop = forever");
	struct search_result res;

	search(plan, TRIAL_READER_WAITS, NULL, &res);
	g_assert_cmpint(res.verdict, ==, SEARCH_VIOLATED);
	g_assert_cmpint(res.finding, ==, SEARCH_STUCK);
	g_assert_cmpstr(plan->tasks[res.task].name, ==, "reader");
	plan_free(plan);
}

/*
 * Who walks here waits for mmu_lock, and who holds that for an object that waits for a
 * grace period. Nothing but the end of that is never chosen while a third goes on for
 * ever: it is the grace period that fairness must be owed to.
 */
static void test_grace_is_fair(void)
{
	static const char *const ways[] = { "kfree-rcu", "call-rcu" };
	const struct search_options bug = { .unfair_grace = true };
	struct search_result res;
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(ways); i++) {
		struct plan *plan = plan_in_vain(ways[i], "loop = forever");

		search(plan, TRIAL_WALK_LOCKED, NULL, &res);
		g_assert_cmpint(res.verdict, ==, SEARCH_VERIFIED);
		search(plan, TRIAL_WALK_LOCKED, &bug, &res);
		g_assert_cmpint(res.verdict, ==, SEARCH_VIOLATED);
		g_assert_cmpint(res.finding, ==, SEARCH_STUCK);
		g_assert_cmpstr(plan->tasks[res.task].name, ==, "reader");
		plan_free(plan);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/callbacks/a lock of whom they interrupt", test_lock);
	g_test_add_func("/callbacks/in a lock's queue", test_queue);
	g_test_add_func("/synchronize/waits for readers", test_synchronize);
	g_test_add_func("/synchronize/where nobody may sleep", test_cannot_sleep);
	g_test_add_func("/readers/never leave", test_reader_never_leaves);
	g_test_add_func("/readers/never leave an object", test_object_never_free);
	g_test_add_func("/readers/stuck inside", test_reader_is_stuck);
	g_test_add_func("/grace/fair", test_grace_is_fair);
	return g_test_run();
}
