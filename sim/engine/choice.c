/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place that every choice passes: what happens next, and the questions
 * inside a transition. Strategies, replay and searches differ only in how they
 * answer; the answers that are not the default make up the schedule.
 */
#include <string.h>
#include "sim/engine/state.h"

static void choice_record(struct engine *e, const struct choice *c, const struct sim_event *ev)
{
	struct run_state *r = e->run;
	struct schedule_record *rec;

	if (!(e->flags & ENGINE_RECORD))
		return;
	if (r->recorded == e->record_room) {
		e->record_room = e->record_room ? 2 * e->record_room : 1024;
		e->record = g_renew(struct schedule_record, e->record, e->record_room);
	}
	rec = &e->record[r->recorded++];
	rec->after = r->points - r->recorded_point;
	rec->choice = *c;
	rec->ev = ev ? *ev : (struct sim_event){ .kind = EV_NONE };
	r->recorded_point = r->points;
}

/* Which tasks may be chosen now; remembers whether that has changed. */
void choice_refresh(struct engine *e)
{
	uint64_t enabled[SET_WORDS] = { 0 };
	struct run_state *r = e->run;
	struct choice_set *set = &e->set;
	unsigned int i, j;

	set->n = 0;
	set->running = -1;
	for (i = 0; i < e->plan->n_tasks; i++) {
		if (!act_enabled(e, &e->tasks[i]))
			continue;
		enabled[i / 64] |= 1ull << (i % 64);
		set->ev[set->n++] = (struct choice){ .kind = CHOICE_TASK, .cpu = i, .who = i };
	}
	if (memcmp(enabled, r->enabled, sizeof(enabled))) {
		memcpy(r->enabled, enabled, sizeof(enabled));
		r->set_changed = true;
	}
	for (i = 0; e->model->pending && i < e->plan->n_tasks; i++) {
		unsigned int n = e->model->pending(e->model_state, i);

		for (j = 0; j < n && set->n < CHOICE_SET_MAX; j++)
			set->ev[set->n++] = (struct choice){ CHOICE_DRAIN, i, i, j };
		r->set_changed |= n > 0;
	}
	r->set_dirty = false;
}

/* Nobody can go on and not all are done: say who waits for what. */
static void choice_deadlock(struct engine *e)
{
	GString *who = g_string_new(NULL);
	char words[160];
	unsigned int i, j, k;

	for (i = 0; i < e->plan->n_tasks; i++) {
		struct task *t = &e->tasks[i];

		if (t->done)
			continue;
		engine_event_words(e, &t->sim.ev, words, sizeof(words));
		g_string_append_printf(who, "%s%s waits in %s", who->len ? "; " : "",
				       engine_task_name(e, i), words);
		for (j = 0; j < e->plan->n_tasks; j++) {
			for (k = 0; k < LOCKS_HELD_MAX; k++) {
				if (e->tasks[j].sim.held[k] && e->tasks[j].sim.held[k] == t->sim.ev.addr)
					g_string_append_printf(who, ", held by %s",
							       engine_task_name(e, j));
			}
		}
	}
	check_fail(e, check_find("locking"), -1, "deadlock: %s", who->str);
	g_string_free(who, TRUE);
}

/* Known from the last answer while the set stays the same. */
static int choice_running_place(const struct engine *e)
{
	unsigned int i;

	if (!e->run->set_changed && e->set.running >= 0)
		return e->set.running;

	for (i = 0; i < e->set.n; i++) {
		if (e->set.ev[i].kind == CHOICE_TASK && e->set.ev[i].who == e->run->running)
			return i;
	}
	return -1;
}

void engine_stop(struct engine *e, enum run_verdict verdict, const char *message)
{
	e->run->over = true;
	e->run->verdict = verdict;
	g_strlcpy(e->message, message, sizeof(e->message));
}

static bool choice_limits(struct engine *e)
{
	const struct plan *plan = e->plan;

	if (plan->events_max && e->run->points >= plan->events_max)
		engine_stop(e, RUN_INCOMPLETE, "limits.events was reached before the run's end");
	return !e->run->over;
}

static void choice_ask(struct engine *e)
{
	struct run_state *r = e->run;
	struct choice_set *set = &e->set;
	uint32_t quantum = 1;
	unsigned int who, usual;
	const struct choice *c;

	set->running = choice_running_place(e);
	set->fresh = r->set_changed;
	set->point = r->points;
	set->complaint = NULL;
	usual = set->running >= 0 ? set->running : 0;
	who = e->strategy->next(e->strategy_state, set, &quantum);
	if (set->complaint) {
		engine_stop(e, RUN_DIVERGED, set->complaint);
		return;
	}
	c = &set->ev[who];
	if (who != usual)
		choice_record(e, c, c->kind == CHOICE_TASK ? &e->tasks[c->who].sim.ev : NULL);
	r->set_changed = false;
	r->left = quantum;
	if (e->plan->events_max && e->plan->events_max - r->points < quantum)
		r->left = e->plan->events_max - r->points;
	set->running = -1;
	if (c->kind == CHOICE_TASK) {
		r->running = c->who;
		set->running = who;
		return;
	}
	e->model->drain(e->model_state, c->cpu, c->pick);
	r->left = 0;
	r->points++;
	r->set_dirty = true;
}

/* Let r->running be who acts next; false: the run is over. */
bool choice_next(struct engine *e)
{
	struct run_state *r = e->run;

	for (;;) {
		if (r->over || !r->alive)
			return false;
		if (r->set_dirty)
			choice_refresh(e);
		if (r->left && !r->set_changed)
			return true;
		if (!choice_limits(e))
			return false;
		if (!e->set.n) {
			choice_deadlock(e);
			return false;
		}
		choice_ask(e);
		if (r->left)
			return !r->over;
	}
}

/* One of n >= 1 alternatives inside t's transition; answer is the default. */
uint32_t choice_pick(struct engine *e, enum choice_kind kind, struct task *t, uint32_t n,
		     uint32_t answer)
{
	struct choice c = { .kind = kind, .cpu = t->sim.cpu, .who = task_number(e, t) };
	uint32_t usual = answer;

	if (e->strategy->pick)
		e->strategy->pick(e->strategy_state, &c, e->run->points, n, &answer);
	c.pick = answer;
	if (answer != usual)
		choice_record(e, &c, NULL);
	return answer;
}
