/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hardware runner's parts without hardware: histograms against sorting, the
 * judge on logs made by hand, tapes against the simulator's operations, places
 * on machines that do not exist.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "sim/engine/rng.h"
#include "sim/hw/clock.h"
#include "sim/hw/histogram.h"
#include "sim/hw/judge.h"
#include "sim/hw/sample.h"
#include "sim/hw/tape.h"
#include "sim/hw/topology.h"
#include "tests/support.h"

#define VALUES	20000

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Quantiles against the sorted values, for values of all sizes and for equal ones. */
static void test_histogram_quantiles(void)
{
	static const double quantiles[] = { 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1 };
	uint64_t *value = g_new(uint64_t, VALUES);
	struct hw_histogram *h = g_new0(struct hw_histogram, 1);
	unsigned int bits, i;
	struct rng rng;

	for (bits = 1; bits <= 64; bits += 3) {
		memset(h, 0, sizeof(*h));
		rng_init(&rng, bits, 0);
		for (i = 0; i < VALUES; i++) {
			value[i] = rng_next(&rng) >> (64 - bits) >> rng_below(&rng, bits);
			hw_histogram_add(h, value[i]);
		}
		qsort(value, VALUES, sizeof(*value), by_value);
		g_assert_cmpuint(h->max, ==, value[VALUES - 1]);
		g_assert_cmpuint(hw_histogram_total(h), ==, VALUES);
		for (i = 0; i < G_N_ELEMENTS(quantiles); i++) {
			double exact = value[(int)ceil(quantiles[i] * VALUES) - 1];
			double got = hw_histogram_quantile(h, quantiles[i]);

			g_assert_cmpfloat(fabs(got - exact), <=, exact * HW_HISTOGRAM_ERROR);
		}
	}
	g_free(h);
	g_free(value);
}

/* Each value lies in its bucket, buckets join without a gap. */
static void test_histogram_buckets(void)
{
	struct rng rng;
	int i;

	rng_init(&rng, 1, 1);
	for (i = 0; i < VALUES; i++) {
		uint64_t v = rng_next(&rng) >> rng_below(&rng, 64);
		unsigned int b = hw_histogram_bucket(v);

		g_assert_cmpuint(b, <, HW_HISTOGRAM_BUCKETS);
		g_assert_cmpfloat(hw_histogram_low(b), <=, v);
		g_assert_cmpfloat(v, <=, hw_histogram_low(b + 1));
		g_assert_cmpuint(hw_histogram_bucket(hw_histogram_low(b)), ==, b);
	}
	g_assert_cmpuint(hw_histogram_bucket(UINT64_MAX), ==, HW_HISTOGRAM_BUCKETS - 1);
	g_assert_cmpuint(hw_histogram_bucket(0), ==, 0);
}

static void test_histogram_merge(void)
{
	struct hw_histogram *a = g_new0(struct hw_histogram, 1);
	struct hw_histogram *b = g_new0(struct hw_histogram, 1);

	g_assert_cmpfloat(hw_histogram_quantile(a, 0.5), ==, 0);
	hw_histogram_add(a, 5);
	hw_histogram_add(b, 1000000);
	hw_histogram_add(b, 7);
	hw_histogram_merge(a, b);
	g_assert_cmpuint(a->n, ==, 3);
	g_assert_cmpuint(a->max, ==, 1000000);
	g_assert_cmpuint(hw_histogram_total(a), ==, 3);
	g_assert_cmpfloat(hw_histogram_quantile(a, 0.5), ==, 7);
	g_free(a);
	g_free(b);
}

#define SPTES	70	/* two words of bits */
#define OFFSET	100

/* One writer's log and one walker's, of spte65 in rmap1. */
struct scene {
	uint16_t start[SPTES];
	struct hw_event event[4];
	struct hw_log log[2];
	struct hw_walk *walk;
	struct hw_verdict verdict;
};

static void scene_init(struct scene *s)
{
	unsigned int stride = hw_judge_stride(SPTES);

	*s = (struct scene){ .walk = g_malloc0(stride) };
	s->log[0] = (struct hw_log){ .event = s->event };
	s->log[1] = (struct hw_log){ .walks = (char *)s->walk, .n_walks = 1 };
	s->walk->begin = 1000;
	s->walk->end = 2000;
	s->walk->rmap = 1;
	s->walk->complete = true;
}

static void scene_event(struct scene *s, bool add, uint64_t time, unsigned int rmap)
{
	s->event[s->log[0].n_events++] = (struct hw_event){
		.time = time, .spte = 65, .rmap = rmap, .add = add,
	};
}

/* Judges, expects so many obligations and so many missed, and starts anew. */
static void scene_judge(struct scene *s, unsigned int obligations, unsigned int missed)
{
	struct hw_judge *j = hw_judge_new(SPTES, 16);

	hw_judge_lap(j, s->start, s->log, 2, OFFSET, &s->verdict);
	hw_judge_free(j);
	g_assert_cmpuint(s->verdict.obligations, ==, obligations);
	g_assert_cmpuint(s->verdict.missed, ==, missed);
	g_assert_cmpuint(s->verdict.judged, ==, !!obligations);
	g_free(s->walk);
	scene_init(s);
}

static void test_judge_certain(void)
{
	struct scene s;

	scene_init(&s);
	/* There throughout, not visited. */
	s.start[65] = 2;
	scene_judge(&s, 1, 1);
	scene_event(&s, true, 899, 1);
	scene_judge(&s, 1, 1);
	s.start[65] = 2;
	scene_event(&s, false, 2101, 1);
	scene_judge(&s, 1, 1);
	/* There throughout, visited. */
	s.start[65] = 2;
	s.walk->seen[1] = 1ull << 1;
	scene_judge(&s, 1, 0);
	/* Again in the list after it had been away. */
	s.start[65] = 2;
	scene_event(&s, false, 500, 1);
	scene_event(&s, true, 600, 1);
	scene_event(&s, false, 3000, 1);
	scene_judge(&s, 1, 1);
	g_free(s.walk);
}

static void test_judge_uncertain(void)
{
	struct scene s;

	scene_init(&s);
	/* Too close to the walk's beginning, or its end. */
	scene_event(&s, true, 900, 1);
	scene_judge(&s, 0, 0);
	s.start[65] = 2;
	scene_event(&s, false, 2100, 1);
	scene_judge(&s, 0, 0);
	/* Away for a moment during the walk. */
	s.start[65] = 2;
	scene_event(&s, false, 1400, 1);
	scene_event(&s, true, 1500, 1);
	scene_judge(&s, 0, 0);
	/* In another list; not there at all; a walk that was not complete. */
	s.start[65] = 1;
	scene_judge(&s, 0, 0);
	scene_judge(&s, 0, 0);
	s.start[65] = 2;
	s.walk->complete = false;
	scene_judge(&s, 0, 0);
	g_free(s.walk);
}

static void test_judge_says_which(void)
{
	struct hw_judge *j = hw_judge_new(SPTES, 16);
	struct scene s;

	scene_init(&s);
	scene_event(&s, true, 800, 1);
	scene_event(&s, false, 2700, 1);
	hw_judge_lap(j, s.start, s.log, 2, OFFSET, &s.verdict);
	g_assert_cmpuint(s.verdict.task, ==, 1);
	g_assert_cmpuint(s.verdict.spte, ==, 65);
	g_assert_cmpuint(s.verdict.rmap, ==, 1);
	g_assert_cmpuint(s.verdict.before, ==, 200);
	g_assert_cmpuint(s.verdict.after, ==, 700);
	hw_judge_free(j);
	g_free(s.walk);
}

/* What the simulator's tasks do, in their order, from the events of one run. */
struct seen {
	const struct hw_tapes *tapes;
	guint *n;
	guint compared;
};

static void see_operation(const struct trace_record *rec, void *data)
{
	struct seen *s = data;
	const struct hw_op *op;

	if (rec->task < 0 || rec->event.kind != EV_OP_NEXT)
		return;
	op = &s->tapes->tape[rec->task].ops[s->n[rec->task]++];
	g_assert_cmpuint(rec->op.kind, ==, op->kind);
	g_assert_cmpuint(rec->op.rmap, ==, op->rmap);
	if (op->kind != PLAN_OP_WALK)
		g_assert_cmpuint(rec->op.spte, ==, op->spte);
	s->compared++;
}

static void test_tape_as_simulated(void)
{
	struct plan *plan = support_plan("churn-nulls-w4", NULL);
	struct hw_tapes *tapes = hw_tapes_new(plan, 7);
	struct seen seen = { .tapes = tapes, .n = g_new0(guint, plan->n_tasks) };
	struct engine *e = support_engine(plan, 0);
	struct run_result run;

	engine_observe(e, see_operation, &seen);
	engine_run(e, 7, &run);
	g_assert_cmpint(run.verdict, ==, RUN_CLEAN);
	g_assert_cmpuint(seen.compared, >, 20);
	engine_free(e);
	g_free(seen.n);
	hw_tapes_free(tapes);
	plan_free(plan);
}

/* A whole tape leads back to the start, or the plan is one of laps. */
static void test_tape_closed(void)
{
	static const char *const closed[] = { "churn-position-w2", "endless", "harness-cost" };
	static const char *const laps[] = { "bench-c1", "busted-scan-up", "walk-under-load" };
	static const gboolean is_lap[] = { TRUE, TRUE, FALSE };
	guint i, k;

	for (i = 0; i < G_N_ELEMENTS(closed); i++) {
		struct plan *plan = support_plan(closed[i], NULL);
		struct hw_tapes *tapes = hw_tapes_new(plan, i);
		uint16_t *where = g_memdup2(tapes->start, plan->nr_sptes * sizeof(*where));
		guint task;

		g_assert_false(tapes->laps);
		for (task = 0; task < tapes->n; task++) {
			for (k = 0; k < tapes->tape[task].n; k++)
				hw_tape_apply(where, &tapes->tape[task].ops[k]);
		}
		g_assert_cmpmem(where, plan->nr_sptes * sizeof(*where), tapes->start,
				plan->nr_sptes * sizeof(*where));
		g_free(where);
		hw_tapes_free(tapes);
		plan_free(plan);
	}
	for (i = 0; i < G_N_ELEMENTS(laps); i++) {
		struct plan *plan = support_plan(laps[i], NULL);
		struct hw_tapes *tapes = hw_tapes_new(plan, 1);

		g_assert_cmpint(tapes->laps, ==, is_lap[i]);
		hw_tapes_free(tapes);
		plan_free(plan);
	}
}

/* Clock 1 is 200 ahead of clock 0, messages take at least 50; clock 2 is 30 behind. */
static void test_clock_bounds(void)
{
	struct hw_offsets *o = hw_offsets_new(4);

	hw_offsets_note(o, 1, false, 250 + 7);
	hw_offsets_note(o, 1, false, 250);
	hw_offsets_note(o, 1, true, -200 + 50);
	g_assert_cmpuint(hw_offsets_bound(o), ==, 250);
	hw_offsets_note(o, 2, false, -30 + 50);
	hw_offsets_note(o, 2, true, 30 + 50);
	g_assert_false(hw_offsets_moved(o));
	/* Clocks 1 and 2 may differ by both bounds; clock 3 was not measured. */
	g_assert_cmpuint(hw_offsets_bound(o), ==, 250 + 80);
	/* Later, more closely; then clock 2 has moved by 1000. */
	hw_offsets_note(o, 1, false, 210);
	g_assert_cmpuint(hw_offsets_bound(o), ==, 210 + 80);
	g_assert_false(hw_offsets_moved(o));
	hw_offsets_note(o, 2, true, 30 + 50 - 1000);
	g_assert_true(hw_offsets_moved(o));
	hw_offsets_free(o);
}

/* Four cores of two threads each: 0-3 and 4-7; thread 5 is not allowed. */
static struct hw_cpu some_cpus[] = {
	{ 0, 0 }, { 1, 1 }, { 2, 2 }, { 3, 3 }, { 4, 0 }, { 6, 2 }, { 7, 3 },
};
static const struct hw_topology some_machine = {
	.allowed_text = (char *)"0-4,6-7", .allowed = some_cpus,
	.n_allowed = G_N_ELEMENTS(some_cpus), .n_cpus = 8, .highest = 7, .threads_per_core = 2,
};

static void place(const char *list, guint n, gboolean oversubscribe, const char *want)
{
	GError *error = NULL;
	guint *cpus = hw_topology_place(&some_machine, list, n, oversubscribe, &error);
	char *got = cpus ? hw_topology_list(cpus, n) : g_strdup(error->message);

	if (!strstr(got, want))
		g_test_message("'%s' has no '%s'", got, want);
	g_assert_nonnull(strstr(got, want));
	g_clear_error(&error);
	g_free(got);
	g_free(cpus);
}

static void test_places(void)
{
	const guint threads[] = { 0, 4 }, cores[] = { 0, 1, 6 }, twice[] = { 3, 3 };

	place(NULL, 4, FALSE, "0,1,2,3");
	place(NULL, 6, FALSE, "0,1,2,3,4,6");
	place("2-3,0", 3, FALSE, "2,3,0");
	place("1", 2, TRUE, "1,1");
	place("1,1", 2, FALSE, "--oversubscribe");
	place(NULL, 8, FALSE, "8 tasks need as many CPUs");
	place("0,99", 2, FALSE, "no CPU 99");
	place("4-6", 2, FALSE, "CPU 5 is not among");
	place("99999999999999999999", 1, FALSE, "no CPU");
	place("0-", 1, FALSE, "valid is a list");
	place("", 1, FALSE, "valid is a list");
	place("0,,1", 1, FALSE, "valid is a list");
	place("3-1", 1, FALSE, "valid is a list");
	g_assert_true(hw_topology_share_core(&some_machine, threads, 2));
	g_assert_false(hw_topology_share_core(&some_machine, cores, 3));
	g_assert_false(hw_topology_share_core(&some_machine, twice, 2));
	g_assert_true(hw_topology_oversubscribed(twice, 2));
	g_assert_false(hw_topology_oversubscribed(cores, 3));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/hw/histogram/quantiles", test_histogram_quantiles);
	g_test_add_func("/hw/histogram/buckets", test_histogram_buckets);
	g_test_add_func("/hw/histogram/merge", test_histogram_merge);
	g_test_add_func("/hw/judge/certain", test_judge_certain);
	g_test_add_func("/hw/judge/uncertain", test_judge_uncertain);
	g_test_add_func("/hw/judge/says-which", test_judge_says_which);
	g_test_add_func("/hw/tape/as-simulated", test_tape_as_simulated);
	g_test_add_func("/hw/tape/closed", test_tape_closed);
	g_test_add_func("/hw/clock/bounds", test_clock_bounds);
	g_test_add_func("/hw/places", test_places);
	return g_test_run();
}
