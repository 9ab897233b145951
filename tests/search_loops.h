/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who can be kept from finishing, judged without the search: a plan as a graph of
 * single transitions, none of them unasked, and looked through in another way:
 * for every set of tasks that might be the ones that go on acting, the components
 * in which all of them act and nobody else has a claim to.
 *
 * One at a time: making it takes the process's engine, which is free again then.
 */
#ifndef TESTS_SEARCH_LOOPS_H
#define TESTS_SEARCH_LOOPS_H

#include "sim/search/search.h"

#define LOOPS_TASKS_MAX	3

enum loops_end {
	LOOPS_COMPLETE,
	LOOPS_BROKEN,		/* a check fired: nothing is judged */
	LOOPS_TOO_LARGE,	/* more than states_max */
};

struct loops;

struct loops *loops_new(const struct plan *plan, uint32_t states_max, enum loops_end *end);
void loops_free(struct loops *l);

/* Can a task's walk be kept from finishing that way, by a fair schedule? */
bool loops_kept(struct loops *l, unsigned int walker, enum search_finding kind);
/* Is there a bound, under any schedule, on what SEARCH_ENDLESS_PASS or _RESTARTS repeat? */
bool loops_bounded(struct loops *l, unsigned int walker, enum search_finding kind);

#endif
