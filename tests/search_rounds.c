/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cycles of a search, gone round; see search_rounds.h. */
#include <string.h>
#include "sim/cmd/recording.h"
#include "tests/search_rounds.h"
#include "tests/search_support.h"

struct round {
	struct engine *e;
	uint64_t at, points;		/* the cycle */
	uint64_t begins;		/* identity */
	uint64_t rounds, rounds_max;
	bool enabled[TASKS_MAX], acted[TASKS_MAX];
	bool waits_unfair[TASKS_MAX];	/* stood before an unfair lock, not always free */
	uint64_t free[TASKS_MAX];	/* points at which it was */
};

static void note_enabled(struct round *r)
{
	const struct engine *e = r->e;
	unsigned int i;

	for (i = 0; i < e->set.n; i++) {
		unsigned int who = e->set.ev[i].who;

		r->enabled[who] = true;
		if (e->plan->lock_fifo || e->tasks[who].sim.ev.kind != EV_LOCK ||
		    ++r->free[who] == r->points)
			r->waits_unfair[who] = false;
	}
}

/* Whoever could act has acted; one that waits for an unfair lock need not. */
static void end_round(struct round *r)
{
	unsigned int i;

	g_assert_cmphex(engine_identity(r->e, 5), ==, r->begins);
	for (i = 0; i < r->e->plan->n_tasks; i++)
		g_assert_true(!r->enabled[i] || r->acted[i] || r->waits_unfair[i]);
	r->rounds++;
	memset(r->enabled, 0, sizeof(r->enabled));
	memset(r->acted, 0, sizeof(r->acted));
	memset(r->waits_unfair, 1, sizeof(r->waits_unfair));
	memset(r->free, 0, sizeof(r->free));
}

/* The same steps as engine_replay() takes, one by one. */
static void go_round(struct round *r, const struct schedule_entry *entries, size_t n)
{
	struct engine *e = r->e;
	uint64_t end = r->at + r->points * r->rounds_max;
	struct run_result run;

	strategy_replay_load(entries, n, false);
	engine_begin(e, 0);
	e->strategy = e->replay_strategy;
	e->strategy->begin(e->strategy_state, e->plan, 0);
	memset(r->waits_unfair, 1, sizeof(r->waits_unfair));
	while (e->run->points < end) {
		bool inside = e->run->points >= r->at;

		if (e->run->points == r->at)
			r->begins = engine_identity(e, 5);
		if (inside && e->run->points > r->at && !((e->run->points - r->at) % r->points))
			end_round(r);
		choice_refresh(e);
		if (inside)
			note_enabled(r);
		g_assert_true(engine_advance(e));
		r->acted[e->run->running] |= inside;
	}
	end_round(r);
	g_assert_null(strategy_replay_complaint(e->strategy_state, true));
	engine_end(e, &run);
	strategy_replay_load(NULL, 0, false);
}

static struct schedule *told_cycle(struct plan *plan, struct round *r)
{
	struct search_result res;
	struct search *s = search_done(plan, NULL, &res);
	struct search_tale tale;
	struct schedule *told;

	g_assert_cmpint(res.verdict, ==, SEARCH_VIOLATED);
	g_assert_cmpint(res.finding, !=, SEARCH_CHECK);
	g_assert_true(search_tell(s, SEARCH_COUNTEREXAMPLE, 0, 0, &tale));
	told = recording_take(search_engine(s), &tale.run, NULL);
	told->cycle_at = r->at = tale.cycle_at;
	told->cycle_points = r->points = tale.cycle_points;
	g_assert_cmpuint(r->points, >, 0);
	search_free(s);
	return told;
}

void search_rounds_check(struct plan *plan, uint64_t rounds)
{
	struct round *r = g_new0(struct round, 1);
	struct schedule *told = told_cycle(plan, r);
	struct schedule_entry *entries;
	struct run_result run;
	GError *error = NULL;
	size_t n;

	g_test_message("%s", plan->name);
	r->rounds_max = rounds;
	entries = recording_entries(told, rounds, &n, &error);
	g_assert_no_error(error);
	r->e = support_engine(plan, ENGINE_IDENTITY);
	engine_stop_at(r->e, r->at + r->points * rounds);
	engine_replay(r->e, 0, entries, n, false, &run);
	g_assert_cmpstr(run.diverged, ==, "");
	g_assert_cmpint(run.verdict, ==, RUN_STOPPED);
	engine_stop_at(r->e, 0);
	go_round(r, entries, n);
	g_assert_cmpuint(r->rounds, ==, rounds);
	engine_free(r->e);
	g_free(entries);
	schedule_free(told);
	g_free(r);
}
