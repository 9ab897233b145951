/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that can happen next, one transition at a time, for tests that look at
 * every schedule without a search: every choice, with every row of answers to
 * the questions inside it. No load goes unasked.
 */
#ifndef TESTS_SEARCH_STEPS_H
#define TESTS_SEARCH_STEPS_H

#include "sim/engine/state.h"

/* A run's beginning, in an engine that was made with ENGINE_SEARCH. */
void search_steps_begin(struct engine *e);

/* The engine stands at the end of a run; what can be said only there has been. */
bool search_steps_at_end(struct engine *e);

/*
 * From the checkpoint `here`, in which the engine stands with n choices: take each
 * and call arrived(engine, place of the choice, data) behind it, until that
 * returns false. Notes of walks are those of the one transition.
 */
bool search_steps_each(struct engine *e, const uint8_t *here, unsigned int n,
		       bool (*arrived)(struct engine *e, unsigned int choice, void *data),
		       void *data);

#endif
