/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's loop: choose, act, let the task go on until it announces again.
 * All of it is one function once the compiler is done: a switch to a task's
 * stack costs every register, and a run has as many of them as stretches.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include "sim/engine/state.h"
#include "sim/kern/sim/stores.h"

#define UNASKED_MAX	1024	/* in a row: a loop of fences must not go on for ever */

#define in_line	static inline __attribute__((always_inline))

/* What a task on whose stack something went wrong is guilty of. */
static void fail_signal(struct engine *e, struct task *t)
{
	const struct softirq *softirq = softirq_of(e, t->sim.cpu);
	uint8_t *stack = softirq ? softirq->stack : t->stack;
	uint8_t *at = guard_address;
	char what[96];

	if (guard_signal == SIGPROF)
		snprintf(what, sizeof(what), "announced nothing for %u s of CPU time after",
			 e->plan->hang_seconds);
	else if (at >= stack - STACK_GUARD && at < stack)
		snprintf(what, sizeof(what), "overflowed its stack after");
	else
		snprintf(what, sizeof(what), "died of signal %d (%s) after", guard_signal,
			 strsignal(guard_signal));
	e->hung = guard_signal == SIGPROF;
	guard_signal = 0;
	fail_access(e, t, what);
}

/* Something out of the ordinary came of a stretch. */
static __attribute__((noinline)) void attend(struct engine *e, struct task *t)
{
	if (guard_signal)
		fail_signal(e, t);
	else if (t->sim.ev.order & SIM_FAULT)
		fail_reach(e, t);
	else if (!e->run->over)
		act_walk_moved(e, t);
}

/* Run t's code until it announces, asks, or does something it must not. */
in_line void go(struct engine *e, struct task *t)
{
	struct run_state *r = e->run;
	long granted = 0;

	/*
	 * An operation begins with its first event, and a set that may have changed
	 * ends the stretch: the next access must come back here.
	 */
	if (!(e->stepwise | t->begin_pending | r->set_dirty | r->list_dirty))
		granted = r->left;
	sim.store_room = t->begin_pending ? 0 : e->store_room;
	if (G_UNLIKELY(e->softirqs != NULL) && softirq_may_come(e, t->sim.cpu))
		sim.store_room = 0;
	sim.cur = &t->sim;
	sim.quantum = granted;
	guard_stretch++;
	guard_on_task = true;
	sim_switch(&sim.main, &t->sim.ctx);
	guard_on_task = false;
	if (sim.quantum > 0)
		granted -= sim.quantum;
	r->left -= granted;
	r->points += granted;
	if (sim.nr_visits)
		act_visits(e, t);
	if (G_UNLIKELY((guard_signal | (t->sim.ev.order & SIM_FAULT)) ||
		       t->sim.pass_steps > e->pass_steps_alarm))
		attend(e, t);
}

/* Reads must be noted from the start of the operation on: begin the run again. */
static void must_note_reads(struct engine *e, const struct task *t)
{
	if (t->sim.ev.kind != EV_RELAX || e->slow_only || e->plan->spin_real)
		return;
	e->slow_only = true;
	e->used_bytes += e->plan->n_tasks * (e->calls_back ? 2 : 1) * sizeof(*e->reads);
	e->run->over = true;
}

/* Nobody else could tell when it happens: a store that enters t's own buffer. */
static bool goes_unasked(const struct engine *e, const struct task *t)
{
	if (e->softirqs && softirq_may_come(e, t->sim.cpu))
		return false;	/* but a callback that comes between two could */
	return !e->model->direct && !t->begin_pending && t->sim.ev.kind != EV_NONE &&
	       !e->model->asked(e->model_state, t->sim.cpu, &t->sim.ev);
}

static void act_unasked(struct engine *e, struct task *t)
{
	e->unasked = true;
	t->sim.result = act_event(e, t);
	e->unasked = false;
}

/* Under models with buffers most events wait for stores of their own cpu, if for anything. */
static inline bool may_wait(const struct task *t)
{
	return !t->sim.buffer || t->sim.buffer->stores || t->sim.ev.kind == EV_ALLOC;
}

/* Answer t's requests until it stands before an event that must be chosen. */
in_line void settle(struct engine *e, struct task *t)
{
	struct run_state *r = e->run;
	unsigned int unasked = 0;

	while (!r->over) {
		if (t->sim.ev.kind >= EV_UNASKED) {
			t->sim.result = act_request(e, t);
			if (t->sim.ev.kind < EV_UNASKED)	/* done, or it has to choose */
				break;
		} else if (goes_unasked(e, t) && unasked++ < UNASKED_MAX) {
			act_unasked(e, t);
		} else {
			break;
		}
		if (!r->over)
			go(e, t);
	}
	switch (t->sim.ev.kind) {
	case EV_LOCK:
		/* It stays enabled unless the lock is held and nobody can queue. */
		sim.lockers++;
		if (G_UNLIKELY(e->softirqs != NULL))
			softirq_look_at_lock(e, t);
		if (e->model->direct)
			r->set_dirty |= !lock_is_free(&t->sim.ev);
		else
			choice_update(e, t);
		break;
	case EV_NONE:
	case EV_RELAX:
		r->set_dirty = true;
		must_note_reads(e, t);
		break;
	default:
		/* Who runs is among those that can; it is news only if it must wait. */
		if (e->model->direct ? e->frees_by_rcu && t->sim.ev.kind == EV_ALLOC : may_wait(t))
			choice_update(e, t);
	}
}

static bool limit_reached(struct engine *e)
{
	if (!e->events_max || e->run->points < e->events_max)
		return false;
	if (e->stops)
		engine_stop(e, RUN_STOPPED, "the run is cut short here");
	else
		engine_stop(e, RUN_INCOMPLETE, "limits.events was reached before the run's end");
	return true;
}

static void drain(struct engine *e, unsigned int place)
{
	const struct choice *c = &e->set.ev[place];
	bool of_lock = !world_class_of(e, sim.heap + c->pick);
	unsigned int cpu = c->cpu;

	e->model->drain(e->model_state, cpu, c->pick);
	e->run->left = 0;
	e->run->points++;
	/* Somebody may have waited for it: its own task, or one that wants a lock. */
	if (of_lock || e->slow_only)
		e->run->set_dirty = true;
	else
		choice_drained(e, place, cpu);
	request_drained(e);
}

/* The system does something by itself; the running task stays who it is. */
static void act_for_system(struct engine *e, unsigned int place)
{
	const struct choice c = e->set.ev[place];
	struct task *t = NULL;

	if (c.kind == CHOICE_DRAIN) {
		drain(e, place);
		return;
	}
	if (c.kind == CHOICE_PREEMPT)
		preempt_take(e, &c);
	else
		t = rcu_free_ends(e, &c);
	e->run->left = 0;
	e->run->points++;
	if (t)
		loop_first_event(e, t);
}

/* Ask who acts next and for how long; false: the run is over. */
in_line bool loop_ask(struct engine *e)
{
	struct run_state *r = e->run;
	struct choice_set *set = &e->set;
	uint32_t quantum = 1;
	const struct choice *c;
	int who, usual;

	if (G_UNLIKELY(!set->n) && e->preemption)
		preempt_give_back(e);
	if (G_UNLIKELY(!set->n)) {
		if (r->alive || softirq_any(e))
			choice_deadlock(e);
		return false;
	}
	if (limit_reached(e))
		return false;
	set->fresh = r->set_changed;
	set->point = r->points;
	who = e->strategy->next(e->strategy_state, set, &quantum);
	usual = MAX(set->running, 0);
	if (G_UNLIKELY(set->complaint != NULL)) {
		engine_stop(e, RUN_DIVERGED, set->complaint);
		set->complaint = NULL;
		return false;
	}
	c = &set->ev[who];
	if (who != usual && (e->flags & ENGINE_RECORD))
		choice_record(e, c, c->kind == CHOICE_TASK ? &e->tasks[c->who].sim.ev : NULL);
	r->set_changed = false;
	r->left = quantum;
	if (e->events_max)
		r->left = MIN(quantum, e->events_max - r->points);
	if (G_UNLIKELY(c->kind != CHOICE_TASK)) {
		act_for_system(e, who);
		return true;
	}
	r->running = c->who;
	set->running = who;
	return true;
}

/* Let r->running be who acts next, if r->left says so; false: the run is over. */
in_line bool loop_choose(struct engine *e)
{
	struct run_state *r = e->run;

	if (r->set_dirty)
		choice_refresh(e);
	else if (r->list_dirty)
		choice_list(e);
	if (r->left && !r->set_changed)
		return true;
	return loop_ask(e);
}

static void stop_in_debugger(struct engine *e, struct task *t)
{
	if (G_LIKELY(!e->break_at) || e->run->points != e->break_at)
		return;
	sim.trap = true;
	sim.cur = &t->sim;
	sim_switch(&sim.main, &t->sim.ctx);
	sim.trap = false;
}

/* The engine acts for the task; false: it goes on waiting where it stands. */
static bool act_for(struct engine *e, struct task *t)
{
	enum ev_kind kind = t->sim.ev.kind;

	stop_in_debugger(e, t);
	if (kind == EV_OP) {
		mix_choose(e, t);
		t->sim.result = (uint64_t)&t->op;
		return true;
	}
	t->sim.result = act_event(e, t);
	return t->sim.ev.kind == kind;
}

/* Once it is chosen. A store does if it goes to memory, not to a buffer. */
static inline bool acts_in_line(const struct engine *e, const struct task *t)
{
	return t->sim.ev.kind == EV_LOAD ||
	       (t->sim.ev.kind == EV_STORE && e->model->direct);
}

/* From one choice to the next announcement; false: the run is over. */
in_line bool turn(struct engine *e)
{
	struct run_state *r = e->run;
	struct task *t;

	if (!loop_choose(e))
		return false;
	if (!r->left)		/* the system has acted */
		return !r->over;
	t = &e->tasks[r->running];
	if (t->begin_pending) {
		act_begin_op(e, t);
		if (r->over)
			return false;
	}
	r->left--;
	r->points++;
	if ((e->stepwise || !acts_in_line(e, t)) && !act_for(e, t))
		return !r->over;
	if (r->over)
		return false;
	go(e, t);
	/* A load or store needs no answer before it is chosen, and changes nobody's turn. */
	if (!acts_in_line(e, t))
		settle(e, t);
	return !r->over;
}

void loop_run(struct engine *e)
{
	while (turn(e))
		;
}

bool loop_point(struct engine *e)
{
	return !e->run->over && turn(e);
}

void loop_first_event(struct engine *e, struct task *t)
{
	go(e, t);
	settle(e, t);
}
