/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Searches for test programs: one made, run and looked at; what each state's
 * memory was; maxima that are seen along the way. One search at a time.
 */
#ifndef TESTS_SEARCH_SUPPORT_H
#define TESTS_SEARCH_SUPPORT_H

#include "sim/engine/state.h"
#include "sim/search/search.h"
#include "tests/support.h"

/* A search that has been run, or the test fails; search_free() it. opt may be NULL. */
struct search *search_done(const struct plan *plan, const struct search_options *opt,
			   struct search_result *res);
/* The same where only the result is wanted. */
void search_result_of(const struct plan *plan, const struct search_options *opt,
		      struct search_result *res);

/* Same finding, check, verdict and bounds, whatever the counts. */
void search_assert_same_answer(const struct search_result *a, const struct search_result *b);

/* A hash of memory and ghosts as the engine stands. */
uint64_t search_memory(const struct engine *e);
/* Sets of such hashes: g_hash_table_unref() them. */
GHashTable *search_set_new(void);
void search_set_add(GHashTable *set, uint64_t hash);
bool search_sets_equal(GHashTable *a, GHashTable *b);

/* Largest steps and restarts of any run so far, walks that have not ended included. */
struct search_maxima {
	uint64_t of[SEARCH_NR_METRICS];
};

void search_maxima_look(struct search_maxima *m, const struct engine *e);

/* RMAPSIM_LONG is set: take the larger part of a test, too. */
bool search_long(void);

#endif
