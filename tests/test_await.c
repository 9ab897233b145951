/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting by cpu_relax: a task that waits is enabled just when a location that
 * it has read since its last cpu_relax, or since its operation began, holds
 * another value than it read then; and waiting costs no points.
 */
#include <string.h>
#include "sim/engine/state.h"
#include "tests/support.h"

/* Walkers that are carried off wait for the head; the writers go on changing it. */
#define WAITERS									\
	"[algorithm]\nname=busted-await-head\n"					\
	"[memory]\nrmaps=2\nsptes=8\npte-list-ext=2\n"				\
	"setup=add spte0 rmap1; add spte1..3 rmap0\n[machine]\nlock=unfair\n"	\
	"[task writer]\nprogram=remove spte1 rmap0; add spte1 rmap1; "		\
	"remove spte1 rmap1; add spte1 rmap0; remove spte2 rmap0; add spte2 rmap1; " \
	"remove spte2 rmap1; add spte2 rmap0\n"					\
	"[task other]\nprogram=add spte4 rmap1; add spte5 rmap1; remove spte4 rmap1\n" \
	"[task walker]\ncount=2\nprogram=walk rmap0; walk rmap1; walk rmap0\n"

#define SEEDS		3000
#define TASKS		4

/* The same rule, kept beside the engine from what an observer is told. */
struct reads {
	unsigned int n;
	struct {
		const void *addr;
		uint64_t value;
		unsigned int size;
	} read[64];
};

struct watch {
	struct engine *e;
	struct reads reads[TASKS];
	unsigned int waited, relaxed;
};

static bool changed(const struct reads *r)
{
	unsigned int i;

	for (i = 0; i < r->n; i++) {
		if (sim_peek(r->read[i].addr, r->read[i].size) != r->read[i].value)
			return true;
	}
	return !r->n;
}

static void note_read(struct reads *r, const struct trace_record *rec)
{
	unsigned int i;

	for (i = 0; i < r->n && r->read[i].addr != rec->event.addr; i++)
		;
	g_assert_cmpuint(i, <, G_N_ELEMENTS(r->read));
	r->n = MAX(r->n, i + 1);
	r->read[i].addr = rec->event.addr;
	r->read[i].value = rec->value;
	r->read[i].size = rec->event.size;
}

static void watch_record(const struct trace_record *rec, void *data)
{
	struct watch *w = data;
	struct reads *r = rec->task < 0 ? NULL : &w->reads[rec->task];

	if (!r || rec->violation)
		return;
	if (!g_strcmp0(rec->message, "begins")) {
		r->n = 0;
	} else if (rec->event.kind == EV_RELAX) {
		g_assert_true(changed(r));	/* not a point is spent on waiting */
		r->n = 0;
		w->relaxed++;
	} else if (rec->event.kind == EV_LOAD) {
		note_read(r, rec);
	}
}

static void compare_enabled(struct watch *w)
{
	struct engine *e = w->e;
	unsigned int i;

	choice_refresh(e);
	for (i = 0; i < TASKS; i++) {
		bool enabled = e->run->enabled[0] >> i & 1;

		if (e->tasks[i].sim.ev.kind != EV_RELAX || e->run->over)
			continue;
		w->waited += !enabled;
		g_assert_cmpint(enabled, ==, changed(&w->reads[i]));
	}
}

static void test_enabled_exactly_when_changed(void)
{
	struct plan *plan = support_plan_text(WAITERS, NULL);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	struct watch w = { .e = e };
	struct run_result run;
	uint64_t seed;

	/* Until somebody waits, no reads are noted. */
	for (seed = 1; !e->slow_only; seed++)
		engine_run(e, seed, &run);
	engine_observe(e, watch_record, &w);
	for (seed = 1; seed <= SEEDS; seed++) {
		memset(w.reads, 0, sizeof(w.reads));
		engine_begin(e, seed);
		do
			compare_enabled(&w);
		while (engine_advance(e));
		engine_end(e, &run);
	}
	g_assert_cmpuint(w.waited, >, 100);
	g_assert_cmpuint(w.relaxed, >, 20);
	engine_free(e);
	plan_free(plan);
}

/* With one writer whose last change is over, waiting for another one is a deadlock. */
static void test_deadlock(void)
{
	struct plan *plan = support_plan("busted-await-head", NULL);
	struct engine *e = support_engine(plan, 0);
	unsigned int found = 0;
	struct run_result run;
	uint64_t seed;

	for (seed = 1; seed <= 10000; seed++) {
		engine_run(e, seed, &run);
		if (run.verdict == RUN_CLEAN)
			continue;
		found++;
		g_assert_cmpint(run.verdict, ==, RUN_VIOLATION);
		g_assert_cmpstr(run.check, ==, "locking");
		g_assert_nonnull(strstr(run.message, "deadlock: walker waits in cpu_relax"));
		g_assert_cmpuint(run.point, <, 60);
	}
	g_assert_cmpuint(found, >, 0);
	engine_free(e);
	plan_free(plan);
}

static void all_seeds(struct engine *e, struct run_result *run)
{
	uint64_t seed;

	for (seed = 0; seed < SEEDS; seed++)
		engine_run(e, seed, &run[seed]);
	g_assert_true(e->slow_only);
}

/* A seed gives the same run whether or not somebody has waited in an earlier one. */
static void test_order_of_seeds(void)
{
	struct plan *plan = support_plan_text(WAITERS, NULL);
	struct engine *e = support_engine(plan, ENGINE_DIGEST);
	struct run_result *first = g_new0(struct run_result, SEEDS), run;
	uint64_t seed;

	all_seeds(e, first);
	for (seed = SEEDS; seed--;) {
		engine_run(e, seed, &run);
		g_assert_cmphex(first[seed].digest, ==, run.digest);
	}
	engine_free(e);
	plan_free(plan);
	g_free(first);
}

static void test_quick_equals_stepwise(void)
{
	struct plan *plan = support_plan_text(WAITERS, NULL);
	struct run_result *quick = g_new0(struct run_result, SEEDS);
	struct run_result *slow = g_new0(struct run_result, SEEDS);
	struct engine *e = support_engine(plan, 0);
	uint64_t seed;

	all_seeds(e, quick);
	engine_free(e);
	e = support_engine(plan, ENGINE_STEPWISE);
	all_seeds(e, slow);
	for (seed = 0; seed < SEEDS; seed++) {
		g_assert_cmpint(quick[seed].verdict, ==, slow[seed].verdict);
		g_assert_cmpmem(&quick[seed].stats, sizeof(quick[seed].stats),
				&slow[seed].stats, sizeof(slow[seed].stats));
	}
	engine_free(e);
	plan_free(plan);
	g_free(quick);
	g_free(slow);
}

static void resume_everywhere(struct engine *e, struct checkpoint *cp, uint64_t seed)
{
	struct run_result straight, resumed;
	uint64_t points, i, identity;

	engine_run(e, seed, &straight);
	for (points = 0; points < straight.stats.points; points++) {
		engine_begin(e, seed);
		for (i = 0; i < points; i++)
			engine_advance(e);
		checkpoint_save(e, cp);
		identity = engine_identity(e, 1);
		engine_run(e, seed + 12345, &resumed);
		checkpoint_restore(e, cp);
		g_assert_cmphex(engine_identity(e, 1), ==, identity);
		while (engine_advance(e))
			;
		engine_end(e, &resumed);
		g_assert_cmphex(resumed.digest, ==, straight.digest);
		g_assert_cmpmem(&resumed.stats, sizeof(resumed.stats), &straight.stats,
				sizeof(straight.stats));
	}
}

/* What a task waits for is part of the run: saved, restored, and of its identity. */
static void test_checkpoint(void)
{
	struct plan *plan = support_plan_text(WAITERS, NULL);
	struct engine *e = support_engine(plan, ENGINE_DIGEST | ENGINE_IDENTITY);
	struct checkpoint *cp = checkpoint_new(e);
	struct task_reads keep;
	struct run_result run;
	uint64_t seed = 0, identity;

	while (!e->slow_only)
		engine_run(e, seed++, &run);
	resume_everywhere(e, cp, seed - 1);
	for (seed = 1; seed <= 40; seed++)
		resume_everywhere(e, cp, seed);
	/* The state at a start is the same, whatever was read in runs before. */
	engine_begin(e, 1);
	identity = engine_identity(e, 1);
	engine_run(e, 2, &run);
	engine_begin(e, 1);
	g_assert_cmphex(engine_identity(e, 1), ==, identity);
	while (!e->reads[2].n)
		engine_advance(e);
	identity = engine_identity(e, 1);
	keep = e->reads[2];
	e->reads[2].read[0].value ^= 8;
	g_assert_cmphex(engine_identity(e, 1), !=, identity);
	e->reads[2] = keep;
	e->reads[2].n = 0;
	g_assert_cmphex(engine_identity(e, 1), !=, identity);
	checkpoint_free(cp);
	engine_free(e);
	plan_free(plan);
}

/* Turned off, nobody waits: the walker that would wait for ever spins until a limit comes. */
static void test_spin_real(void)
{
	const char *set[] = { "machine.spin=real", "limits.events=1000", NULL };
	struct plan *plan = support_plan("busted-await-head", set);
	struct engine *e = support_engine(plan, 0);
	unsigned int incomplete = 0;
	struct run_result run;
	uint64_t seed;

	for (seed = 1; seed <= 10000; seed++) {
		engine_run(e, seed, &run);
		g_assert_cmpint(run.verdict, !=, RUN_VIOLATION);
		if (run.verdict == RUN_CLEAN)
			continue;
		incomplete++;
		g_assert_cmpuint(run.point, ==, 1000);
	}
	g_assert_cmpuint(incomplete, >, 0);
	g_assert_false(e->slow_only);	/* and no reads are noted */
	engine_free(e);
	plan_free(plan);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/await/enabled-exactly-when-changed", test_enabled_exactly_when_changed);
	g_test_add_func("/await/deadlock", test_deadlock);
	g_test_add_func("/await/order-of-seeds", test_order_of_seeds);
	g_test_add_func("/await/quick-equals-stepwise", test_quick_equals_stepwise);
	g_test_add_func("/await/checkpoint", test_checkpoint);
	g_test_add_func("/await/spin-real", test_spin_real);
	return g_test_run();
}
