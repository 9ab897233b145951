/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each check fires where something is wrong and stays silent where nothing is.
 * What no shipped algorithm does wrong is done to the memory from outside, at a
 * given point of a run.
 */
#include <string.h>
#include "sim/engine/campaign.h"
#include "sim/engine/state.h"
#include "tests/support.h"

#define SMALL								\
	"[algorithm]\nname=%s\n[memory]\nrmaps=2\nsptes=6\npte-list-ext=2\n"	\
	"setup=add spte0..2 rmap0; add spte5 rmap1\n"			\
	"[task writer]\nprogram=remove spte0 rmap0; add spte0 rmap1\n"	\
	"[task walker]\nprogram=walk rmap0\n[check]\n%s\n"

struct tamper {
	struct engine *e;
	uint64_t at;
	void (*how)(struct engine *e);
	bool done;
};

static void tamper_observer(const struct trace_record *rec, void *data)
{
	struct tamper *t = data;

	if (t->done || rec->point < t->at)
		return;
	t->done = true;
	t->how(t->e);
}

/* The check that fires within some seeds when memory is tampered with, or NULL. */
static const char *tampered(const char *algorithm, const char *check_keys, uint64_t at,
			    void (*how)(struct engine *e), struct run_result *run)
{
	char *text = g_strdup_printf(SMALL, algorithm, check_keys);
	struct plan *plan = support_plan_text(text, NULL);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	const char *check = NULL;
	uint64_t seed;

	for (seed = 1; seed <= 50 && !check; seed++) {
		struct tamper t = { .e = e, .at = at, .how = how };

		engine_observe(e, how ? tamper_observer : NULL, &t);
		engine_run(e, seed, run);
		check = run->verdict == RUN_VIOLATION ? run->check : NULL;
	}
	engine_free(e);
	plan_free(plan);
	g_free(text);
	return check;
}

static struct pte_list_desc *some_desc(struct engine *e)
{
	return (struct pte_list_desc *)(sim.heap + e->caches[0]->first);
}

static void nothing(struct engine *e)
{
	(void)e;
}

static void lose_the_list(struct engine *e)
{
	e->kvm->rmaps[1].val = 0;
}

static void break_the_chain(struct engine *e)
{
	some_desc(e)->more = (unsigned long)&e->kvm->rmaps[1] | 1;
}

static void leak_a_descriptor(struct engine *e)
{
	slab_alloc(e, e->caches[0], NULL);
}

static void lock_for_ever(struct engine *e)
{
	e->kvm->mmu_lock.locked = 1;
}

static void forge_a_head(struct engine *e)
{
	e->kvm->rmaps[0].val = 0x123456789abcul << 4 | 1;
}

static void forge_a_slot(struct engine *e)
{
	some_desc(e)->sptes[0] = (u64 *)&e->kvm->rmaps[0];
	some_desc(e)->sptes[1] = (u64 *)&e->kvm->rmaps[0];
}

static void make_a_cycle(struct engine *e)
{
	some_desc(e)->more = (unsigned long)some_desc(e);
}

static void test_silent(void)
{
	struct run_result run;

	g_assert_null(tampered("nulls", "pass-steps=40\nrestarts=10", 3, nothing, &run));
	g_assert_null(tampered("position", "pass-steps=40\nrestarts=10", 3, nothing, &run));
	g_assert_null(tampered("locked", "pass-steps=40\nrestarts=1", 3, nothing, &run));
}

static void test_integrity(void)
{
	struct run_result run;

	g_assert_cmpstr(tampered("nulls", "", 1, lose_the_list, &run), ==, "integrity");
	g_assert_nonnull(strstr(run.message, "spte"));
	g_assert_cmpstr(tampered("nulls", "coverage=no", 1, break_the_chain, &run), ==,
			"integrity");
	g_assert_nonnull(strstr(run.message, "nulls of another rmap"));
	g_assert_cmpstr(tampered("nulls", "", 1, leak_a_descriptor, &run), ==, "integrity");
	g_assert_nonnull(strstr(run.message, "descriptors are allocated"));
	/* Taken out, it is silent. */
	g_assert_null(tampered("nulls", "integrity=no", 1, leak_a_descriptor, &run));
}

static void test_locking(void)
{
	struct run_result run;

	g_assert_cmpstr(tampered("locked", "", 0, lock_for_ever, &run), ==, "locking");
	g_assert_nonnull(strstr(run.message, "deadlock"));
	g_assert_nonnull(strstr(run.message, "mmu_lock"));
}

static void test_access(void)
{
	struct run_result run;

	g_assert_cmpstr(tampered("nulls", "", 1, forge_a_head, &run), ==, "access");
	g_assert_nonnull(strstr(run.message, "no live object"));
	g_assert_cmpstr(tampered("nulls", "", 1, forge_a_slot, &run), ==, "access");
	g_assert_nonnull(strstr(run.message, "no spte"));
}

/* A pointer to a task's own stack, in memory that others read. */
static void test_kept_pointer(void)
{
	struct plan *plan = support_plan("bench-c1", NULL);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	struct task *t = &e->tasks[0];

	engine_begin(e, 1);
	while (t->sim.ev.kind != EV_STORE)
		g_assert_true(engine_advance(e));
	act_event(e, t);
	g_assert_null(e->failed_check);
	t->sim.ev.operand = (uint64_t)(t->stack + 64) | 1;
	act_event(e, t);
	g_assert_cmpstr(e->failed_check, ==, SIM_DEBUG ? "access" : NULL);
	engine_free(e);
	plan_free(plan);
}

static void test_warn(void)
{
	struct run_result run;

	/* Nobody walks: the writer does not find what it is to remove. */
	g_assert_cmpstr(tampered("nulls", "coverage=no\nintegrity=no", 1, forge_a_slot, &run), !=,
			NULL);
	g_assert_true(!strcmp(run.check, "warn") || !strcmp(run.check, "access"));
}

static void test_termination(void)
{
	struct run_result run;

	g_assert_cmpstr(tampered("nulls", "pass-steps=3", 1, nothing, &run), ==, "termination");
	g_assert_cmpstr(tampered("nulls", "pass-steps=100\nintegrity=no", 1, make_a_cycle, &run),
			==, "termination");
	g_assert_nonnull(strstr(run.message, "more than 100 steps"));
	g_assert_null(tampered("nulls", "pass-steps=100", 1, nothing, &run));
	g_assert_null(tampered("nulls", "termination=no\npass-steps=3", 1, nothing, &run));
}

/* The scenario of each variant fails in the check that it must; with that check off it is clean. */
static void broken(const char *name, const char *check, bool only)
{
	char *off = g_strdup_printf("check.%s=no", check);
	const char *set[] = { only ? off : NULL, NULL };
	struct campaign_options opt = { .seed_first = 1, .seeds = 20000, .jobs = 2 };
	struct campaign_result *res = g_new0(struct campaign_result, 1);
	struct plan *plan = support_plan(name, NULL);
	GError *error = NULL;

	g_assert_true(campaign_run(plan, &opt, res, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(res->failures, >, 0);
	g_assert_cmpstr(res->failed[0].check, ==, check);
	plan_free(plan);
	plan = support_plan(name, set);
	opt.seeds = only ? 20000 : 0;
	g_assert_true(campaign_run(plan, &opt, res, &error));
	g_assert_cmpuint(res->failures, ==, 0);
	plan_free(plan);
	g_free(res);
	g_free(off);
}

static void test_coverage(void)
{
	broken("busted-scan-up", "coverage", true);
	broken("busted-foreign-nulls", "coverage", true);
	broken("busted-clear-first", "coverage", true);
	broken("busted-early-publish", "coverage", true);
	broken("busted-zero-end", "coverage", true);
}

/* A bad walker is a violation with task and place, and the campaign goes on. */
static void bad_walker(const char *name, const char *words)
{
	struct campaign_options opt = { .seed_first = 1, .seeds = 2000, .jobs = 2 };
	struct campaign_result *res = g_new0(struct campaign_result, 1);
	const char *set[] = { "limits.hang=1", NULL };
	struct plan *plan = support_plan(name, set);
	struct run_result run;
	GError *error = NULL;
	struct engine *e;

	opt.keep_going = strcmp(name, "busted-silent-spin") != 0;
	g_assert_true(campaign_run(plan, &opt, res, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(res->failures, >, 0);
	g_assert_cmpstr(res->failed[0].check, ==, "access");
	if (opt.keep_going)
		g_assert_cmpuint(res->runs, ==, 2000);
	e = support_engine(plan, 0);
	engine_run(e, res->failed[0].seed, &run);
	g_assert_cmpint(run.verdict, ==, RUN_VIOLATION);
	g_assert_nonnull(strstr(run.message, words));
	g_assert_nonnull(strstr(run.message, "walker"));
	g_assert_nonnull(strstr(run.message, "core/pte_list_walk.h:"));
	engine_free(e);
	plan_free(plan);
	g_free(res);
}

static void test_bad_walkers(void)
{
	bad_walker("busted-stray-pointer", "no live object");
	bad_walker("busted-wild-read", "died of signal");
	bad_walker("busted-deep-stack", "overflowed its stack");
	bad_walker("busted-silent-spin", "announced nothing");
}

/* All that is counted comes before the lowest failing seed, whoever found one first. */
static void test_jobs(void)
{
	struct campaign_result *a = g_new0(struct campaign_result, 1);
	struct campaign_result *b = g_new0(struct campaign_result, 1);
	const char *const names[] = { "busted-clear-first", "churn-position-w2" };
	struct campaign_options opt = { .seed_first = 5, .seeds = 3000, .digest = true };
	GError *error = NULL;
	size_t i;

	for (i = 0; i < 4; i++) {
		struct plan *plan = support_plan(names[i % 2], NULL);

		opt.keep_going = i >= 2;
		opt.jobs = 1;
		g_assert_true(campaign_run(plan, &opt, a, &error));
		opt.jobs = 3;
		g_assert_true(campaign_run(plan, &opt, b, &error));
		g_assert_cmphex(a->digest, ==, b->digest);
		g_assert_cmpuint(a->runs, ==, b->runs);
		g_assert_cmpuint(a->n_failed, ==, b->n_failed);
		g_assert_cmpmem(a->failed, sizeof(*a->failed) * a->n_failed, b->failed,
				sizeof(*b->failed) * b->n_failed);
		g_assert_cmpmem(&a->stats, sizeof(a->stats), &b->stats, sizeof(b->stats));
		plan_free(plan);
	}
	g_free(a);
	g_free(b);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/checks/silent", test_silent);
	g_test_add_func("/checks/integrity", test_integrity);
	g_test_add_func("/checks/locking", test_locking);
	g_test_add_func("/checks/access", test_access);
	g_test_add_func("/checks/kept-pointer", test_kept_pointer);
	g_test_add_func("/checks/warn", test_warn);
	g_test_add_func("/checks/termination", test_termination);
	g_test_add_func("/checks/coverage", test_coverage);
	g_test_add_func("/checks/bad-walkers", test_bad_walkers);
	g_test_add_func("/campaign/jobs", test_jobs);
	return g_test_run();
}
