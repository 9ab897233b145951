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
	broken("busted-second-look", "coverage", true);
	broken("busted-foreign-nulls", "coverage", true);
	broken("busted-clear-first", "coverage", true);
	broken("busted-early-publish", "coverage", true);
	broken("busted-zero-end", "coverage", true);
}

static void stop_without_visitor(struct engine *e)
{
	e->tasks[0].op.stop_after = 0;
}

/* A walk that says that it was stopped, though its visitor was none to do so. */
static void test_stopped(void)
{
	struct plan *plan = support_plan("nulls-stops", NULL);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	struct tamper t = { .e = e, .at = 1, .how = stop_without_visitor };
	struct run_result run;

	engine_run(e, 1, &run);
	g_assert_cmpint(run.verdict, ==, RUN_CLEAN);
	engine_observe(e, tamper_observer, &t);
	engine_run(e, 1, &run);
	g_assert_cmpint(run.verdict, ==, RUN_VIOLATION);
	g_assert_cmpstr(run.check, ==, "coverage");
	g_assert_nonnull(strstr(run.message, "visitor stopped it"));
	engine_free(e);
	plan_free(plan);
}

static void must_say(const char *wrong, const char *words)
{
	g_assert_nonnull(wrong);
	g_assert_nonnull(strstr(wrong, words));
}

/* What is given to kfree_rcu() is there until those have left who were inside, and then is not. */
static void test_grace_period(void)
{
	struct plan *plan = support_plan("rcu-beside-writer", NULL);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	struct checkpoint *cp = checkpoint_new(e);
	struct task *writer = &e->tasks[0], *walker = &e->tasks[1];
	struct pte_list_desc *desc = some_desc(e);
	struct choice c[4];

	engine_begin(e, 1);
	rcu_lock(e, walker);
	must_say(slab_free_rcu(e, &desc->sptes[0], writer), "not an object");
	g_assert_null(slab_free_rcu(e, desc, writer));
	must_say(slab_free_rcu(e, desc, writer), "waits for its grace period");
	must_say(slab_free(e, e->caches[0], desc, writer), "waits for its grace period");
	g_assert_cmpuint(rcu_pending(e, c, 4), ==, 0);
	rcu_unlock(e, walker);
	rcu_lock(e, walker);	/* one that begins behind the start does not count */
	g_assert_cmpuint(rcu_pending(e, c, 4), ==, 1);
	g_assert_true(sim_reachable(&desc->more, 8));
	checkpoint_save(e, cp);
	rcu_free_ends(e, c);
	g_assert_cmpuint(rcu_pending(e, c, 4), ==, 0);
	g_assert_false(sim_reachable(&desc->more, 8));
	must_say(slab_free_rcu(e, desc, writer), "free already");
	checkpoint_restore(e, cp);
	g_assert_true(sim_reachable(&desc->more, 8));
	g_assert_cmpuint(rcu_pending(e, c, 4), ==, 1);
	checkpoint_free(cp);
	engine_free(e);
	plan_free(plan);
}

/* Is there memory, whether somebody has it or not? */
static bool is_there(const void *p)
{
	return sim.shadow[(const uint8_t *)p - sim.heap];
}

/* A page goes when all that is in it is free and those have left who were inside then. */
static void test_slab_page(void)
{
	const char *const set[] = { "memory.slab-page-objects=2", "memory.setup=add spte0..3 rmap0",
				    "task.writer.program=remove spte2..3 rmap0", NULL };
	struct plan *plan = support_plan("slab-pages-return", set);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	struct checkpoint *cp = checkpoint_new(e);
	struct task *writer = &e->tasks[0], *walker = &e->tasks[1];
	struct kmem_cache *cache = e->caches[0];
	struct pte_list_desc *desc = slab_object(cache, 0), *other = slab_object(cache, 1);
	struct choice c[4];

	engine_begin(e, 1);
	g_assert_cmpuint(cache->live[0] & cache->live[1], ==, SLAB_LIVE);
	g_assert_false(is_there(slab_object(cache, 2)));
	rcu_lock(e, walker);
	g_assert_null(slab_free(e, cache, desc, writer));
	rcu_unlock(e, walker);
	g_assert_cmpuint(rcu_pending(e, c, 4), ==, 0);
	rcu_lock(e, walker);
	g_assert_null(slab_free(e, cache, other, writer));
	g_assert_cmpuint(rcu_pending(e, c, 4), ==, 0);
	rcu_unlock(e, walker);
	rcu_lock(e, walker);	/* one that begins behind the last free does not count */
	g_assert_cmpuint(rcu_pending(e, c, 4), ==, 1);
	g_assert_true(is_there(&desc->more));
	checkpoint_save(e, cp);
	rcu_free_ends(e, c);
	g_assert_cmpuint(rcu_pending(e, c, 4), ==, 0);
	g_assert_false(is_there(&desc->more) || is_there(&other->more));
	while (slab_alloc(e, cache, writer) != desc)
		;
	g_assert_true(is_there(&desc->more) && is_there(&other->more));
	checkpoint_restore(e, cp);
	g_assert_true(is_there(&desc->more));
	g_assert_cmpuint(rcu_pending(e, c, 4), ==, 1);
	while (slab_alloc(e, cache, writer) != desc)
		;
	g_assert_cmpuint(rcu_pending(e, c, 4), ==, 0);
	checkpoint_free(cp);
	engine_free(e);
	plan_free(plan);
}

/* One cpu's objects become free in the order of its calls, two cpus' in any. */
static void test_grace_order(void)
{
	struct plan *plan = support_plan("churn-rcu-w2", NULL);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	struct kmem_cache *cache = e->caches[0];
	void *object[3];
	struct choice c[4];
	unsigned int i;

	engine_begin(e, 1);
	for (i = 0; i < 3; i++) {
		object[i] = slab_alloc(e, cache, &e->tasks[i / 2]);
		g_assert_null(slab_free_rcu(e, object[i], &e->tasks[i / 2]));
	}
	g_assert_cmpuint(rcu_pending(e, c, 4), ==, 2);
	g_assert_true(sim.heap + c[0].pick == object[0] && sim.heap + c[1].pick == object[2]);
	rcu_free_ends(e, &c[0]);
	g_assert_cmpuint(rcu_pending(e, c, 4), ==, 2);
	g_assert_true(sim.heap + c[0].pick == object[1]);
	while (cache->nr_free)
		slab_alloc(e, cache, NULL);
	g_assert_true(slab_waits(e, cache, &e->tasks[0]));
	rcu_free_ends(e, &c[0]);
	g_assert_false(slab_waits(e, cache, &e->tasks[0]));
	engine_free(e);
	plan_free(plan);
}

/* A pool that is used up waits for the walker: no deadlock, no NULL, no object too early. */
static void test_grace_wait(void)
{
	const char *const keys[] = { "memory.model=sc", "memory.model=weak" };
	struct run_result run;
	unsigned int i;
	uint64_t seed;

	for (i = 0; i < G_N_ELEMENTS(keys); i++) {
		const char *const with[] = { "memory.descs=5", keys[i], NULL };
		struct plan *plan = support_plan("rcu-one-pass", with);
		struct engine *e = support_engine(plan, 0);

		for (seed = 1; seed <= 200; seed++) {
			engine_run(e, seed, &run);
			g_assert_cmpint(run.verdict, ==, RUN_CLEAN);
		}
		engine_free(e);
		plan_free(plan);
	}
}

static void must_hold(struct engine *e, unsigned int entries)
{
	uint8_t found[8] = { 0 };
	struct audit_result audit = { .found = found };

	audit_rmap(e, 0, &audit);
	g_assert_null(audit.error);
	g_assert_cmpuint(audit.nr_sptes, ==, entries);
	g_assert_cmpuint(audit.nr_objects, ==, entries > 0);
}

/* A remove that gets no memory for its copy clears the slot; the next copy leaves it out. */
static void test_snapshot_without_memory(void)
{
	struct plan *plan = support_plan("snapshot-beside-writer", NULL);
	struct plan_op op = { .kind = PLAN_OP_REMOVE, .spte = 2 };
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	void *keep = slab_alloc(e, e->caches[0], NULL);

	while (e->caches[0]->nr_free)
		slab_alloc(e, e->caches[0], NULL);
	must_hold(e, 3);
	g_assert_null(direct_op(e, &op));
	must_hold(e, 2);
	g_assert_null(slab_free(e, e->caches[0], keep, NULL));
	op.kind = PLAN_OP_ADD;
	g_assert_null(direct_op(e, &op));
	must_hold(e, 3);
	for (op.kind = PLAN_OP_REMOVE, op.spte = 1; op.spte < 4; op.spte++)
		g_assert_null(direct_op(e, &op));
	must_hold(e, 0);
	engine_free(e);
	plan_free(plan);
}

static void test_lifetime(void)
{
	const char *const rcu[] = { "algorithm.name=rcu", NULL };
	struct campaign_options opt = { .seed_first = 1, .seeds = 20000, .jobs = 2 };
	struct campaign_result *res = g_new0(struct campaign_result, 1);
	struct plan *plan = support_plan("busted-free-at-once", rcu);
	GError *error = NULL;

	broken("busted-free-at-once", "lifetime", false);
	broken("busted-unlocked-read", "lifetime", false);
	broken("busted-bulk-free-rcu", "lifetime", false);
	g_assert_true(campaign_run(plan, &opt, res, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(res->failures, ==, 0);
	g_assert_cmpuint(res->runs, ==, 20000);
	plan_free(plan);
	g_free(res);
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
	g_test_add_func("/checks/stopped", test_stopped);
	g_test_add_func("/checks/lifetime", test_lifetime);
	g_test_add_func("/checks/grace-period", test_grace_period);
	g_test_add_func("/checks/grace-order", test_grace_order);
	g_test_add_func("/checks/grace-wait", test_grace_wait);
	g_test_add_func("/checks/slab-page", test_slab_page);
	g_test_add_func("/checks/snapshot-without-memory", test_snapshot_without_memory);
	g_test_add_func("/checks/bad-walkers", test_bad_walkers);
	g_test_add_func("/campaign/jobs", test_jobs);
	return g_test_run();
}
