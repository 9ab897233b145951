/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * speeds: for each run every task draws a speed of 1, 2, 4, .. or 64, and is
 * chosen in proportion to it.
 *
 * Under uniform choice all tasks keep abreast, and what takes a writer longer
 * than a walker needs for one descriptor hardly ever happens in between. Here
 * some runs have a walker so slow that lists change completely under it, as on
 * a CPU that shares its core, or that the host takes away.
 *
 * The system's events have the speed in the middle. As in random, how long the
 * same task goes on is drawn together with who it is.
 */
#include "sim/engine/rng.h"
#include "sim/strategy/strategy.h"

#define SPEEDS		7	/* 2^0 .. 2^6 */
#define SPEED_SYSTEM	8
#define TASKS_MAX	512
#define STRETCH_MAX	1024

struct speeds_state {
	struct rng rng;
	uint16_t speed[TASKS_MAX];
};

static void speeds_begin(void *state, const struct plan *plan, uint64_t seed)
{
	struct speeds_state *s = state;
	unsigned int i;

	rng_init(&s->rng, seed, 0);
	for (i = 0; i < plan->n_tasks; i++)
		s->speed[i] = 1 << rng_below(&s->rng, SPEEDS);
}

static uint32_t speeds_of(const struct speeds_state *s, const struct choice *c)
{
	return c->kind == CHOICE_TASK ? s->speed[c->who] : SPEED_SYSTEM;
}

static unsigned int speeds_next(void *state, struct choice_set *set, uint32_t *quantum)
{
	struct speeds_state *s = state;
	uint32_t all = 0, at;
	unsigned int i, who;

	for (i = 0; i < set->n; i++)
		all += speeds_of(s, &set->ev[i]);
	at = rng_below(&s->rng, all);
	for (who = 0; at >= speeds_of(s, &set->ev[who]); who++)
		at -= speeds_of(s, &set->ev[who]);
	*quantum = 1;
	if (set->ev[who].kind != CHOICE_TASK)
		return who;
	while (*quantum < STRETCH_MAX && rng_below(&s->rng, all) < s->speed[set->ev[who].who])
		++*quantum;
	return who;
}

const struct strategy strategy_speeds = {
	.name = "speeds",
	.summary = "tasks are as fast as 1, 2, 4 .. 64, drawn anew for each run",
	.source = "CPUs that share a core or that a host takes away",
	.state_size = sizeof(struct speeds_state),
	.begin = speeds_begin,
	.next = speeds_next,
};
