/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One transition of a search: a choice, and the loads behind it that nobody
 * else can tell from being done at once.
 */
#include <string.h>
#include "sim/search/private.h"

#define STRETCH_COMPARE	256	/* loads after which identities are compared */
#define STRETCH_MAX	1000000

/* There is one search at a time, as there is one engine. */
static struct search *searching;

static void answer_begin(void *state, const struct plan *plan, uint64_t seed)
{
	(void)state;
	(void)plan;
	(void)seed;
}

static unsigned int answer_next(void *state, struct choice_set *set, uint32_t *quantum)
{
	(void)state;
	*quantum = 1;
	return searching->go_on ? (unsigned int)set->running : searching->want;
}

/* A question inside the transition: what was given, then the first answer there is. */
static void answer_pick(void *state, const struct choice *question, uint64_t point, uint32_t n,
			uint32_t *answer)
{
	struct search *s = searching;

	(void)state;
	(void)point;
	s->read_asked |= question->kind == CHOICE_READ;
	if (s->n_picks == GRAPH_PICKS_MAX || n > UINT16_MAX) {
		s->too_many_picks = true;
		return;
	}
	if (s->n_picks >= s->n_given)
		s->picks[s->n_picks] = 0;
	s->of[s->n_picks] = n;
	*answer = s->picks[s->n_picks++];
}

const struct strategy search_strategy = {
	.name = "search",
	.summary = "answers as the search wants",
	.begin = answer_begin,
	.next = answer_next,
	.pick = answer_pick,
};

/* mmu_lock, whichever kind it is; what another lock protects is not what is claimed. */
static bool holds_lock(const struct task *t)
{
	const struct kvm *kvm = engine_present->kvm;
	unsigned int i;

	for (i = 0; kvm && i < LOCKS_HELD_MAX; i++) {
		const void *held = t->sim.held[i];

		if (held == &kvm->mmu_lock.locked || held == &kvm->mmu_rwlock.val)
			return true;
	}
	return false;
}

static bool is_claimed(const struct search *s, const void *addr)
{
	return s->claimed >> world_class_of(s->e, addr) & 1;
}

/* Then the system may free it between two loads. */
static bool waits_for_rcu(const struct search *s, const void *addr)
{
	const struct kmem_cache *c;
	uint16_t object;

	if (!engine_has_graces(s->e))
		return false;
	c = slab_of(s->e, addr, &object);
	return c && (c->live[object] >= SLAB_WAITS || (c->page && !c->live[object]));
}

static bool goes_unasked(const struct search *s, const struct task *t)
{
	return t->sim.ev.kind == EV_LOAD && holds_lock(t) && is_claimed(s, t->sim.ev.addr) &&
	       !waits_for_rcu(s, t->sim.ev.addr);
}

/* A store from outside to words of which it was claimed that there is none. */
static void look_at_claim(struct engine *e, const struct task *t)
{
	const struct sim_event *ev = &t->sim.ev;
	struct search *s = searching;
	unsigned int class;

	(void)e;
	if (holds_lock(t) || !is_claimed(s, ev->addr))
		return;
	class = world_class_of(s->e, ev->addr);
	s->claimed &= ~(1u << class);
	s->claim_broken = true;
	g_snprintf(s->res->claims_broken + strlen(s->res->claims_broken),
		   sizeof(s->res->claims_broken) - strlen(s->res->claims_broken),
		   "%s%s (stored to outside mmu_lock at %s:%u)",
		   *s->res->claims_broken ? ", " : "", s->e->class_name[class], ev->site->file,
		   ev->site->line);
}

/* The number of an action, new or known. Few: stores and loads that can wait at once. */
static uint16_t action_number(struct search *s, enum choice_kind kind, unsigned int cpu,
			      uint32_t place)
{
	size_t i;

	for (i = 0; i < s->n_actions; i++) {
		const struct action *a = &s->actions[i];

		if (a->place == place && a->cpu == cpu && a->kind == kind)
			return s->plan->n_tasks + i;
	}
	if (search_nr_actions(s) == UINT16_MAX) {
		search_limit(s, "more than %d places are stored to or read", UINT16_MAX);
		return 0;
	}
	if (s->n_actions == s->room_actions) {
		s->room_actions = 2 * s->room_actions + 64;
		s->actions = g_renew(struct action, s->actions, s->room_actions);
	}
	s->actions[s->n_actions++] = (struct action){ .kind = kind, .cpu = cpu, .place = place };
	return s->plan->n_tasks + i;
}

static void label_begin(struct search *s, struct task *t, const struct choice *c)
{
	memset(&s->label, 0, sizeof(s->label));
	s->label.choice = *c;
	s->label.action = t && !softirq_of(s->e, c->cpu) ?
			  c->who : action_number(s, c->kind, c->cpu, c->pick);
	s->read_asked = false;
	if (!t)
		return;
	s->place = (uint8_t *)t->sim.ev.addr - sim.heap;
	s->label.fairness = t->sim.ev.kind == EV_LOCK && !s->plan->lock_fifo ? GRAPH_WEAK :
									       GRAPH_STRONG;
	s->label.in_walk = t->in_op && plan_op_walks(t->op.kind) && !softirq_of(s->e, c->cpu);
	t->notes.n = 0;
	t->notes.base = t->sim.pass_steps;
}

static void label_end(struct search *s, const struct task *t)
{
	unsigned int i;

	s->label.n_picks = s->n_picks;
	memcpy(s->label.picks, s->picks, s->n_picks * sizeof(s->picks[0]));
	if (!t)
		return;
	if (s->read_asked) {
		s->label.read_action = action_number(s, CHOICE_READ, s->label.choice.cpu,
						     s->place);
		s->label.reads_newest = !s->picks[0];
	}
	s->label.n_notes = t->notes.n;
	for (i = 0; i < t->notes.n; i++) {
		s->label.notes[i].steps = t->notes.at[i].steps;
		s->label.notes[i].note = t->notes.at[i].note;
	}
	s->label.steps_after = t->sim.pass_steps - t->notes.base;
}

/* A list that is a cycle would keep a walker under mmu_lock for ever. */
static void endless_stretch(struct search *s, const struct task *t)
{
	check_fail(s->e, check_find("termination"), task_number(s->e, t),
		   "%s goes round in a list under mmu_lock for ever: it loads, comes back to the "
		   "state that it has been in, and never lets go (last at %s:%u)",
		   engine_task_name(s->e, task_number(s->e, t)), t->sim.ev.site->file,
		   t->sim.ev.site->line);
	s->res->finding = SEARCH_ENDLESS_PASS;
}

/* What t may do without being asked. */
static void stretch(struct search *s, struct task *t)
{
	uint64_t n, reference = 0, id, look = STRETCH_COMPARE;

	s->go_on = true;
	for (n = 0; !s->e->run->over && goes_unasked(s, t); n++) {
		if (n >= STRETCH_COMPARE) {
			id = engine_identity(s->e, 1);
			if (id == reference || n == STRETCH_MAX) {
				endless_stretch(s, t);
				break;
			}
			if (n == look) {	/* Brent: with that of the last power of two */
				reference = id;
				look *= 2;
			}
		}
		loop_point(s->e);
	}
	s->go_on = false;
}

void transition_take(struct search *s)
{
	const struct choice c = s->e->set.ev[s->want];
	struct task *t = c.kind == CHOICE_TASK ? &s->e->tasks[c.who] : NULL;

	searching = s;
	s->n_picks = 0;
	s->e->on_store = s->opt.asked ? NULL : look_at_claim;
	label_begin(s, t, &c);
	loop_point(s->e);
	if (t && !s->opt.asked)
		stretch(s, t);
	label_end(s, t);
}

bool transition_take_label(struct search *s, const struct graph_label *label)
{
	const struct choice_set *set = &s->e->set;
	unsigned int i;

	for (i = 0; i < set->n; i++) {
		const struct choice *c = &set->ev[i];

		if (c->kind == label->choice.kind && c->who == label->choice.who &&
		    c->cpu == label->choice.cpu && c->pick == label->choice.pick)
			break;
	}
	if (i == set->n)
		return false;
	s->want = i;
	s->n_given = label->n_picks;
	memcpy(s->picks, label->picks, sizeof(s->picks));
	transition_take(s);
	return true;
}

bool transition_at_end(struct search *s)
{
	struct engine *e = s->e;

	s->deadlocked = false;
	if (e->run->over)
		return true;
	if (!e->run->alive && request_nothing_pending(e) && !softirq_any(e)) {
		act_run_end(e);
		e->run->over = true;
		return true;
	}
	/* What is enough to try (reduce.c) is another question in every state. */
	if (e->run->set_dirty || e->run->list_dirty || e->plan->litmus)
		choice_refresh(e);
	if (e->set.n)
		return false;
	choice_deadlock(e);
	if (s->opt.on_deadlock) {
		s->opt.on_deadlock(e, e->message, s->opt.hook_data);
		e->failed_check = NULL;
		s->deadlocked = true;
	}
	return true;
}
