/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * random: at every point each enabled event is as likely as any other.
 *
 * The question is put once per stretch, not once per point: with n events, the
 * same task goes on with probability 1/n at each point, so the length of a
 * stretch is drawn (geometric) together with who begins it, and a stretch that
 * ends by itself is followed by one of the others. Since the draw has no
 * memory, a stretch that is broken off leaves no bias.
 *
 * With memory.drain-weight = w above 1 everything else is w times as likely as
 * that a store drains: buffers are fuller, and stores are seen late.
 */
#include "sim/engine/rng.h"
#include "sim/strategy/strategy.h"

#define STRETCH_ALONE	1024	/* nobody else could be chosen */

struct random_state {
	struct rng rng;
	uint32_t drain_weight;
};

static void random_begin(void *state, const struct plan *plan, uint64_t seed)
{
	struct random_state *s = state;

	rng_init(&s->rng, seed, 0);
	s->drain_weight = plan->drain_weight;
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

static uint32_t weight_of(const struct random_state *s, const struct choice *c)
{
	return c->kind == CHOICE_DRAIN ? 1 : s->drain_weight;
}

/* Drains are rarer than the rest. */
static unsigned int random_weighted(struct random_state *s, const struct choice_set *set,
				    uint32_t *quantum)
{
	uint32_t all = 0, at;
	unsigned int i, who;

	for (i = 0; i < set->n; i++)
		all += weight_of(s, &set->ev[i]);
	at = rng_below(&s->rng, all);
	for (who = 0; at >= weight_of(s, &set->ev[who]); who++)
		at -= weight_of(s, &set->ev[who]);
	*quantum = 1;
	if (set->ev[who].kind != CHOICE_TASK)
		return who;
	while (*quantum < STRETCH_ALONE && rng_below(&s->rng, all) < s->drain_weight)
		++*quantum;
	return who;
}

static unsigned int random_next(void *state, struct choice_set *set, uint32_t *quantum)
{
	struct random_state *s = state;
	unsigned int who;

	if (set->n == 1) {
		*quantum = STRETCH_ALONE;
		return 0;
	}
	if (s->drain_weight > 1)
		return random_weighted(s, set, quantum);
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
