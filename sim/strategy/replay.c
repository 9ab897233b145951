/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay: answers as a schedule says. A schedule holds only the answers that
 * are not the default, each with the point it belongs to and the event that
 * stood there; when another event stands there, run and schedule have parted
 * and that is said, never guessed around. With nothing loaded it gives the
 * default answers: the running task goes on, else the lowest enabled one.
 */
#include <stdio.h>
#include "sim/engine/engine.h"
#include "sim/strategy/strategy.h"

#define REPLAY_UNTIL_NEXT	(1u << 20)	/* points without a question, at the most */

struct replay_state {
	uint64_t next;		/* entry */
	uint64_t due;		/* the point at which it falls due */
	uint64_t complained;	/* 1 once something did not fit */
};

/* Constant during a run; what moves is in the state. */
static struct {
	const struct schedule_entry *entries;
	size_t n;
	bool relaxed;
	char complaint[256];
} replay;

void strategy_replay_load(const struct schedule_entry *entries, size_t n, bool relaxed)
{
	replay.entries = entries;
	replay.n = n;
	replay.relaxed = relaxed;
}

const char *strategy_replay_complaint(const void *state, bool ended)
{
	const struct replay_state *s = state;

	if (s->complained)
		return replay.complaint;
	if (!ended || s->next == replay.n)
		return NULL;
	snprintf(replay.complaint, sizeof(replay.complaint),
		 "the run ended before line %zu of the schedule (%s), %zu lines in all",
		 (size_t)s->next + 1, replay.entries[s->next].expect, replay.n);
	return replay.complaint;
}

static void replay_begin(void *state, const struct plan *plan, uint64_t seed)
{
	struct replay_state *s = state;

	(void)plan;
	(void)seed;
	*s = (struct replay_state){ .due = replay.n ? replay.entries[0].after : 0 };
}

static void replay_advance(struct replay_state *s)
{
	if (++s->next < replay.n)
		s->due += replay.entries[s->next].after;
}

static void replay_complain(struct replay_state *s, uint64_t point, const char *what)
{
	const struct schedule_entry *entry = &replay.entries[s->next];

	if (!s->complained)
		snprintf(replay.complaint, sizeof(replay.complaint),
			 "event %llu, line %zu of the schedule (%s): %s",
			 (unsigned long long)point + 1, (size_t)s->next + 1, entry->expect, what);
	s->complained = 1;
}

static int replay_find(const struct choice_set *set, const struct choice *want)
{
	unsigned int i;

	for (i = 0; i < set->n + set->n_preempt; i++) {
		const struct choice *c = &set->ev[i];

		if (c->kind == want->kind && c->cpu == want->cpu && c->who == want->who &&
		    c->pick == want->pick)
			return i;
	}
	return -1;
}

/* The answer of the entry that is due, or -1 with the complaint made. */
static int replay_entry(struct replay_state *s, const struct choice_set *set)
{
	const struct schedule_entry *entry = &replay.entries[s->next];
	int i = replay_find(set, &entry->choice);

	if (i < 0) {
		replay_complain(s, set->point, "what it chooses cannot happen here");
		return -1;
	}
	if (set->ev[i].kind == CHOICE_TASK &&
	    set->events[set->ev[i].who]->site->hash != entry->site_hash) {
		replay_complain(s, set->point, "another event stands here");
		return replay.relaxed ? i : -1;
	}
	return i;
}

static unsigned int replay_next(void *state, struct choice_set *set, uint32_t *quantum)
{
	struct replay_state *s = state;
	unsigned int who = set->running >= 0 ? set->running : 0;

	if (s->next < replay.n && s->due <= set->point) {
		int i = replay_entry(s, set);

		if (i >= 0)
			who = i;
		else if (!replay.relaxed)
			set->complaint = replay.complaint;
		replay_advance(s);
	}
	*quantum = REPLAY_UNTIL_NEXT;
	if (s->next < replay.n && s->due - set->point < *quantum)
		*quantum = s->due > set->point ? s->due - set->point : 1;
	return who;
}

static void replay_pick(void *state, const struct choice *question, uint64_t point, uint32_t n,
			uint32_t *answer)
{
	struct replay_state *s = state;
	const struct choice *c;

	if (s->next >= replay.n || s->due > point)
		return;
	c = &replay.entries[s->next].choice;
	if (c->kind != question->kind || c->who != question->who)
		return;
	if (c->pick < n)
		*answer = c->pick;
	else
		replay_complain(s, point, "it picks one of more than there are");
	replay_advance(s);
}

const struct strategy strategy_replay = {
	.name = "replay",
	.summary = "answers as a recorded schedule says; with none, never switches unless it must",
	.source = "rmapsim replay --schedule",
	.state_size = sizeof(struct replay_state),
	.preempts = true,
	.begin = replay_begin,
	.next = replay_next,
	.pick = replay_pick,
};
