/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lifetime, where pages stay: what is free is read in the section in which its
 * address was loaded, and is never written to.
 */
#include <string.h>
#include "core/pte_list.h"
#include "sim/engine/state.h"
#include "tests/support.h"

/* How often it fails, always in lifetime and with these words; every seed that fails counts. */
static unsigned int fails_in_lifetime(const char *name, const char *const *set, const char *words)
{
	struct plan *plan = support_plan(name, set);
	struct engine *e = support_engine(plan, 0);
	unsigned int failures = 0;
	struct run_result run;
	uint64_t seed;

	for (seed = 1; seed <= 1000; seed++) {
		engine_run(e, seed, &run);
		if (run.verdict != RUN_VIOLATION)
			continue;
		g_assert_cmpstr(run.check, ==, "lifetime");
		g_assert_nonnull(strstr(run.message, "walker's walk reads desc"));
		failures += strstr(run.message, words) != NULL;
	}
	engine_free(e);
	plan_free(plan);
	return failures;
}

/* A walk that leaves its section on the way: found where pages go, and where they stay. */
static void test_short_section(void)
{
	const char *const names[] = { "sc", "tso", "pso", "weak" };
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		char *model = g_strdup_printf("memory.model=%s", names[i]);
		const char *const keeps[] = { "memory.slab-pages=keep", model, NULL };
		const char *const right[] = { keeps[0], model, "algorithm.name=nulls", NULL };
		const char *const goes[] = { model, NULL };

		g_assert_cmpuint(fails_in_lifetime("busted-short-section", keeps,
						   "from a read-side section that has ended"),
				 >, 100);
		g_assert_cmpuint(fails_in_lifetime("busted-short-section", goes,
						   "whose slab page is gone"), >, 0);
		g_assert_cmpuint(fails_in_lifetime("busted-short-section", right, ""), ==, 0);
		g_assert_cmpuint(fails_in_lifetime("busted-short-section", right + 1, ""), ==, 0);
		g_free(model);
	}
}

/* What t is about to do; the engine's answer to it is what counts. */
static const char *acts(struct engine *e, struct task *t, enum ev_kind kind, void *addr,
			uint64_t operand)
{
	t->sim.ev.kind = kind;
	t->sim.ev.size = 8;
	t->sim.ev.order = ORD_ONCE;
	t->sim.ev.addr = addr;
	t->sim.ev.operand = operand;
	t->sim.ev.expected = 0;
	e->failed_check = NULL;
	e->run->over = false;
	act_event(e, t);
	return e->failed_check;
}

static void must_fire(struct engine *e, const char *check, const char *words)
{
	g_assert_cmpstr(check, ==, "lifetime");
	g_assert_nonnull(strstr(e->message, words));
}

/* With no guest and no pages that go, sections are no events; the walker is in none so far. */
static struct engine *kept_engine(const char *model, struct plan **plan)
{
	const char *const set[] = { "memory.slab-pages=keep", "algorithm.name=nulls", model, NULL };
	struct engine *e;

	*plan = support_plan("busted-short-section", set);
	e = support_engine(*plan, ENGINE_STEPWISE | ENGINE_IDENTITY);
	engine_begin(e, 1);
	return e;
}

/* An address counts in the section in which it was loaded, and in no other. */
static void test_stale_address(void)
{
	struct plan *plan;
	struct engine *e = kept_engine("memory.model=sc", &plan);
	struct checkpoint *cp = checkpoint_new(e);
	struct task *writer = &e->tasks[0], *walker = &e->tasks[1];
	struct kmem_cache *cache = e->caches[0];
	struct pte_list_desc *desc = slab_object(cache, 0), *other = slab_object(cache, 1);
	uint64_t stale;

	g_assert_cmpuint(walker->sim.section, ==, 1);
	g_assert_null(acts(e, walker, EV_LOAD, &desc->more, 0));
	g_assert_null(slab_free(e, cache, desc, writer));
	g_assert_null(slab_free(e, cache, other, writer));
	g_assert_null(acts(e, walker, EV_LOAD, &desc->more, 0));
	must_fire(e, acts(e, writer, EV_LOAD, &desc->more, 0), "in no read-side section");
	sim_leave_section(&walker->sim);
	must_fire(e, acts(e, walker, EV_LOAD, &desc->more, 0), "in no read-side section");
	sim_enter_section(&walker->sim);
	must_fire(e, acts(e, walker, EV_LOAD, &desc->more, 0), "section that has ended");
	checkpoint_save(e, cp);
	stale = engine_identity(e, 1);
	/* The head leads to it again, with a tag and a position. */
	e->kvm->rmaps[1].val = (uint64_t)desc | 5ull << 48 | 1;
	g_assert_null(acts(e, walker, EV_LOAD, &e->kvm->rmaps[1].val, 0));
	g_assert_null(acts(e, walker, EV_LOAD, &desc->more, 0));
	must_fire(e, acts(e, walker, EV_LOAD, &other->more, 0), "section that has ended");
	g_assert_cmphex(engine_identity(e, 1), !=, stale);
	checkpoint_restore(e, cp);
	g_assert_cmphex(engine_identity(e, 1), ==, stale);
	must_fire(e, acts(e, walker, EV_LOAD, &desc->more, 0), "section that has ended");
	/* Another section within this one is no end of it, and the next operation begins anew. */
	sim_has_address(&walker->sim, (uint64_t)desc);
	sim_enter_section(&walker->sim);
	sim_leave_section(&walker->sim);
	g_assert_null(acts(e, walker, EV_LOAD, &desc->more, 0));
	sim_has_no_address(&walker->sim);
	g_assert_null(acts(e, walker, EV_LOAD, &other->more, 0));
	g_assert_nonnull(slab_alloc(e, cache, writer));
	g_assert_nonnull(slab_alloc(e, cache, writer));
	sim_leave_section(&walker->sim);
	g_assert_null(acts(e, walker, EV_LOAD, &desc->more, 0));
	checkpoint_free(cp);
	engine_free(e);
	plan_free(plan);
}

/* Nobody changes what is free. */
static void test_stale_write(void)
{
	struct plan *plan;
	struct engine *e = kept_engine("memory.model=sc", &plan);
	struct task *writer = &e->tasks[0], *walker = &e->tasks[1];
	struct kmem_cache *cache = e->caches[0];
	struct pte_list_desc *desc = slab_object(cache, 0);

	g_assert_null(acts(e, walker, EV_STORE, &desc->more, 8));
	g_assert_null(slab_free(e, cache, desc, writer));
	must_fire(e, acts(e, walker, EV_STORE, &desc->more, 0), "walker's walk writes to desc0");
	must_fire(e, acts(e, writer, EV_STORE, &desc->more, 0), "which is free");
	g_assert_cmphex(desc->more, ==, 8);
	must_fire(e, acts(e, walker, EV_OR, &desc->more, 1), "which is free");
	must_fire(e, acts(e, walker, EV_XCHG, &desc->more, 8), "which is free");
	/* By now it is 8 again: an atomic may put back what it finds, a store may not. */
	must_fire(e, acts(e, walker, EV_STORE, &desc->more, 8), "which is free");
	g_assert_null(acts(e, walker, EV_OR, &desc->more, 8));
	g_assert_null(acts(e, walker, EV_XCHG, &desc->more, 8));
	must_fire(e, acts(e, writer, EV_OR, &desc->more, 8), "which is free");
	g_assert_null(acts(e, walker, EV_CMPXCHG, &desc->more, 1));
	desc->more = 0;
	must_fire(e, acts(e, walker, EV_CMPXCHG, &desc->more, 1), "which is free");
	g_assert_nonnull(slab_alloc(e, cache, writer));
	g_assert_null(acts(e, walker, EV_STORE, &desc->more, 0));
	engine_free(e);
	plan_free(plan);
}

/* A store that was made before the free may come after it. */
static void test_late_store(void)
{
	struct plan *plan;
	struct engine *e = kept_engine("memory.model=tso", &plan);
	struct task *writer = &e->tasks[0], *walker = &e->tasks[1];
	struct kmem_cache *cache = e->caches[0];
	struct pte_list_desc *desc = slab_object(cache, 0);

	desc->more = 0;
	g_assert_null(acts(e, writer, EV_STORE, &desc->more, 8));
	g_assert_null(slab_free(e, cache, desc, writer));
	g_assert_cmphex(desc->more, ==, 0);
	sim_leave_section(&walker->sim);
	g_assert_null(acts(e, walker, EV_LOAD, &desc->more, 0));
	e->model->drain(e->model_state, 0, (uint8_t *)&desc->more - sim.heap);
	g_assert_cmphex(desc->more, ==, 8);
	g_assert_null(e->failed_check);
	must_fire(e, acts(e, walker, EV_LOAD, &desc->more, 0), "in no read-side section");
	engine_free(e);
	plan_free(plan);
}

/* Run to its end from here: what locking says, or NULL. */
static const char *goes_on(struct engine *e, struct run_result *run)
{
	while (engine_advance(e))
		;
	engine_end(e, run);
	return run->check;
}

/* One that is never left, or never begun, where sections are no events. */
static void test_sections(void)
{
	const char *const set[] = { "memory.slab-pages=keep", "algorithm.name=nulls",
				    "task.writer.program=walk rmap1", NULL };
	struct plan *plan = support_plan("busted-short-section", set);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	struct sim_task *walker = &e->tasks[1].sim;
	struct run_result run;

	engine_begin(e, 1);
	g_assert_null(goes_on(e, &run));
	g_assert_cmpuint(walker->section, ==, 0);
	engine_begin(e, 1);
	walker->section++;
	g_assert_cmpstr(goes_on(e, &run), ==, "locking");
	g_assert_nonnull(strstr(run.message, "never left the read-side section"));
	engine_begin(e, 1);
	walker->section--;
	g_assert_cmpstr(goes_on(e, &run), ==, "locking");
	g_assert_nonnull(strstr(run.message, "ends a read-side section that it is not in"));
	engine_free(e);
	plan_free(plan);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lifetime/short-section", test_short_section);
	g_test_add_func("/lifetime/stale-address", test_stale_address);
	g_test_add_func("/lifetime/stale-write", test_stale_write);
	g_test_add_func("/lifetime/late-store", test_late_store);
	g_test_add_func("/lifetime/sections", test_sections);
	return g_test_run();
}
