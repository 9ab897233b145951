/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * random: at every point each enabled event is as likely as any other.
 *
 * The question is put once per stretch, not once per point: with n events, the
 * same task goes on with probability 1/n at each point, so the length of a
 * stretch is drawn (geometric) together with who begins it, and a stretch that
 * ends by itself is followed by one of the others. Since the draw has no
 * memory, a stretch that is broken off leaves no bias.
 */
#include "sim/engine/rng.h"
#include "sim/strategy/strategy.h"

#define STRETCH_ALONE	1024	/* nobody else could be chosen */

struct random_state {
	struct rng rng;
};

static void random_begin(void *state, const struct plan *plan, uint64_t seed)
{
	struct random_state *s = state;

	(void)plan;
	rng_init(&s->rng, seed, 0);
}

/* How often in a row one of n equally likely events is drawn, once it was. */
static uint32_t random_stretch(struct random_state *s, uint32_t n)
{
	uint32_t length = 1;

	if (n == 2)
		return length + __builtin_ctzll(rng_next(&s->rng) | 1ull << 63);
	while (length < STRETCH_ALONE && rng_below(&s->rng, n) == 0)
		length++;
	return length;
}

static unsigned int random_next(void *state, struct choice_set *set, uint32_t *quantum)
{
	struct random_state *s = state;
	unsigned int who;

	if (set->n == 1) {
		*quantum = STRETCH_ALONE;
		return 0;
	}
	if (set->fresh || set->running < 0) {
		who = rng_below(&s->rng, set->n);
	} else {
		who = set->n == 2 ? 0 : rng_below(&s->rng, set->n - 1);
		who += who >= (unsigned int)set->running;
	}
	*quantum = set->ev[who].kind == CHOICE_TASK ? random_stretch(s, set->n) : 1;
	return who;
}

const struct strategy strategy_random = {
	.name = "random",
	.summary = "every enabled event is equally likely at every point",
	.source = "the plain random walk that other strategies are compared with",
	.state_size = sizeof(struct random_state),
	.begin = random_begin,
	.next = random_next,
};
