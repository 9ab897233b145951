/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strategies: random is uniform at a given point whatever the tasks do and have
 * done; replay with nothing loaded switches only when it must; what a task does
 * (the operations of a mix, seeded reuse) does not depend on who schedules it.
 */
#include <string.h>
#include "sim/engine/state.h"
#include "sim/strategy/strategy.h"
#include "tests/support.h"

/*
 * Three tasks whose operations differ in length: at the given point, for runs in
 * which none is done and none waits, each is chosen as often as the others.
 */
#define UNEQUAL									\
	"[algorithm]\nname=nulls\n[memory]\nrmaps=3\nsptes=24\npte-list-ext=8\n"	\
	"setup=add spte0..8 rmap0; add spte9 rmap1\n"				\
	"[task long]\nprogram=walk rmap0; walk rmap0; walk rmap0\n"		\
	"[task short]\nprogram=walk rmap2; walk rmap2; walk rmap2; walk rmap2; walk rmap2; " \
	"walk rmap2; walk rmap2; walk rmap2; walk rmap2; walk rmap2; walk rmap2; walk rmap2; " \
	"walk rmap2; walk rmap2; walk rmap2; walk rmap2; walk rmap2; walk rmap2; walk rmap2\n" \
	"[task writer]\nprogram=add spte10 rmap1; add spte11 rmap1; add spte12 rmap1; " \
	"remove spte10 rmap1; remove spte11 rmap1\n"

struct at_point {
	uint64_t point;
	int chosen, before;
};

static void note_point(const struct trace_record *rec, void *data)
{
	struct at_point *at = data;

	/* What begins is told before its first point is counted. */
	if (!g_strcmp0(rec->message, "begins"))
		return;
	if (rec->point == at->point && at->chosen < 0)
		at->chosen = rec->task;
	if (rec->point + 1 == at->point)
		at->before = rec->task;
}

static double chi_square(const unsigned int *n, unsigned int k)
{
	double total = 0, sum = 0;
	unsigned int i;

	for (i = 0; i < k; i++)
		total += n[i];
	for (i = 0; i < k; i++)
		sum += (n[i] - total / k) * (n[i] - total / k) / (total / k);
	return sum;
}

/* 99.9 % of what is uniform over three stays below 13.8. */
static void uniform_at(struct engine *e, uint64_t point)
{
	unsigned int n[3] = { 0 }, after[3][3] = { { 0 } }, i;
	struct run_result run;
	uint64_t seed;

	for (seed = 1; seed <= 30000; seed++) {
		struct at_point at = { .point = point, .chosen = -1, .before = -1 };

		engine_observe(e, note_point, &at);
		engine_run(e, seed, &run);
		g_assert_cmpint(at.chosen, >=, 0);
		n[at.chosen]++;
		if (at.before >= 0)
			after[at.before][at.chosen]++;
	}
	g_assert_cmpfloat(chi_square(n, 3), <, 13.8);
	for (i = 0; i < 3 && point > 1; i++)
		g_assert_cmpfloat(chi_square(after[i], 3), <, 13.8);
}

static void test_uniform_at_a_point(void)
{
	struct plan *plan = support_plan_text(UNEQUAL, NULL);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);

	uniform_at(e, 1);
	uniform_at(e, 6);
	uniform_at(e, 15);
	engine_free(e);
	plan_free(plan);
}

/* --- drains that are made rarer */

/* A drain and two tasks, each of which is chosen three times as often. */
static void test_drain_weight(void)
{
	static const double share[3] = { 3.0 / 7, 3.0 / 7, 1.0 / 7 };
	const char *set[] = { "memory.model=tso", "memory.drain-weight=3", NULL };
	struct plan *plan = support_plan_text(UNEQUAL, set);
	const struct strategy *random = strategy_find("random");
	struct choice_set *choices = g_new0(struct choice_set, 1);
	unsigned int n[3] = { 0 }, i, all = 70000;
	void *state = g_malloc0(random->state_size);
	uint32_t quantum;
	double sum = 0;

	choices->n = 3;
	choices->running = -1;
	choices->fresh = true;
	choices->ev[1].who = 1;
	choices->ev[2].kind = CHOICE_DRAIN;
	random->begin(state, plan, 1);
	for (i = 0; i < all; i++)
		n[random->next(state, choices, &quantum)]++;
	for (i = 0; i < 3; i++)
		sum += (n[i] - all * share[i]) * (n[i] - all * share[i]) / (all * share[i]);
	/* 99.9 % of what is distributed like that stays below 13.8. */
	g_assert_cmpfloat(sum, <, 13.8);
	g_free(state);
	g_free(choices);
	plan_free(plan);
}

/* --- replay with nothing loaded */

struct switches {
	int last;
	unsigned int n;
	unsigned int forced;	/* the one before was done or had to wait */
	struct engine *e;
};

static bool could_go_on(const struct engine *e, int task)
{
	const struct sim_event *ev = &e->tasks[task].sim.ev;

	return ev->kind != EV_NONE &&
	       !((ev->kind == EV_LOCK || ev->kind == EV_LOCK_WAIT) && sim_peek(ev->addr, 4));
}

static void count_switches(const struct trace_record *rec, void *data)
{
	struct switches *s = data;

	/* "begins" comes before the event acts: memory is as the scheduler saw it. */
	if (rec->task < 0 || rec->task == s->last)
		return;
	if (s->last >= 0) {
		s->n++;
		s->forced += !could_go_on(s->e, s->last);
		g_assert_cmpint(rec->task, ==, s->last + 1);
	} else {
		g_assert_cmpint(rec->task, ==, 0);
	}
	s->last = rec->task;
}

/* One after the other in the order of their numbers; only the end of one is a switch. */
static void test_replay_of_nothing(void)
{
	static const char *const names[] = { "bench-c4", "churn-position-w4", "mail-picture" };
	struct run_result run;
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		struct plan *plan = support_plan(names[i], NULL);
		struct engine *e = support_engine(plan, ENGINE_DIGEST | ENGINE_RECORD);
		struct switches s = { .last = -1, .e = e };
		size_t n;

		engine_observe(e, count_switches, &s);
		engine_replay(e, 1, NULL, 0, false, &run);
		g_assert_cmpint(run.verdict, ==, RUN_CLEAN);
		g_assert_cmpuint(s.n, ==, plan->n_tasks - 1);
		g_assert_cmpuint(s.forced, ==, s.n);
		/* All answers were the default: there is nothing to record. */
		engine_schedule(e, &n);
		g_assert_cmpuint(n, ==, 0);
		engine_free(e);
		plan_free(plan);
	}
}

/* --- what a task does is its own */

#define MIXES									\
	"[algorithm]\nname=nulls\n[memory]\nrmaps=2\nsptes=16\npte-list-ext=2\n"	\
	"[task mixer]\ncount=3\nmix=add 3; remove 2; walk 1\noperations=30\n"	\
	"pool=spte0..14\n[task walker]\nprogram=walk rmap0; walk rmap1\n"

struct operations {
	uint64_t hash[8];
	unsigned int n[8];
};

static void note_operation(const struct trace_record *rec, void *data)
{
	struct operations *ops = data;

	if (rec->task < 0 || g_strcmp0(rec->message, "begins"))
		return;
	ops->n[rec->task]++;
	ops->hash[rec->task] = hash_mix(hash_mix(hash_mix(ops->hash[rec->task], rec->op.kind),
						 rec->op.spte), rec->op.rmap);
}

static void operations_of(const char *strategy, bool replay, uint64_t seed, struct operations *ops)
{
	char *set_strategy = g_strdup_printf("scenario.strategy=%s", strategy);
	const char *set[] = { set_strategy, NULL };
	struct plan *plan = support_plan_text(MIXES, set);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	struct run_result run;

	memset(ops, 0, sizeof(*ops));
	engine_observe(e, note_operation, ops);
	if (replay)
		engine_replay(e, seed, NULL, 0, false, &run);
	else
		engine_run(e, seed, &run);
	g_assert_cmpint(run.verdict, ==, RUN_CLEAN);
	g_assert_cmpuint(ops->n[0], ==, 30);
	engine_free(e);
	plan_free(plan);
	g_free(set_strategy);
}

/* Pools are split among copies, so what a task can do depends on itself only. */
static void test_mix_is_the_tasks_own(void)
{
	struct operations a, b, c, other;
	uint64_t seed;

	for (seed = 1; seed <= 50; seed++) {
		operations_of("random", false, seed, &a);
		operations_of("round-robin", false, seed, &b);
		operations_of("random", true, seed, &c);
		g_assert_cmpmem(&a, sizeof(a), &b, sizeof(b));
		g_assert_cmpmem(&a, sizeof(a), &c, sizeof(c));
		operations_of("random", false, seed + 1000, &other);
		g_assert_cmphex(a.hash[0], !=, other.hash[0]);
		g_assert_cmphex(a.hash[0], !=, a.hash[1]);	/* a stream for each task */
	}
}

/*
 * Seeded reuse: a task that frees five descriptors and gets five again draws the
 * same ones under every strategy, as long as nobody else uses the slab.
 */
#define REUSE									\
	"[algorithm]\nname=nulls\n[memory]\nrmaps=2\nsptes=24\npte-list-ext=2\nreuse=seeded\n" \
	"descs=12\nsetup=add spte0..11 rmap0\n"					\
	"[task writer]\nprogram=remove spte0..11 rmap0; add spte0..11 rmap1\n"	\
	"[task walker]\ncount=2\nprogram=walk rmap0; walk rmap0; walk rmap0\n"

static void note_alloc(const struct trace_record *rec, void *data)
{
	uint64_t *hash = data;

	if (rec->event.kind == EV_ALLOC && !rec->message)
		*hash = hash_mix(*hash, rec->value);
}

static uint64_t reuse_of(const char *strategy, uint64_t seed)
{
	char *set_strategy = g_strdup_printf("scenario.strategy=%s", strategy);
	const char *set[] = { set_strategy, NULL };
	struct plan *plan = support_plan_text(REUSE, set);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	struct run_result run;
	uint64_t hash = 0;

	engine_observe(e, note_alloc, &hash);
	engine_run(e, seed, &run);
	g_assert_cmpint(run.verdict, ==, RUN_CLEAN);
	engine_free(e);
	plan_free(plan);
	g_free(set_strategy);
	return hash;
}

static void test_reuse_is_the_tasks_own(void)
{
	unsigned int differ = 0;
	uint64_t seed;

	for (seed = 1; seed <= 50; seed++) {
		uint64_t hash = reuse_of("random", seed);

		g_assert_cmphex(hash, ==, reuse_of("round-robin", seed));
		differ += hash != reuse_of("random", seed + 1000);
	}
	g_assert_cmpuint(differ, >, 40);
}

/* Drawn from anywhere: each free object is as likely. 12 objects less 6: chi-square of 6. */
static void note_first_alloc(const struct trace_record *rec, void *data)
{
	uint64_t *first = data;

	if (rec->event.kind == EV_ALLOC && !rec->message && !*first)
		*first = rec->value;
}

static void test_reuse_is_uniform(void)
{
	struct plan *plan = support_plan_text(REUSE, NULL);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	const struct kmem_cache *c = e->caches[0];
	unsigned int n[12] = { 0 };
	struct run_result run;
	uint64_t seed, first;

	engine_observe(e, note_first_alloc, &first);
	for (seed = 1; seed <= 6000; seed++) {
		first = 0;
		engine_run(e, seed, &run);
		n[(first - (uint64_t)sim.heap - c->first) / c->object_size]++;
	}
	/* 99.9 % of what is uniform over twelve stays below 31.3. */
	g_assert_cmpfloat(chi_square(n, 12), <, 31.3);
	engine_free(e);
	plan_free(plan);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/strategies/random/uniform-at-a-point", test_uniform_at_a_point);
	g_test_add_func("/strategies/random/drain-weight", test_drain_weight);
	g_test_add_func("/strategies/replay/nothing-loaded", test_replay_of_nothing);
	g_test_add_func("/strategies/streams/mix", test_mix_is_the_tasks_own);
	g_test_add_func("/strategies/streams/reuse", test_reuse_is_the_tasks_own);
	g_test_add_func("/strategies/streams/reuse-is-uniform", test_reuse_is_uniform);
	return g_test_run();
}
