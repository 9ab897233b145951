/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preemptions: a task that is away does nothing, its store buffer drains, it
 * comes back in time or when nobody else can go on; a recorded schedule, a
 * checkpoint and a stepwise run are the same run; what `no` says is none.
 */
#include <string.h>
#include "output/schedule.h"
#include "sim/engine/state.h"
#include "tests/support.h"

#define TASKS	8

struct seen {
	const struct engine *e;
	uint64_t taken, early, in_time, drained, under_lock;
	bool away[TASKS];
	uint64_t back[TASKS];		/* point */
};

static bool somebody_acts(const struct trace_record *rec)
{
	return rec->task >= 0 && !rec->violation && rec->event.kind != EV_PREEMPT &&
	       rec->event.kind != EV_VISIT;
}

static void note_preempt(struct seen *s, const struct trace_record *rec)
{
	g_assert_true(s->away[rec->task] == !rec->event.operand);
	s->away[rec->task] = rec->event.operand > 0;
	if (rec->event.operand) {
		g_assert_cmpuint(rec->event.operand, ==, s->e->plan->preempt_points);
		s->back[rec->task] = rec->point + rec->event.operand;
		s->taken++;
		s->under_lock += s->e->tasks[rec->task].sim.held[0] != NULL;
	} else {
		g_assert_cmpuint(rec->point, <=, s->back[rec->task]);
		s->in_time += rec->point == s->back[rec->task];
		s->early += rec->point < s->back[rec->task];
	}
}

static void note(const struct trace_record *rec, void *data)
{
	struct seen *s = data;

	if (rec->event.kind == EV_PREEMPT)
		note_preempt(s, rec);
	else if (somebody_acts(rec))
		g_assert_false(s->away[rec->task]);
	else if (rec->event.kind == EV_DRAIN)
		s->drained += s->away[rec->cpu];
}

static void watch(const char *name, const char *const *set, uint64_t seeds, struct seen *s)
{
	struct plan *plan = support_plan(name, set);
	struct engine *e = support_engine(plan, 0);
	struct run_result run;
	uint64_t seed;

	memset(s, 0, sizeof(*s));
	s->e = e;
	engine_observe(e, note, s);
	for (seed = 1; seed <= seeds; seed++) {
		memset(s->away, 0, sizeof(s->away));
		engine_run(e, seed, &run);
		g_assert_cmpint(run.verdict, ==, RUN_CLEAN);
	}
	engine_free(e);
	plan_free(plan);
}

static void test_stands_still(void)
{
	const char *names[] = { "random", "speeds", "round-robin" };
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		char *strategy = g_strconcat("scenario.strategy=", names[i], NULL);
		const char *set[] = { "memory.model=tso", "machine.preempt-every=20",
				      "machine.preempt-points=30", strategy, NULL };
		struct seen s;

		watch("preempt-lock-holder", set, 50, &s);
		g_assert_cmpuint(s.taken, >, 100);
		g_assert_cmpuint(s.in_time, >, 100);
		g_assert_cmpuint(s.under_lock, >, 10);
		g_assert_cmpuint(s.drained, >, 10);
		g_free(strategy);
	}
}

/* Who is waited for comes back at once when nobody else is there to go on. */
static void test_comes_back_early(void)
{
	const char *set[] = { "machine.preempt=yes", "machine.preempt-points=1000000",
			      "machine.preempt-every=20", NULL };
	struct seen s;

	watch("bench-c4", set, 300, &s);
	g_assert_cmpuint(s.early, >, 100);
	g_assert_cmpuint(s.in_time, ==, 0);
	g_assert_cmpuint(s.early, ==, s.taken);
}

/* However often and short they are, something happens between them. */
static void test_others_go_on(void)
{
	const char *set[] = { "machine.preempt=yes", "machine.preempt-points=1",
			      "machine.preempt-every=2", NULL };
	struct seen s;

	watch("bench-c4", set, 20, &s);
	g_assert_cmpuint(s.taken, >, 100);
}

static void test_no_is_none(void)
{
	const char *set[] = { "machine.preempt=no", "machine.preempt-every=2", NULL };
	struct seen s;

	watch("preempt-lock-holder", set, 20, &s);
	g_assert_cmpuint(s.taken, ==, 0);
}

/* What a key says at its default is not in the digest: older schedules still fit. */
static void test_plan_digest(void)
{
	const char *no[] = { "machine.preempt=no", "machine.preempt-points=1000", NULL };
	const char *yes[] = { "machine.preempt=yes", NULL };
	struct plan *plain = support_plan("bench-c1", NULL);
	struct plan *off = support_plan("bench-c1", no), *on = support_plan("bench-c1", yes);

	g_assert_cmphex(plain->digest, ==, off->digest);
	g_assert_cmphex(plain->digest, !=, on->digest);
	plan_free(plain);
	plan_free(off);
	plan_free(on);
}

/* A quick run grants stretches, which must end where somebody is taken or comes back. */
static void test_quick_equals_stepwise(void)
{
	struct plan *plan = support_plan("preempt-lock-holder", NULL);
	struct run_result quick[100], slow;
	struct engine *e = support_engine(plan, 0);
	uint64_t seed;

	for (seed = 0; seed < G_N_ELEMENTS(quick); seed++)
		engine_run(e, seed, &quick[seed]);
	engine_free(e);
	e = support_engine(plan, ENGINE_STEPWISE);
	for (seed = 0; seed < G_N_ELEMENTS(quick); seed++) {
		engine_run(e, seed, &slow);
		g_assert_cmpint(slow.verdict, ==, RUN_CLEAN);
		g_assert_cmpmem(&slow.stats, sizeof(slow.stats), &quick[seed].stats,
				sizeof(slow.stats));
	}
	engine_free(e);
	plan_free(plan);
}

/* The same choices once they have been text. */
static struct schedule *through_text(const struct schedule_entry *entries, size_t n,
				     uint64_t points)
{
	struct schedule *s = schedule_new(), *parsed;
	GError *error = NULL;
	char *text;
	size_t i;

	s->version = g_strdup("1");
	s->scenario = g_strdup("preempt");
	s->strategy = g_strdup("random");
	s->model = g_strdup("tso");
	s->points = points;
	for (i = 0; i < n; i++)
		schedule_add(s, entries[i].after, &entries[i].choice, entries[i].site_hash,
			     entries[i].expect);
	text = schedule_to_text(s);
	parsed = schedule_parse(text, strlen(text), "text", &error);
	g_assert_no_error(error);
	g_free(text);
	schedule_free(s);
	return parsed;
}

static struct schedule_entry *entries_of(const struct schedule *s)
{
	struct schedule_entry *entries = g_new0(struct schedule_entry, s->lines->len + 1);
	guint i;

	for (i = 0; i < s->lines->len; i++) {
		const struct schedule_line *line = &((struct schedule_line *)
						     (void *)s->lines->data)[i];

		entries[i].after = line->after;
		entries[i].choice = line->choice;
		entries[i].site_hash = line->site_hash;
	}
	return entries;
}

static uint64_t replay(struct engine *e, uint64_t seed)
{
	struct run_result straight, replayed;
	const struct schedule_entry *recorded;
	struct schedule_entry *entries;
	struct schedule *s;
	uint64_t preempted = 0;
	size_t n, i;

	engine_run(e, seed, &straight);
	recorded = engine_schedule(e, &n);
	for (i = 0; i < n; i++)
		preempted += recorded[i].choice.kind == CHOICE_PREEMPT;
	s = through_text(recorded, n, straight.stats.points);
	entries = entries_of(s);
	engine_replay(e, seed, entries, n, false, &replayed);
	g_assert_cmpstr(replayed.diverged, ==, "");
	g_assert_cmpint(replayed.verdict, ==, straight.verdict);
	g_assert_cmphex(replayed.digest, ==, straight.digest);
	g_free(entries);
	schedule_free(s);
	return preempted;
}

static void test_schedule_replays(void)
{
	static const struct {
		const char *name, *set[3];
	} worlds[] = {
		{ "preempt-lock-holder", { "memory.model=tso", NULL } },
		{ "preempt-finds-race", { NULL } },
		{ "preempt-rcu-reader", { "memory.model=weak", NULL } },
		{ "preempt-guest-dirty-log", { "scenario.strategy=speeds", NULL } },
	};
	size_t i;

	for (i = 0; i < G_N_ELEMENTS(worlds); i++) {
		struct plan *plan = support_plan(worlds[i].name, worlds[i].set);
		struct engine *e = support_engine(plan, ENGINE_DIGEST | ENGINE_RECORD);
		uint64_t seed, preempted = 0;

		for (seed = 1; seed <= 50; seed++)
			preempted += replay(e, seed);
		g_assert_cmpuint(preempted, >, 50);
		engine_free(e);
		plan_free(plan);
	}
}

/* A search tries none: what it finds is what it finds without. */
static void test_search_has_none(void)
{
	const char *set[] = { "machine.preempt=yes", NULL };
	struct plan *plan = support_plan("bench-c1", set);
	struct engine *e = support_engine(plan, ENGINE_SEARCH);

	g_assert_null(e->preemption);
	engine_free(e);
	plan_free(plan);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/preempt/stands-still", test_stands_still);
	g_test_add_func("/preempt/comes-back-early", test_comes_back_early);
	g_test_add_func("/preempt/others-go-on", test_others_go_on);
	g_test_add_func("/preempt/no-is-none", test_no_is_none);
	g_test_add_func("/preempt/plan-digest", test_plan_digest);
	g_test_add_func("/preempt/quick-equals-stepwise", test_quick_equals_stepwise);
	g_test_add_func("/preempt/schedule-replays", test_schedule_replays);
	g_test_add_func("/preempt/search-has-none", test_search_has_none);
	return g_test_run();
}
