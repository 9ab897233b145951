/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cycle that a search tells must be one: replayed any number of times it comes
 * back to the same identity each time, and in each round everybody acts who could,
 * but who waits for an unfair lock that is taken now and then.
 */
#ifndef TESTS_SEARCH_ROUNDS_H
#define TESTS_SEARCH_ROUNDS_H

#include <stdint.h>
#include "scenarios/plan.h"

/*
 * Search the plan, whose answer must be a cycle, and go round it that often. The
 * plan's limits and bounds must not end the run before.
 */
void search_rounds_check(struct plan *plan, uint64_t rounds);

#endif
