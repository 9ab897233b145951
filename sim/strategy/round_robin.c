/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * round-robin: one point each, in the order of their numbers. Depends on no
 * seed; the fixed interleaving that other runs are compared with.
 */
#include "sim/strategy/strategy.h"

struct round_robin_state {
	struct choice last;
};

static void round_robin_begin(void *state, const struct plan *plan, uint64_t seed)
{
	struct round_robin_state *s = state;

	(void)plan;
	(void)seed;
	s->last = (struct choice){ .who = UINT16_MAX };
}

static bool round_robin_after(const struct choice *a, const struct choice *b)
{
	if (a->kind != b->kind)
		return a->kind > b->kind;
	return a->who != b->who ? a->who > b->who : a->pick > b->pick;
}

/* The first after the last one chosen, else the first of all. */
static unsigned int round_robin_next(void *state, struct choice_set *set, uint32_t *quantum)
{
	struct round_robin_state *s = state;
	unsigned int i, who = 0;

	for (i = 0; i < set->n && s->last.who != UINT16_MAX; i++) {
		if (round_robin_after(&set->ev[i], &s->last)) {
			who = i;
			break;
		}
	}
	s->last = set->ev[who];
	*quantum = 1;
	return who;
}

const struct strategy strategy_round_robin = {
	.name = "round-robin",
	.summary = "one point each in turn, by number; the seed does not matter",
	.source = "the classic fixed schedule",
	.state_size = sizeof(struct round_robin_state),
	.begin = round_robin_begin,
	.next = round_robin_next,
};
