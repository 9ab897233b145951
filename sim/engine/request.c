/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of a task that no other task can observe, and are no points: the
 * next operation of its program, notes for the checks, marks.
 */
#include "core/spte.h"
#include "sim/engine/state.h"

/* Call a hook of all checks that have it and are on, until one fires. */
#define HOOK(e, hook, ...) do {								\
	const struct check_list *__l = &(e)->hooks.hook;				\
	unsigned int __i;								\
	for (__i = 0; __i < __l->n && !(e)->run->over; __i++) {				\
		unsigned int __c = __l->check[__i];					\
		(e)->check[__c]->hook((e), (e)->ghost[__c], ##__VA_ARGS__);		\
	}										\
} while (0)

#define LIST(e, i, hook) do {								\
	if ((e)->check[i]->hook)							\
		(e)->hooks.hook.check[(e)->hooks.hook.n++] = i;				\
} while (0)

void request_list_hooks(struct engine *e)
{
	unsigned int i;

	for (i = 0; i < e->nr_checks; i++) {
		LIST(e, i, op_begin);
		LIST(e, i, op_end);
		LIST(e, i, add_visible);
		LIST(e, i, remove_begin);
		LIST(e, i, visit);
		LIST(e, i, noted);
		if (!(e->flags & ENGINE_SEARCH))
			LIST(e, i, walk_moved);
		LIST(e, i, quiet);
		LIST(e, i, run_end);
	}
}

/* For a search, which must know what each transition did. */
static void request_note_walk(struct engine *e, struct task *t, enum walk_note note)
{
	struct walk_notes *notes = &t->notes;

	if (!(e->flags & ENGINE_SEARCH))
		return;
	g_assert(notes->n < WALK_NOTES_MAX);
	notes->at[notes->n].steps = t->sim.pass_steps - notes->base;
	notes->at[notes->n++].note = note;
	/* A new pass begins at 0; behind a walk's end nothing is counted. */
	notes->base = note == WALK_ENDED ? t->sim.pass_steps : 0;
}

static void request_walk_ends(struct engine *e, struct task *t, int result)
{
	struct run_stats *s = &e->run->stats;
	uint64_t steps = t->walk_steps + t->sim.pass_steps;

	request_note_walk(e, t, WALK_ENDED);
	s->walks++;
	s->walks_complete += result == RMAP_WALK_COMPLETE;
	s->passes++;
	s->steps += steps;
	s->restarts += t->walk_restarts;
	s->slow_paths += t->slow_path;
	s->walk_steps_max = MAX(s->walk_steps_max, steps);
	s->pass_steps_max = MAX(s->pass_steps_max, t->sim.pass_steps);
	s->restarts_max = MAX(s->restarts_max, t->walk_restarts);
	walk_tally_walk(&e->walks, steps, t->walk_restarts);
}

bool request_nothing_pending(const struct engine *e)
{
	return !e->model->busy || !e->model->busy(e->model_state);
}

/* No grace period would ever end. */
static void request_in_section(struct engine *e, struct task *t)
{
	check_fail(e, check_find("locking"), task_number(e, t),
		   "%s has ended %s and never left the read-side section that it began there",
		   engine_actor(e, t), plan_op_walks(t->op.kind) ? "a walk" : "an operation");
}

static void request_end_op(struct engine *e, struct task *t, int result)
{
	struct run_state *r = e->run;
	int who = task_number(e, t);

	if (t->sim.section)
		request_in_section(e, t);
	t->in_op = false;
	t->operations_done++;
	r->stats.adds += t->op.kind == PLAN_OP_ADD && !result;
	r->stats.removes += t->op.kind == PLAN_OP_REMOVE && !result;
	if (e->model->rest && plan_synchronises(e->plan))
		e->model->rest(e->model_state, t->sim.cpu);
	if (plan_op_walks(t->op.kind))
		request_walk_ends(e, t, result);
	if (t->op.kind == PLAN_OP_ADD && !result)
		e->spte_rmap[t->op.spte] = t->op.rmap + 1;
	HOOK(e, op_end, who, &t->op, result);
	if (t->op.kind == PLAN_OP_ADD && !result && !r->over) {
		struct model_note note = {
			.cpu = t->sim.cpu, .kind = NOTE_ADDED, .arg = t->op.spte,
		};

		e->model->note(e->model_state, &note);
	}
	if (!t->writing)
		return;
	t->writing = false;
	if (!--r->writers_inside && request_nothing_pending(e))
		HOOK(e, quiet);
}

static void request_add_visible(struct engine *e, const struct model_note *note)
{
	struct plan_op op = { .kind = PLAN_OP_ADD, .spte = note->arg };

	if (!e->spte_rmap[note->arg])
		return;		/* it has gone again before all could see it */
	op.rmap = e->spte_rmap[note->arg] - 1;
	if (e->model->visible)
		e->model->visible(e->model_state, note->arg);
	HOOK(e, add_visible, note->cpu, &op);
}

/* The stores that were made before this note are now visible to all. */
void request_deliver(const struct model_note *note)
{
	struct engine *e = engine_present;

	switch (note->kind) {
	case NOTE_ADDED:
		request_add_visible(e, note);
		break;
	case NOTE_RCU_LEFT:
		rcu_left(e, note->cpu);
		break;
	case NOTE_FREED:
		slab_handed_over(e, note->arg);
		break;
	case NOTE_GUEST_WROTE:
		HOOK(e, noted, note->cpu, KVM_NOTE_GUEST_WROTE, NULL, note->arg);
		break;
	case NOTE_PAGE_FREED:
		HOOK(e, noted, note->cpu, KVM_NOTE_PAGE_FREED, sim.heap + note->arg, 0);
		break;
	case NOTE_RCU_FREED:
		rcu_free_starts(e, note->arg);
		break;
	}
}

void request_drained(struct engine *e)
{
	if (e->hooks.quiet.n && !e->run->writers_inside && request_nothing_pending(e))
		HOOK(e, quiet);
}

static void request_finish(struct engine *e, struct task *t)
{
	struct run_state *r = e->run;

	t->done = true;
	t->sim.ev.kind = EV_NONE;
	if (e->model->rest)
		e->model->rest(e->model_state, t->sim.cpu);
	r->alive--;
	r->set_dirty = true;
	if (e->plan->tasks[task_number(e, t)].forever || --r->once_alive)
		return;
	r->ending = true;
}

/* The program's next operation; false: there is none, or it must be chosen. */
static bool request_next_op(struct engine *e, struct task *t)
{
	const struct plan_task *pt = &e->plan->tasks[task_number(e, t)];

	if (pt->forever ? e->run->ending :
	    pt->n_mix ? t->operations_done == pt->operations : t->op_index == pt->n_ops) {
		request_finish(e, t);
		return false;
	}
	if (pt->n_mix) {
		t->sim.ev.kind = EV_OP;
		return false;
	}
	if (t->op_index == pt->n_ops)
		t->op_index = 0;
	t->op = pt->ops[t->op_index++];
	return true;
}

static uint64_t request_op_next(struct engine *e, struct task *t)
{
	if (t->in_op)
		request_end_op(e, t, (int)t->sim.ev.operand);
	sim_has_no_address(&t->sim);
	if (e->run->over || !request_next_op(e, t))
		return 0;
	t->begin_pending = true;
	t->sim.op_id = hash_mix(t->op_index, t->op.kind);
	t->sim.op_base = t->sim.id = t->sim.op_id;
	return (uint64_t)&t->op;
}

void act_begin_op(struct engine *e, struct task *t)
{
	struct run_state *r = e->run;

	if (e->operations_max && r->operations >= e->operations_max) {
		engine_stop(e, RUN_INCOMPLETE,
			    "limits.operations was reached before the run's end");
		return;
	}
	t->begin_pending = false;
	t->in_op = true;
	t->writing = plan_op_writes(t->op.kind);
	r->writers_inside += t->writing;
	r->operations++;
	r->stats.operations++;
	if (e->slow_only)	/* an operation waits for what it has read itself */
		e->reads[task_number(e, t)] = (struct task_reads){ 0 };
	t->walk_steps = 0;
	t->sim.pass_steps = 0;
	t->notes.base = 0;
	t->walk_restarts = 0;
	t->slow_path = 0;
	if (e->model->sync && plan_synchronises(e->plan))
		e->model->sync(e->model_state, t->sim.cpu);
	if (e->stepwise)
		trace_event(e, t, 0, 0, "begins");
	HOOK(e, op_begin, task_number(e, t), &t->op);
}

static void setup_mapped_large(struct engine *e, unsigned int table)
{
	uint64_t *sptep = &e->kvm->root[table];
	struct plan_op op = {
		.kind = PLAN_OP_ADD, .spte = world_spte_number(e, sptep), .rmap = spte_gfn(*sptep),
	};

	e->spte_rmap[op.spte] = op.rmap + 1;
	HOOK(e, add_visible, 0, &op);
}

/* The setup's operations, done outside of any task. */
void act_setup_done(struct engine *e, const struct plan_op *op)
{
	if (op->kind == PLAN_OP_ADD) {
		e->spte_rmap[op->spte] = op->rmap + 1;
		HOOK(e, add_visible, 0, op);
	} else if (op->kind == PLAN_OP_REMOVE) {
		HOOK(e, remove_begin, 0, op);
		e->spte_rmap[op->spte] = 0;
	} else if (op->kind == PLAN_OP_MAP_LARGE) {
		setup_mapped_large(e, op->spte);
	}
}

void act_run_end(struct engine *e)
{
	HOOK(e, run_end);
}

static void request_remove_begin(struct engine *e, struct task *t)
{
	HOOK(e, remove_begin, task_number(e, t), &t->op);
	e->spte_rmap[t->op.spte] = 0;
}

static unsigned int request_entries(const struct engine *e, unsigned int rmap)
{
	unsigned int i, n = 0;

	for (i = 0; i < plan_spte_slots(e->plan); i++)
		n += e->spte_rmap[i] == rmap + 1;
	return n;
}

/* What an operation finds when it has got mmu_lock, in plans in which some task zaps. */
static bool request_may(const struct engine *e, const struct plan_op *op)
{
	switch (op->kind) {
	case PLAN_OP_ADD:
		return !e->spte_rmap[op->spte];
	case PLAN_OP_REMOVE:
		return e->spte_rmap[op->spte] == op->rmap + 1;
	case PLAN_OP_RECYCLE:
		return request_entries(e, op->rmap) > e->plan->recycle_threshold;
	default:
		return true;
	}
}

static void request_zap_begin(struct engine *e, struct task *t)
{
	struct plan_op op = { .kind = PLAN_OP_REMOVE, .rmap = t->op.rmap };

	for (op.spte = 0; op.spte < plan_spte_slots(e->plan); op.spte++) {
		if (e->spte_rmap[op.spte] != op.rmap + 1)
			continue;
		HOOK(e, remove_begin, task_number(e, t), &op);
		e->spte_rmap[op.spte] = 0;
	}
}

static void request_visit(struct engine *e, struct task *t, const void *sptep)
{
	int spte = world_spte_number(e, sptep);

	if (spte < 0) {
		t->sim.ev.addr = (void *)sptep;
		fail_access(e, t, "visits what is no spte");
		return;
	}
	e->run->stats.visits++;
	e->run->stats.foreign += e->spte_rmap[spte] != t->op.rmap + 1;
	HOOK(e, visit, task_number(e, t), spte);
}

/* For digest and observer: as if it had been announced. */
static void request_tell_visit(struct engine *e, struct task *t, const void *sptep)
{
	struct sim_event keep = t->sim.ev;

	t->sim.ev = (struct sim_event){
		.kind = EV_VISIT, .size = 8, .addr = (void *)sptep, .site = keep.site,
	};
	digest_event(e, t, 0);
	trace_event(e, t, 0, 0, NULL);
	t->sim.ev = keep;
}

/* Visits that the task noted in line, in order. */
void act_visits(struct engine *e, struct task *t)
{
	unsigned int i, n = sim.nr_visits;

	sim.nr_visits = 0;
	for (i = 0; i < n && !e->run->over; i++) {
		if (e->stepwise)
			request_tell_visit(e, t, sim.visits[i]);
		request_visit(e, t, sim.visits[i]);
	}
}

static void request_next_pass(struct engine *e, struct task *t)
{
	struct run_stats *s = &e->run->stats;

	s->passes++;
	s->pass_steps_max = MAX(s->pass_steps_max, t->sim.pass_steps);
	HOOK(e, walk_moved, task_number(e, t));
	t->walk_steps += t->sim.pass_steps;
	t->sim.pass_steps = 0;
}

static void request_restart(struct engine *e, struct task *t)
{
	t->walk_restarts++;
	request_note_walk(e, t, WALK_RESTARTED);
	request_next_pass(e, t);
}

/* The pass under mmu_lock is one more, but no restart. */
static void request_slow_path(struct engine *e, struct task *t)
{
	t->slow_path = 1;
	request_note_walk(e, t, WALK_SLOW_PATH);
	request_next_pass(e, t);
}

void act_walk_moved(struct engine *e, struct task *t)
{
	HOOK(e, walk_moved, task_number(e, t));
}

static void request_warn(struct engine *e, struct task *t)
{
	const struct sim_event *ev = &t->sim.ev;

	check_fail(e, check_find("warn"), task_number(e, t), "WARN_ON_ONCE(%s) in %s at %s:%u (%s)",
		   (const char *)ev->operand, engine_actor(e, t),
		   ev->site->file, ev->site->line, ev->site->func);
}

static void request_assert_held(struct engine *e, struct task *t)
{
	const struct sim_event *ev = &t->sim.ev;
	unsigned int i;

	for (i = 0; i < LOCKS_HELD_MAX; i++) {
		if (t->sim.held[i] == ev->addr)
			return;
	}
	check_fail(e, check_find("locking"), task_number(e, t),
		   "%s does not hold mmu_lock where it must, at %s:%u (%s)",
		   engine_actor(e, t), ev->site->file, ev->site->line,
		   ev->site->func);
}

/* The add has returned: from here on, where its stores are seen, it is in the list. */
static void request_listed(struct engine *e, struct task *t, unsigned int spte, unsigned int gfn)
{
	struct model_note note = { .cpu = t->sim.cpu, .kind = NOTE_ADDED, .arg = spte };

	e->spte_rmap[spte] = gfn + 1;
	e->model->note(e->model_state, &note);
}

static void request_unlisted(struct engine *e, struct task *t, unsigned int spte, unsigned int gfn)
{
	struct plan_op op = { .kind = PLAN_OP_REMOVE, .spte = spte, .rmap = gfn };

	HOOK(e, remove_begin, task_number(e, t), &op);
	e->spte_rmap[spte] = 0;
}

static void request_noted(struct engine *e, struct task *t)
{
	const struct sim_event *ev = &t->sim.ev;
	struct model_note wrote = {
		.cpu = t->sim.cpu, .kind = NOTE_GUEST_WROTE, .arg = ev->operand,
	};
	struct model_note freed = {
		.cpu = t->sim.cpu, .kind = NOTE_PAGE_FREED,
		.arg = (const uint8_t *)ev->addr - sim.heap,
	};

	switch (ev->order) {
	case KVM_NOTE_LISTED:
		request_listed(e, t, world_spte_number(e, ev->addr), ev->operand);
		break;
	case KVM_NOTE_UNLISTED:
		request_unlisted(e, t, world_spte_number(e, ev->addr), ev->operand);
		break;
	case KVM_NOTE_GUEST_WROTE:
		e->model->note(e->model_state, &wrote);
		break;
	case KVM_NOTE_PAGE_FREED:
		e->model->note(e->model_state, &freed);
		break;
	default:
		HOOK(e, noted, task_number(e, t), ev->order, ev->addr, ev->operand);
	}
}

static uint64_t request_switch(struct engine *e, struct task *t)
{
	switch (t->sim.ev.kind) {
	case EV_OP_NEXT:
		return request_op_next(e, t);
	case EV_REMOVE_BEGIN:
		request_remove_begin(e, t);
		return 0;
	case EV_MAY:
		return request_may(e, &t->op);
	case EV_ZAP_BEGIN:
		request_zap_begin(e, t);
		return 0;
	case EV_VISIT:
		request_visit(e, t, t->sim.ev.addr);
		return 0;
	case EV_RESTART:
		request_restart(e, t);
		return 0;
	case EV_SLOW_PATH:
		request_slow_path(e, t);
		return 0;
	case EV_MOVE:
		if (e->model->move)
			e->model->move(e->model_state, t->sim.cpu, t->sim.ev.deps);
		return 0;
	case EV_DEPEND:
		sim_has_address(&t->sim, (uint64_t)t->sim.ev.addr);
		if (e->model->depend)
			e->model->depend(e->model_state, t->sim.cpu, t->sim.ev.addr);
		return 0;
	case EV_NOTE:
		request_noted(e, t);
		return 0;
	case EV_WARN:
		request_warn(e, t);
		return 0;
	case EV_CACHE_OF:
		return (uint64_t)slab_of(e, t->sim.ev.addr, &(uint16_t){ 0 });
	case EV_SOFTIRQ_END:
		softirq_end(e, t);
		return 0;
	default:
		request_assert_held(e, t);
		return 0;
	}
}

/* For digest and observer, before it takes effect. */
static void request_tell(struct engine *e, struct task *t)
{
	const struct sim_event *ev = &t->sim.ev;
	bool ends = ev->kind == EV_OP_NEXT && t->in_op;

	if (ev->kind == EV_MAY || ev->kind == EV_MOVE || ev->kind == EV_DEPEND ||
	    ev->kind == EV_NOTE || ev->kind == EV_CACHE_OF || ev->kind == EV_SOFTIRQ_END ||
	    (ev->kind == EV_OP_NEXT && !ends))
		return;
	digest_event(e, t, 0);
	trace_event(e, t, 0, ev->operand, ends ? "ends" : NULL);
}

uint64_t act_request(struct engine *e, struct task *t)
{
	if (e->stepwise)
		request_tell(e, t);
	return request_switch(e, t);
}
