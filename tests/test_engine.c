/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine: the same seed is the same run, at both speeds, from any
 * checkpoint, wherever the arena lies; the strategy is as uniform as it says.
 */
#include <string.h>
#include "sim/engine/state.h"
#include "tests/support.h"

static const char *const some_scenarios[] = {
	"bench-c1", "bench-c3", "bench-c4", "churn-position-w2", "churn-nulls-w2",
	"churn-locked-stack-w2", "churn-locked-tail-w2", "churn-rcu-w2",
	"churn-snapshot-w2",
};

static uint64_t digest_of(const char *name, uint64_t seed, uintptr_t base)
{
	uintptr_t usual = engine_arena_base;
	struct plan *plan = support_plan(name, NULL);
	struct run_result run;
	struct engine *e;

	engine_arena_base = base ? base : usual;
	e = support_engine(plan, ENGINE_DIGEST);
	engine_run(e, seed, &run);
	engine_free(e);
	plan_free(plan);
	engine_arena_base = usual;
	return run.digest;
}

static void test_digest_repeats(void)
{
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(some_scenarios); i++) {
		uint64_t first = digest_of(some_scenarios[i], 7, 0);

		g_assert_cmphex(first, ==, digest_of(some_scenarios[i], 7, 0));
		g_assert_cmphex(first, !=, digest_of(some_scenarios[i], 8, 0));
	}
}

static void test_digest_names_objects(void)
{
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(some_scenarios); i++)
		g_assert_cmphex(digest_of(some_scenarios[i], 7, 0), ==,
				digest_of(some_scenarios[i], 7, 0x560000000000ul));
}

/* Each input of the digest, changed alone, changes it. */
static void test_digest_inputs(void)
{
	struct plan *plan = support_plan("bench-c1", NULL);
	struct engine *e = support_engine(plan, ENGINE_DIGEST);
	struct task *t = &e->tasks[0];
	struct sim_site other = *t->sim.ev.site;
	uint64_t plain;
	int i;

	e->run->digest = 1;
	digest_event(e, t, 5);
	plain = e->run->digest;
	other.hash++;
	for (i = 0; i < 7; i++) {
		struct sim_event keep = t->sim.ev;
		struct task *who = i == 0 ? &e->tasks[1] : t;
		struct sim_event ev = keep;

		ev.kind += i == 1;
		ev.size += i == 2;
		ev.order += i == 3;
		ev.addr = (uint8_t *)ev.addr + (i == 4);
		ev.site = i == 5 ? &other : ev.site;
		keep = who->sim.ev;
		who->sim.ev = ev;
		e->run->digest = 1;
		digest_event(e, who, i == 6 ? 6 : 5);
		g_assert_cmphex(e->run->digest, !=, plain);
		who->sim.ev = keep;
	}
	engine_free(e);
	plan_free(plan);
}

/* What a mix chooses is an event like any other. */
static void test_digest_knows_choices(void)
{
	struct plan *plan = support_plan("churn-nulls-w2", NULL);
	struct engine *e = support_engine(plan, ENGINE_DIGEST);
	uint64_t before, seed;
	unsigned int chosen = 0;
	bool choice;

	for (seed = 1; seed <= 20; seed++) {
		engine_begin(e, seed);
		do {
			uint64_t operations = e->run->operations;

			before = e->run->digest;
			choice = engine_advance(e) && e->run->points &&
				 e->tasks[e->run->running].begin_pending &&
				 e->run->operations == operations;
			chosen += choice;
			g_assert_true(!choice || e->run->digest != before);
		} while (!e->run->over && e->run->points < 30);
	}
	g_assert_cmpuint(chosen, >, 20);
	engine_free(e);
	plan_free(plan);
}

struct final {
	struct run_result run;
	uint64_t memory;
};

/* What a run has come to: verdict, counts, and every word of memory. */
static void final_state(struct engine *e, uint64_t seed, struct final *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	engine_run(e, seed, &out->run);
	for (i = 0; i < sim.heap_bytes / 8; i++)
		out->memory = hash_mix(out->memory, ((uint64_t *)sim.heap)[i]);
}

static void test_quick_equals_stepwise(void)
{
	enum { SEEDS = 1000 };
	static const char *const choices[] = {
		"memory.model=sc", "memory.model=tso", "memory.model=pso",
	};
	struct final *quick = g_new(struct final, SEEDS), slow;
	size_t i, seed;

	for (i = 0; i < G_N_ELEMENTS(choices) * G_N_ELEMENTS(some_scenarios); i++) {
		const char *const set[] = { choices[i % G_N_ELEMENTS(choices)], NULL };
		struct plan *plan = support_plan(some_scenarios[i / G_N_ELEMENTS(choices)], set);
		struct engine *e = support_engine(plan, 0);

		for (seed = 0; seed < SEEDS; seed++)
			final_state(e, seed, &quick[seed]);
		engine_free(e);
		e = support_engine(plan, ENGINE_STEPWISE);
		for (seed = 0; seed < SEEDS; seed++) {
			final_state(e, seed, &slow);
			g_assert_cmpint(quick[seed].run.verdict, ==, slow.run.verdict);
			g_assert_cmphex(quick[seed].memory, ==, slow.memory);
			g_assert_cmpmem(&quick[seed].run.stats, sizeof(struct run_stats),
					&slow.run.stats, sizeof(struct run_stats));
		}
		engine_free(e);
		plan_free(plan);
	}
	g_free(quick);
}

static void advance(struct engine *e, uint64_t seed, uint64_t points)
{
	engine_begin(e, seed);
	while (points--)
		engine_advance(e);
}

/* Another run, to its end or left in its middle, where nothing has been put right again. */
static void disturb(struct engine *e, uint64_t seed, uint64_t points)
{
	struct run_result run;

	if (points % 2)
		engine_run(e, seed + 12345, &run);
	else
		advance(e, seed + 12345, points / 2 + 7);
}

/* Whatever another run leaves behind must not matter to one that goes on from a checkpoint. */
static void resume_everywhere(struct engine *e, struct checkpoint *cp, uint64_t seed)
{
	struct run_result straight, resumed;
	uint64_t points, identity;

	engine_run(e, seed, &straight);
	for (points = 0; points < straight.stats.points; points++) {
		advance(e, seed, points);
		checkpoint_save(e, cp);
		identity = engine_identity(e, 1);
		disturb(e, seed, points);
		checkpoint_restore(e, cp);
		g_assert_cmphex(engine_identity(e, 1), ==, identity);
		while (engine_advance(e))
			;
		engine_end(e, &resumed);
		g_assert_cmpint(resumed.verdict, ==, straight.verdict);
		g_assert_cmphex(resumed.digest, ==, straight.digest);
		g_assert_cmpmem(&resumed.stats, sizeof(resumed.stats), &straight.stats,
				sizeof(straight.stats));
	}
}

/*
 * When lists are audited is a matter of who is inside an operation: a descriptor
 * that is lost behind the checkpoint must be missed at the same point.
 */
static uint64_t missed_at(struct engine *e)
{
	struct run_result run;

	slab_alloc(e, e->caches[0], NULL);
	while (engine_advance(e))
		;
	engine_end(e, &run);
	g_assert_cmpint(run.verdict, ==, RUN_VIOLATION);
	g_assert_cmpstr(run.check, ==, "integrity");
	return run.point;
}

static void test_checkpoint_writers(void)
{
	enum { SEEDS = 10, POINTS = 60 };
	const char *set[] = { "memory.descs=20", NULL };
	struct plan *plan = support_plan("churn-nulls-w2", set);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	struct checkpoint *cp = checkpoint_new(e);
	uint64_t straight[SEEDS][POINTS];
	unsigned int seed, points;

	/* All of these first: no run has been left in its middle by then. */
	for (seed = 0; seed < SEEDS; seed++) {
		for (points = 0; points < POINTS; points++) {
			advance(e, seed, points);
			straight[seed][points] = missed_at(e);
		}
	}
	for (seed = 0; seed < SEEDS; seed++) {
		for (points = 0; points < POINTS; points++) {
			advance(e, seed, points);
			checkpoint_save(e, cp);
			disturb(e, seed, points);
			checkpoint_restore(e, cp);
			g_assert_cmpuint(missed_at(e), ==, straight[seed][points]);
		}
	}
	checkpoint_free(cp);
	engine_free(e);
	plan_free(plan);
}

/* Fixed programs and mixes, limits, queues of a FIFO lock, restarts and slow paths. */
static void test_checkpoint_everywhere(void)
{
	static const struct {
		const char *name;
		uint64_t seeds;
		const char *set[4];	/* ends with NULL */
	} worlds[] = {
		{ "bench-c1", 1000, { NULL } },
		{ "bench-c1", 200, { "memory.model=tso", NULL } },
		{ "bench-c3", 30, { "memory.model=tso", "memory.store-buffer=2", NULL } },
		{ "bench-c1", 100, { "memory.model=pso", "memory.reuse=fifo", NULL } },
		{ "bench-c1", 100, { "memory.model=weak", NULL } },
		{ "churn-nulls-w2", 20, { "memory.model=weak", "memory.sync=none", NULL } },
		{ "churn-position-w2", 60, { "memory.reuse=seeded", NULL } },
		{ "rcu-beside-writer", 50, { NULL } },
		{ "snapshot-beside-writer", 50, { "memory.model=pso", NULL } },
		{ "rcu-callbacks", 50, { NULL } },
		{ "snapshot-callbacks", 50, { "memory.model=weak", NULL } },
		{ "rcu-one-pass", 5, { "memory.model=tso", "limits.events=1000", NULL } },
		{ "busted-free-at-once", 50, { "memory.model=weak", NULL } },
		{ "endless", 10, { "limits.operations=25", NULL } },
		{ "bench-c4", 30, { "machine.lock=fifo", "algorithm.retries=0", NULL } },
		{ "bench-c1", 20, { "algorithm.position-bits=1", "algorithm.overflow=locked",
				    "task.walker.program=walk rmap0; walk rmap1" } },
		{ "walk-under-load", 10, { "limits.events=2000", NULL } },
		{ "preempt-lock-holder", 3, { "memory.model=tso", "limits.events=400",
					      "machine.preempt-points=60" } },
		{ "preempt-rcu-reader", 20, { "memory.model=weak", "machine.preempt-points=20",
					      "limits.events=100" } },
		{ "slab-pages-return", 50, { "memory.slab-page-objects=2", NULL } },
		{ "slab-pages-return", 30, { "memory.model=weak", NULL } },
		{ "busted-foreign-nulls", 30, { "task.walker.count=2", "limits.events=20", NULL } },
	};
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(worlds); i++) {
		struct plan *plan = support_plan(worlds[i].name, worlds[i].set);
		struct engine *e = support_engine(plan, ENGINE_DIGEST | ENGINE_IDENTITY);
		struct checkpoint *cp = checkpoint_new(e);
		uint64_t seed;

		for (seed = 1; seed <= worlds[i].seeds; seed++)
			resume_everywhere(e, cp, seed);
		checkpoint_free(cp);
		engine_free(e);
		plan_free(plan);
	}
}

/* Another hash seed tells the same states apart; another place of the arena does not. */
static void test_identity(void)
{
	uintptr_t usual = engine_arena_base;
	struct plan *plan = support_plan("bench-c1", NULL);
	GHashTable *one = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	GHashTable *two = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	uint64_t at_usual[64], id;
	struct engine *e;
	unsigned int i, n = 0;
	int place;

	for (place = 0; place < 2; place++) {
		engine_arena_base = place ? 0x560000000000ul : usual;
		e = support_engine(plan, ENGINE_IDENTITY);
		for (i = 0; i < 200; i++) {
			engine_begin(e, i);
			do {
				id = engine_identity(e, 1);
				g_hash_table_add(one, g_memdup2(&id, sizeof(id)));
				id = engine_identity(e, 2);
				g_hash_table_add(two, g_memdup2(&id, sizeof(id)));
				if (i == 3 && !place && n < 64)
					at_usual[n++] = engine_identity(e, 1);
			} while (engine_advance(e));
		}
		engine_begin(e, 3);
		for (i = 0; i < n && place; i++, engine_advance(e))
			g_assert_cmphex(engine_identity(e, 1), ==, at_usual[i]);
		engine_free(e);
	}
	engine_arena_base = usual;
	g_assert_cmpuint(n, >, 10);
	g_assert_cmpuint(g_hash_table_size(one), ==, g_hash_table_size(two));
	g_hash_table_unref(one);
	g_hash_table_unref(two);
	plan_free(plan);
}

struct who {
	unsigned int n[4];
	uint64_t total;
	int last;
	unsigned int follows[4][4];
};

static void count_who(const struct trace_record *rec, void *data)
{
	struct who *who = data;

	if (rec->violation || rec->point == who->total)
		return;
	who->total = rec->point;
	if (rec->point > 10)
		return;
	who->n[rec->task]++;
	if (who->last >= 0 && rec->point > 1)
		who->follows[who->last][rec->task]++;
	who->last = rec->task;
}

/* Chi-square of counts that should all be equal. */
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

/*
 * Four walkers whose walks are long enough that all are enabled for the first
 * ten points: who acts is uniform, and so is who acts next. 99.9 % of what is
 * uniform stays below 16.3 (3 degrees of freedom); the seeds are fixed.
 */
static void test_random_is_uniform(void)
{
	const char *text =
		"[algorithm]\nname=nulls\n[memory]\nrmaps=1\nsptes=9\npte-list-ext=8\n"
		"setup=add spte0..8 rmap0\n[task walker]\ncount=4\nprogram=walk rmap0\n";
	struct plan *plan = support_plan_text(text, NULL);
	struct engine *e = support_engine(plan, ENGINE_STEPWISE);
	struct who who = { .last = -1 };
	struct run_result run;
	uint64_t seed;
	int i;

	engine_observe(e, count_who, &who);
	for (seed = 1; seed <= 20000; seed++) {
		who.total = 0;
		who.last = -1;
		engine_run(e, seed, &run);
	}
	g_assert_cmpuint(who.n[0] + who.n[1] + who.n[2] + who.n[3], ==, 200000);
	g_assert_cmpfloat(chi_square(who.n, 4), <, 16.3);
	for (i = 0; i < 4; i++)
		g_assert_cmpfloat(chi_square(who.follows[i], 4), <, 16.3);
	/* The test itself must be able to fail. */
	who.n[0] += who.n[0] / 50;
	g_assert_cmpfloat(chi_square(who.n, 4), >, 16.3);
	engine_free(e);
	plan_free(plan);
}

/* A schedule recorded in one run drives another to the same digest. */
static void test_schedule_replays(void)
{
	const char *set[] = { "memory.reuse=seeded", NULL };
	struct plan *plan = support_plan("churn-position-w2", set);
	struct engine *e = support_engine(plan, ENGINE_DIGEST | ENGINE_RECORD);
	struct run_result straight, replayed;
	const struct schedule_entry *entries;
	uint64_t seed;
	size_t n;

	for (seed = 1; seed <= 200; seed++) {
		struct schedule_entry *copy;

		engine_run(e, seed, &straight);
		entries = engine_schedule(e, &n);
		copy = g_memdup2(entries, n * sizeof(*entries));
		engine_replay(e, seed, copy, n, false, &replayed);
		g_assert_cmpint(replayed.verdict, ==, straight.verdict);
		g_assert_cmphex(replayed.digest, ==, straight.digest);
		g_free(copy);
	}
	engine_free(e);
	plan_free(plan);
}

/* One answer changed: the run says where it stopped fitting, and does not guess. */
static void test_schedule_diverges(void)
{
	struct plan *plan = support_plan("bench-c1", NULL);
	struct engine *e = support_engine(plan, ENGINE_DIGEST | ENGINE_RECORD);
	const struct schedule_entry *entries;
	struct schedule_entry *copy;
	struct run_result run;
	size_t n;

	engine_run(e, 3, &run);
	entries = engine_schedule(e, &n);
	g_assert_cmpuint(n, >, 3);
	copy = g_memdup2(entries, n * sizeof(*entries));
	copy[2].site_hash ^= 1;
	engine_replay(e, 3, copy, n, false, &run);
	g_assert_cmpint(run.verdict, ==, RUN_DIVERGED);
	g_assert_nonnull(strstr(run.message, "line 3 of the schedule"));
	engine_replay(e, 3, copy, n, true, &run);
	g_assert_cmpint(run.verdict, !=, RUN_DIVERGED);
	g_assert_nonnull(strstr(run.diverged, "line 3 of the schedule"));
	copy[2].site_hash ^= 1;
	copy[n - 1].after += 1000;
	engine_replay(e, 3, copy, n, false, &run);
	g_assert_cmpint(run.verdict, ==, RUN_DIVERGED);
	g_assert_nonnull(strstr(run.message, "ended before line"));
	g_free(copy);
	engine_free(e);
	plan_free(plan);
}

static void test_round_robin_ignores_the_seed(void)
{
	const char *set[] = { "scenario.strategy=round-robin", NULL };
	struct plan *plan = support_plan("bench-c1", set);
	struct engine *e = support_engine(plan, ENGINE_RECORD);
	struct run_result a, b;

	engine_run(e, 1, &a);
	engine_run(e, 2, &b);
	g_assert_cmpmem(&a.stats, sizeof(a.stats), &b.stats, sizeof(b.stats));
	engine_free(e);
	plan_free(plan);
}

static void test_place_is_taken(void)
{
	struct plan *plan = support_plan("bench-c1", NULL);
	uintptr_t usual = engine_arena_base;
	GError *error = NULL;

	engine_arena_base = (uintptr_t)&usual & ~4095ul;
	g_assert_null(engine_new(plan, 0, &error));
	g_assert_error(error, ENGINE_ERROR, ENGINE_ERROR_ARENA);
	g_assert_nonnull(strstr(error->message, "is taken by"));
	g_clear_error(&error);
	engine_arena_base = usual;
	plan_free(plan);
}

/* weak keeps a bit for each vCPU. */
static void test_too_many_vcpus(void)
{
	const char *const set[] = { "task.walker.count=65", "memory.model=weak", NULL };
	struct plan *plan = support_plan("bench-c1", set);
	GError *error = NULL;

	g_assert_null(engine_new(plan, 0, &error));
	g_assert_error(error, ENGINE_ERROR, ENGINE_ERROR_PLAN);
	g_assert_nonnull(strstr(error->message, "at most 64 vCPUs, the tasks are 66"));
	g_clear_error(&error);
	plan_free(plan);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/engine/digest/repeats", test_digest_repeats);
	g_test_add_func("/engine/digest/names-objects", test_digest_names_objects);
	g_test_add_func("/engine/digest/inputs", test_digest_inputs);
	g_test_add_func("/engine/digest/knows-choices", test_digest_knows_choices);
	g_test_add_func("/engine/quick-equals-stepwise", test_quick_equals_stepwise);
	g_test_add_func("/engine/checkpoint-everywhere", test_checkpoint_everywhere);
	g_test_add_func("/engine/checkpoint-writers", test_checkpoint_writers);
	g_test_add_func("/engine/identity", test_identity);
	g_test_add_func("/engine/random-is-uniform", test_random_is_uniform);
	g_test_add_func("/engine/schedule/replays", test_schedule_replays);
	g_test_add_func("/engine/schedule/diverges", test_schedule_diverges);
	g_test_add_func("/engine/round-robin", test_round_robin_ignores_the_seed);
	g_test_add_func("/engine/too-many-vcpus", test_too_many_vcpus);
	g_test_add_func("/engine/place-is-taken", test_place_is_taken);
	return g_test_run();
}
