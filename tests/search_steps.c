/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transitions for tests; see search_steps.h. One engine at a time. */
#include "tests/search_steps.h"

#define PICKS_MAX	8

/* Answers to the questions of one transition. */
struct answers {
	unsigned int given, n;
	unsigned int pick[PICKS_MAX], of[PICKS_MAX];
};

static unsigned int want;		/* the transition under way */
static struct answers answers;

static void steps_begin(void *state, const struct plan *plan, uint64_t seed)
{
	(void)state;
	(void)plan;
	(void)seed;
}

static unsigned int steps_next(void *state, struct choice_set *set, uint32_t *quantum)
{
	(void)state;
	(void)set;
	*quantum = 1;
	return want;
}

static void steps_pick(void *state, const struct choice *question, uint64_t point, uint32_t n,
		       uint32_t *answer)
{
	struct answers *a = &answers;

	(void)state;
	(void)question;
	(void)point;
	g_assert_cmpuint(a->n, <, PICKS_MAX);
	if (a->n >= a->given)
		a->pick[a->n] = 0;
	a->of[a->n] = n;
	*answer = a->pick[a->n++];
}

static const struct strategy steps_strategy = {
	.name = "steps",
	.begin = steps_begin,
	.next = steps_next,
	.pick = steps_pick,
};

/* The next row of answers; false: all have been given. */
static bool next_answers(struct answers *a)
{
	unsigned int i = a->n;

	while (i && a->pick[i - 1] + 1 == a->of[i - 1])
		i--;
	a->given = i;
	if (i)
		a->pick[i - 1]++;
	return i > 0;
}

static void forget_notes(struct engine *e)
{
	unsigned int i;

	for (i = 0; i < e->plan->n_tasks; i++) {
		e->tasks[i].notes.n = 0;
		e->tasks[i].notes.base = e->tasks[i].sim.pass_steps;
	}
}

void search_steps_begin(struct engine *e)
{
	engine_begin(e, 0);
	e->strategy = &steps_strategy;
}

bool search_steps_at_end(struct engine *e)
{
	if (e->run->over)
		return true;
	if (!e->run->alive) {
		act_run_end(e);
		return true;
	}
	choice_refresh(e);
	if (e->set.n)
		return false;
	choice_deadlock(e);
	return true;
}

bool search_steps_each(struct engine *e, const uint8_t *here, unsigned int n,
		       bool (*arrived)(struct engine *e, unsigned int choice, void *data),
		       void *data)
{
	struct answers a;
	unsigned int i;
	bool more;

	for (i = 0; i < n; i++) {
		a = (struct answers){ .given = 0 };
		do {
			checkpoint_get(e, here);
			want = i;
			answers = a;
			answers.n = 0;
			forget_notes(e);
			loop_point(e);
			a = answers;	/* arrived() may take steps of its own */
			more = next_answers(&a);
			if (!arrived(e, i, data))
				return false;
		} while (more);
	}
	return true;
}
