/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The search: depth first, iterative, over checkpoints, with a table of visited
 * states. A state with one choice needs no checkpoint; the first choice of a
 * state is taken while the engine still stands in it.
 *
 * When a check fires the search goes on for a while, so that the graph holds a
 * shorter way to a violation if there is one; that way is found breadth first.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "sim/search/private.h"

#define LOOK_EVERY	1024		/* transitions between looks at the clock */
#define AFTER_VIOLATION	200000		/* states at least that are looked at behind a violation */
#define PROGRESS_S	0.25

double search_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

void search_limit(struct search *s, const char *fmt, ...)
{
	va_list ap;

	if (s->res->verdict != SEARCH_VERIFIED)
		return;
	s->res->verdict = SEARCH_INCOMPLETE;
	va_start(ap, fmt);
	vsnprintf(s->res->limit, sizeof(s->res->limit), fmt, ap);
	va_end(ap);
}

static bool out_of_memory(struct search *s)
{
	search_limit(s, "the machine has no more memory");
	return false;
}

static size_t stack_bytes(const struct search *s)
{
	return s->room_frames * sizeof(*s->frames) + s->checkpoints_room +
	       s->room_pending * sizeof(*s->pending);
}

static void look_at_memory(struct search *s)
{
	size_t kept = table_bytes(&s->table) + graph_bytes(&s->graph);
	size_t all = kept + stack_bytes(s) + table_bytes_to_grow(&s->table);

	s->res->bytes = MAX(s->res->bytes, kept);
	s->res->stack_bytes = MAX(s->res->stack_bytes, stack_bytes(s));
	if (s->opt.memory_max && all > s->opt.memory_max)
		search_limit(s, "memory: %zu MB would be in use, %" G_GUINT64_FORMAT " MB are "
			     "allowed (--max-memory)", all >> 20, s->opt.memory_max >> 20);
}

/* Limits, progress, the file; true: go on. */
static bool look_around(struct search *s, GError **error)
{
	double now = search_clock();

	look_at_memory(s);
	if (s->opt.seconds_max && now - s->begun > s->opt.seconds_max)
		search_limit(s, "time: more than %g s (--max-time)", s->opt.seconds_max);
	if (s->opt.states_max && s->n_states > s->opt.states_max)
		search_limit(s, "states: more than %" G_GUINT64_FORMAT " (--max-states)",
			     s->opt.states_max);
	if (search_interrupted) {
		s->res->verdict = SEARCH_INTERRUPTED;
		snprintf(s->res->limit, sizeof(s->res->limit), "interrupted");
	}
	if (s->opt.progress && now >= s->next_look) {
		s->opt.progress(s->n_states, s->res->transitions - s->res->transitions_before,
				s->n_frames, s->opt.progress_data);
		s->next_look = now + PROGRESS_S;
	}
	if (s->res->verdict != SEARCH_VERIFIED)
		return false;
	if (s->opt.save && now >= s->next_save) {
		if (!save_write(s, error))
			return false;
		s->next_save = search_clock() + s->opt.save_every;
	}
	return true;
}

static bool grow(void **array, size_t *room, size_t size, size_t need)
{
	size_t more = *room + *room / 2 + need;
	void *p = realloc(*array, more * size);

	if (!p)
		return false;
	*array = p;
	*room = more;
	return true;
}

/* A walk that has been asked for counts: its first event may be to take a lock. */
static bool is_in_walk(const struct engine *e, const struct task *t)
{
	return (t->in_op || task_begin_pending(e, t)) && plan_op_walks(t->op.kind);
}

static uint8_t in_walk_bits(const struct search *s)
{
	uint8_t bits = 0;
	unsigned int i;

	for (i = 0; i < s->plan->n_tasks; i++) {
		const struct task *t = &s->e->tasks[i];

		if (s->walker_bit[i] != 0xff && is_in_walk(s->e, t))
			bits |= 1u << s->walker_bit[i];
	}
	return bits;
}

/* Counters in the identity: what the finished graph must agree with. */
static size_t add_counters(struct search *s, size_t n)
{
	unsigned int i;

	for (i = 0; s->opt.count_identity && i < s->plan->n_tasks; i++) {
		const struct task *t = &s->e->tasks[i];

		s->words[n++] = t->sim.pass_steps;
		s->words[n++] = t->walk_steps;
		s->words[n++] = t->walk_restarts;
	}
	return n;
}

/* The number of the state that the engine stands in; GRAPH_NONE: no memory. */
static uint32_t enter(struct search *s, bool *new)
{
	size_t n = add_counters(s, engine_state_words(s->e, s->words));
	uint64_t hash = engine_words_hash(s->words, n, s->opt.hash_seed);
	uint32_t number;

	number = s->opt.no_table ? TABLE_NEW :
				   table_enter(&s->table, hash, s->words, n, s->n_states);
	*new = number == TABLE_NEW;
	if (number == TABLE_FULL)
		return GRAPH_NONE;
	if (!*new)
		return number;
	if (!s->opt.safety && graph_add_state(&s->graph, in_walk_bits(s)) == GRAPH_NONE)
		return GRAPH_NONE;
	return s->n_states++;
}

/* Answers inside transitions may have to be tried from here. */
static bool may_ask(const struct search *s)
{
	unsigned int i;

	if (s->plan->reuse == PLAN_REUSE_SEEDED || s->e->model->asks)
		return true;
	for (i = 0; i < s->plan->n_tasks; i++) {
		if (s->e->tasks[i].sim.ev.kind == EV_OP)
			return true;
	}
	return false;
}

bool search_keep_checkpoint(struct search *s, struct frame *f)
{
	size_t room = checkpoint_room(s->e);

	f->checkpoint = s->checkpoints_used;
	if (s->checkpoints_used + room > s->checkpoints_room &&
	    !grow((void **)&s->checkpoints, &s->checkpoints_room, 1, 2 * room))
		return false;
	s->checkpoints_used += checkpoint_put(s->e, s->checkpoints + f->checkpoint);
	f->kept = true;
	return true;
}

/* The engine stands in a state that is new and not an end. */
static bool push(struct search *s, uint32_t state)
{
	struct frame *f;

	if (s->n_frames == s->room_frames &&
	    !grow((void **)&s->frames, &s->room_frames, sizeof(*s->frames), 256))
		return false;
	f = &s->frames[s->n_frames];
	*f = (struct frame){
		.state = state, .n = s->e->set.n, .live = true, .pending = s->n_pending,
		.taken = GRAPH_NONE, .checkpoint = s->checkpoints_used,
	};
	if ((f->n > 1 || may_ask(s)) && !search_keep_checkpoint(s, f))
		return false;
	s->n_frames++;
	s->res->depth_max = MAX(s->res->depth_max, s->n_frames);
	return true;
}

static bool pop(struct search *s)
{
	struct frame *f = &s->frames[--s->n_frames];

	s->checkpoints_used = f->checkpoint;
	if (!s->opt.safety && !graph_add_edges(&s->graph, f->state, s->pending + f->pending,
					       s->n_pending - f->pending))
		return false;
	s->n_pending = f->pending;
	return true;
}

static bool add_edge(struct search *s, uint32_t target, uint32_t label)
{
	if (s->opt.safety)
		return true;
	if (s->n_pending == s->room_pending &&
	    !grow((void **)&s->pending, &s->room_pending, sizeof(*s->pending), 1024))
		return false;
	s->pending[s->n_pending++] = (struct graph_edge){ .target = target, .label = label };
	return true;
}

/* What is tried next from f: another answer, or another choice. */
static void advance(const struct search *s, struct frame *f)
{
	unsigned int i = s->n_picks;

	while (i && s->picks[i - 1] + 1u >= s->of[i - 1])
		i--;
	f->n_picks = i;
	if (!i) {
		f->next++;
		return;
	}
	memcpy(f->picks, s->picks, sizeof(f->picks));
	f->picks[i - 1]++;
}

/* A check fired in the transition that has just been taken from the top frame. */
static bool note_violation(struct search *s, uint32_t label)
{
	size_t i;

	if (s->violated)
		return true;
	s->violated = true;
	s->violated_at = s->n_states;
	s->res->check = s->e->failed_check;
	s->res->task = s->e->failed_task;
	if (s->res->finding == SEARCH_NOTHING)
		s->res->finding = SEARCH_CHECK;
	g_strlcpy(s->res->message, s->e->message, sizeof(s->res->message));
	for (i = 0; i + 1 < s->n_frames; i++) {
		if (!way_add(&s->violation, s->frames[i].taken))
			return false;
	}
	return way_add(&s->violation, label);
}

/* Where the transition has led. */
static bool arrive(struct search *s, uint32_t label)
{
	bool end = transition_at_end(s), new;
	uint32_t state;

	if (s->e->failed_check) {
		s->hung |= s->e->hung;
		return note_violation(s, label) && add_edge(s, GRAPH_VIOLATION, label);
	}
	state = enter(s, &new);
	if (state == GRAPH_NONE || !add_edge(s, state, label))
		return false;
	if (new && s->opt.on_state)
		s->opt.on_state(s->e, state, s->opt.hook_data);
	if (!new && s->opt.on_merge)
		s->opt.on_merge(s->e, state, s->opt.hook_data);
	if (!new)
		return true;
	if (!end)
		return push(s, state);
	s->res->finals++;
	if (s->opt.on_final && !s->deadlocked)
		s->opt.on_final(s->e, s->opt.hook_data);
	return true;
}

/* One transition from the top frame; false: no memory. */
static bool step(struct search *s)
{
	struct frame *f = &s->frames[s->n_frames - 1];
	uint32_t label;

	if (!f->live)
		checkpoint_get(s->e, s->checkpoints + f->checkpoint);
	f->live = false;
	s->want = s->opt.reverse ? f->n - 1 - f->next : f->next;
	s->n_given = f->n_picks;
	memcpy(s->picks, f->picks, sizeof(s->picks));
	transition_take(s);
	s->res->transitions++;
	advance(s, f);
	label = graph_add_label(&s->graph, &s->label);
	if (label == GRAPH_NONE)
		return false;
	f->taken = label;
	return arrive(s, label);
}

bool search_begin(struct search *s)
{
	uint32_t state;
	bool new;

	engine_begin(s->e, 0);
	s->e->strategy = &search_strategy;
	s->claim_broken = false;
	if (transition_at_end(s)) {
		if (s->opt.on_final && !s->deadlocked)
			s->opt.on_final(s->e, s->opt.hook_data);
		return true;
	}
	state = enter(s, &new);
	if (state == GRAPH_NONE)
		return false;
	if (s->opt.on_state)
		s->opt.on_state(s->e, state, s->opt.hook_data);
	return push(s, state);
}

/* Everything that was found is thrown away, but not what was learnt of claims. */
static bool begin_again(struct search *s)
{
	graph_clear(&s->graph);
	table_clear(&s->table);
	s->n_states = s->n_frames = s->n_pending = s->checkpoints_used = 0;
	s->violated = false;
	way_clear(&s->violation);
	s->res->finding = SEARCH_NOTHING;
	s->res->transitions = s->res->transitions_before = 0;
	s->res->finals = s->res->depth_max = 0;
	s->res->begun_again++;
	return graph_init(&s->graph) && table_init(&s->table, !s->opt.safety, s->opt.exact) &&
	       search_begin(s);
}

/* A violation was found: is the graph large enough to look for a shorter way? */
static bool enough(const struct search *s)
{
	return s->violated && (s->opt.safety || s->hung ||
	       s->n_states > s->violated_at + MAX(AFTER_VIOLATION, 4 * s->violated_at));
}

bool search_explore(struct search *s, GError **error)
{
	bool slow_only = s->e->slow_only;
	uint64_t looked = 0;

	while (s->n_frames && !enough(s)) {
		struct frame *f = &s->frames[s->n_frames - 1];

		if (s->res->transitions >= looked) {
			looked = s->res->transitions + LOOK_EVERY;
			if (!look_around(s, error))
				return !*error;
		}
		if (f->next == f->n) {
			if (!pop(s))
				return !out_of_memory(s);
			continue;
		}
		if (!step(s))
			return !out_of_memory(s);
		if (s->too_many_picks) {
			search_limit(s, "a transition asks more than %d questions, or one with "
				     "more than %d answers", GRAPH_PICKS_MAX, UINT16_MAX);
			return true;
		}
		if ((s->claim_broken || s->e->slow_only != slow_only) && !begin_again(s))
			return !out_of_memory(s);
		slow_only = s->e->slow_only;
	}
	look_at_memory(s);
	if (s->n_frames)
		s->res->shortest = false;
	return true;
}
