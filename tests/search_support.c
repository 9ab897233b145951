/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Searches for test programs; see search_support.h. */
#include <stdlib.h>
#include "tests/search_support.h"

struct search *search_done(const struct plan *plan, const struct search_options *opt,
			   struct search_result *res)
{
	const struct search_options usual = { .hash_seed = 0 };
	GError *error = NULL;
	struct search *s = search_new(plan, opt ? opt : &usual, &error);

	g_assert_no_error(error);
	g_assert_nonnull(s);
	search_run(s, res, &error);
	g_assert_no_error(error);
	return s;
}

void search_result_of(const struct plan *plan, const struct search_options *opt,
		      struct search_result *res)
{
	search_free(search_done(plan, opt, res));
}

void search_assert_same_answer(const struct search_result *a, const struct search_result *b)
{
	unsigned int w, m;

	g_assert_cmpstr(search_verdict_name(a->verdict), ==, search_verdict_name(b->verdict));
	g_assert_cmpint(a->finding, ==, b->finding);
	g_assert_cmpstr(a->check, ==, b->check);
	g_assert_cmpuint(a->n_walkers, ==, b->n_walkers);
	if (a->finding == SEARCH_CHECK)
		return;		/* a graph that ends in violations has no bounds */
	for (w = 0; w < a->n_walkers; w++) {
		g_assert_cmpuint(a->walker[w].task, ==, b->walker[w].task);
		for (m = 0; m < SEARCH_NR_METRICS; m++) {
			const struct search_bound *x = &a->walker[w].bound[m];
			const struct search_bound *y = &b->walker[w].bound[m];

			g_assert_cmpint(x->finite, ==, y->finite);
			g_assert_cmpint(x->fair, ==, y->fair);
			g_assert_cmpuint(x->max, ==, y->max);
		}
	}
}

uint64_t search_memory(const struct engine *e)
{
	return engine_words_hash(e->words, engine_memory_words(e, e->words), 3);
}

GHashTable *search_set_new(void)
{
	return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

void search_set_add(GHashTable *set, uint64_t hash)
{
	gint64 *key = g_new(gint64, 1);

	*key = hash;
	g_hash_table_add(set, key);
}

bool search_sets_equal(GHashTable *a, GHashTable *b)
{
	GHashTableIter it;
	gpointer key;

	if (g_hash_table_size(a) != g_hash_table_size(b))
		return false;
	g_hash_table_iter_init(&it, a);
	while (g_hash_table_iter_next(&it, &key, NULL)) {
		if (!g_hash_table_contains(b, key))
			return false;
	}
	return true;
}

static void raise_to(uint64_t *to, uint64_t n)
{
	*to = MAX(*to, n);
}

void search_maxima_look(struct search_maxima *m, const struct engine *e)
{
	const struct run_stats *s = &e->run->stats;
	unsigned int i;

	raise_to(&m->of[SEARCH_PASS_STEPS], s->pass_steps_max);
	raise_to(&m->of[SEARCH_WALK_STEPS], s->walk_steps_max);
	raise_to(&m->of[SEARCH_RESTARTS], s->restarts_max);
	for (i = 0; i < e->plan->n_tasks; i++) {
		const struct task *t = &e->tasks[i];

		if (!t->in_op || t->op.kind != PLAN_OP_WALK)
			continue;
		raise_to(&m->of[SEARCH_PASS_STEPS], t->sim.pass_steps);
		raise_to(&m->of[SEARCH_WALK_STEPS], t->walk_steps + t->sim.pass_steps);
		raise_to(&m->of[SEARCH_RESTARTS], t->walk_restarts);
	}
}

bool search_long(void)
{
	return getenv("RMAPSIM_LONG") != NULL;
}
