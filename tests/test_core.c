/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every algorithm of every build of core/, single-threaded, against a plain set:
 * what was added and not removed is what a walk visits and an audit finds, no
 * object is lost, and all builds keep the same lists. The tables are looped
 * over, so a new algorithm's file is tested by being listed. Variants that are
 * broken on purpose are right as long as nobody is beside them.
 */
#include <string.h>
#include "tests/core_trio.h"

#define VALUES	6	/* of a parameter, at the most */

/*
 * How many entries an rmap may have; 0: these parameters are refused. A walk of
 * positions that wrap and of unlimited retries has no end even alone: the list
 * is kept as short as `reject` would have it.
 */
static unsigned int room_of(struct trio *t)
{
	struct core_spec spec = t->spec;
	struct core_world *w;
	unsigned int n = 0;
	int overflow = -1, i;

	for (i = 0; t->algorithm->params[i].name; i++) {
		if (!strcmp(t->algorithm->params[i].name, "overflow"))
			overflow = i;
	}
	if (overflow >= 0 && trio_param(t, "overflow", 0) == PTE_LIST_WRAP &&
	    trio_param(t, "retries", 0) == 1000000)
		spec.param[overflow] = PTE_LIST_REJECT;
	w = core_build_hw.make(&spec);
	while (n < SPTES && !core_build_hw.refusal(w, n + 1))
		n++;
	core_build_hw.free(w);
	return n;
}

static bool trio_make(struct trio *t, unsigned int algorithm, uint64_t seed)
{
	size_t b;

	t->algorithm = rmap_algorithms[algorithm];
	t->spec.algorithm = algorithm;
	t->spec.rmaps = RMAPS;
	t->spec.sptes = SPTES;
	t->spec.descs = SPTES + KVM_CACHE_MAX + 1;
	t->room = room_of(t);
	if (!t->room)
		return false;
	memset(t->where, 0xff, sizeof(t->where));
	memset(t->n, 0, sizeof(t->n));
	rng_init(&t->rng, seed, 0);
	for (b = 0; b < BUILDS; b++)
		t->w[b] = trio_builds[b]->make(&t->spec);
	return true;
}

static void trio_free(struct trio *t)
{
	size_t b;

	for (b = 0; b < BUILDS; b++)
		trio_builds[b]->free(t->w[b]);
}

/* --- steps */

static void step_walk(struct trio *t, unsigned int rmap, unsigned int stop)
{
	struct core_walked walked;
	unsigned int i;
	size_t b;

	/* To be left early may be what a broken one cannot stand. */
	if (t->algorithm->broken)
		stop = 0;
	for (b = 0; b < BUILDS; b++) {
		trio_builds[b]->walk(t->w[b], rmap, stop, &walked);
		MUST(t, b, !walked.strangers);
		if (walked.result == RMAP_WALK_GIVEN_UP) {
			MUST(t, b, !walked.total);
			continue;
		}
		rules_of_walk(t, b, rmap, &walked);
		if (stop && stop <= t->n[rmap]) {
			MUST(t, b, walked.result == RMAP_WALK_STOPPED);
			MUST(t, b, walked.total == stop);
			continue;
		}
		MUST(t, b, stop || walked.result == RMAP_WALK_COMPLETE);
		for (i = 0; i < SPTES && walked.result == RMAP_WALK_COMPLETE; i++) {
			MUST(t, b, !walked.visits[i] == (t->where[i] != (int)rmap));
			MUST(t, b, walked.visits[i] <= 1 || walked.stats.restarts ||
				   walked.stats.slow_path || !walked.counted);
		}
	}
}

static int pick_spte(struct trio *t, int where)
{
	unsigned int i, from = rng_below(&t->rng, SPTES);

	for (i = 0; i < SPTES; i++) {
		if (t->where[(from + i) % SPTES] == where)
			return (from + i) % SPTES;
	}
	return -1;
}

static bool step_change(struct trio *t, unsigned int rmap, unsigned int what)
{
	int spte = what ? pick_spte(t, rmap) : pick_spte(t, -1);
	unsigned int i;
	size_t b;

	if (spte < 0 || (!what && t->n[rmap] == t->room))
		return false;
	g_snprintf(t->doing, sizeof(t->doing), "%s spte%d rmap%u",
		   what == 0 ? "add" : what == 1 ? "remove" : "zap_all, not", spte, rmap);
	for (b = 0; b < BUILDS; b++) {
		if (what == 0)
			MUST(t, b, trio_builds[b]->add(t->w[b], rmap, spte) == 0);
		else if (what == 1)
			trio_builds[b]->remove(t->w[b], rmap, spte);
		else
			trio_builds[b]->zap_all(t->w[b], rmap);
	}
	for (i = 0; i < SPTES; i++) {
		if (what == 2 && t->where[i] == (int)rmap)
			t->where[i] = -1;
	}
	if (what < 2)
		t->where[spte] = what ? -1 : (int)rmap;
	t->n[rmap] = what == 2 ? 0 : what ? t->n[rmap] - 1 : t->n[rmap] + 1;
	return true;
}

static void some_steps(struct trio *t, unsigned int steps)
{
	static const unsigned int kinds[] = { 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1 };
	static struct core_list was[BUILDS];
	unsigned int rmap, drawn;
	size_t b;

	while (steps--) {
		rmap = rng_below(&t->rng, 4) ? 0 : rng_below(&t->rng, RMAPS);
		drawn = rng_below(&t->rng, 40);
		for (b = 0; b < BUILDS; b++)
			trio_builds[b]->list(t->w[b], rmap, &was[b]);
		if (drawn < 33 && !step_change(t, rmap, kinds[drawn / 3]))
			continue;
		else if (drawn == 33 && !step_change(t, rmap, 2))
			continue;
		rules_after_step(t, rmap, was);
		step_walk(t, rmap, drawn > 36 ? 1 + rng_below(&t->rng, t->n[rmap] + 1) : 0);
	}
}

/* Everything is taken back: no object may be left but those in the vCPU's cache. */
static void empty_out(struct trio *t)
{
	unsigned int r;
	size_t b;

	for (r = 0; r < RMAPS; r++) {
		while (pick_spte(t, r) >= 0)
			step_change(t, r, 1);
		step_walk(t, r, 0);
	}
	for (b = 0; b < BUILDS; b++)
		MUST(t, b, trio_builds[b]->live(t->w[b]) == trio_builds[b]->cached(t->w[b]));
}

static bool try_spec(struct trio *t, unsigned int algorithm, uint64_t seed, unsigned int steps)
{
	if (!trio_make(t, algorithm, seed))
		return false;
	some_steps(t, steps);
	empty_out(t);
	trio_free(t);
	return true;
}

/* --- all values of all parameters */

static unsigned int values_of(const struct rmap_param *p, long *value)
{
	const long some[] = { p->def, p->min, p->min + 1, p->min + 2, p->max };
	unsigned int n = 0, i, j;

	for (i = 0; p->words && p->words[i]; i++)
		value[n++] = i;
	for (i = 0; !p->words && i < G_N_ELEMENTS(some); i++) {
		for (j = 0; j < n && value[j] != some[i]; j++)
			;
		if (j == n && some[i] <= p->max)
			value[n++] = some[i];
	}
	return n;
}

static void default_spec(struct trio *t, unsigned int algorithm, unsigned int ext)
{
	const struct rmap_param *params = rmap_algorithms[algorithm]->params;
	int i;

	memset(t, 0, sizeof(*t));
	t->spec.ext = ext;
	t->spec.address_bits = 48;
	for (i = 0; params[i].name; i++)
		t->spec.param[i] = params[i].def;
}

/* Every combination; returns how many were legal. */
static unsigned int every_combination(struct trio *t, unsigned int algorithm, unsigned int at)
{
	const struct rmap_param *p = &rmap_algorithms[algorithm]->params[at];
	unsigned int i, n, legal = 0;
	long value[VALUES];

	if (!p->name)
		return try_spec(t, algorithm, 1, 40);
	n = values_of(p, value);
	for (i = 0; i < n; i++) {
		t->spec.param[at] = value[i];
		legal += every_combination(t, algorithm, at + 1);
	}
	return legal;
}

static void test_every_combination(gconstpointer data)
{
	unsigned int algorithm = GPOINTER_TO_UINT(data), ext;
	struct trio t;

	for (ext = 2; ext <= 3; ext++) {
		default_spec(&t, algorithm, ext);
		g_assert_cmpuint(every_combination(&t, algorithm, 0), >, 0);
	}
}

/* Every size of a descriptor, with each parameter away from its default in turn. */
static void test_every_size(gconstpointer data)
{
	unsigned int algorithm = GPOINTER_TO_UINT(data), ext, at, i, n, legal = 0;
	const struct rmap_param *params = rmap_algorithms[algorithm]->params;
	long value[VALUES];
	struct trio t;

	for (ext = 1; ext <= 14; ext++) {
		default_spec(&t, algorithm, ext);
		legal += try_spec(&t, algorithm, ext, 200);
		for (at = 0; params[at].name; at++) {
			n = values_of(&params[at], value);
			for (i = 0; i < n; i++) {
				default_spec(&t, algorithm, ext);
				t.spec.param[at] = value[i];
				legal += try_spec(&t, algorithm, ext, 60);
			}
		}
	}
	g_assert_cmpuint(legal, >=, 14);
}

/* The machine around it: wide addresses, vCPU caches, zeroing, the other lock. */
static void test_surroundings(gconstpointer data)
{
	unsigned int algorithm = GPOINTER_TO_UINT(data), i, shift;
	const struct rmap_param *params = rmap_algorithms[algorithm]->params;
	struct trio t;

	for (i = 0; i < 32; i++) {
		default_spec(&t, algorithm, 2 + i % 3);
		t.spec.address_bits = i & 1 ? 57 : 48;
		t.spec.cache_objs = i & 2 ? 1 + i % KVM_CACHE_MAX : 0;
		t.spec.alloc_zero = i & 4;
		t.spec.lock_rw = i & 8;
		for (shift = 0; params[shift].name; shift++) {
			if (!strcmp(params[shift].name, "position-shift") && i & 1)
				t.spec.param[shift] = 57;
		}
		g_assert_true(try_spec(&t, algorithm, i, 150));
	}
}

/* Long runs of the default. */
static void test_long(gconstpointer data)
{
	unsigned int algorithm = GPOINTER_TO_UINT(data);
	struct trio t;

	default_spec(&t, algorithm, 3);
	g_assert_true(try_spec(&t, algorithm, 42, 20000));
}

/* --- tables */

static void test_tables_agree(void)
{
	size_t b, i, j;

	for (i = 0; rmap_algorithms[i]; i++) {
		const struct rmap_algorithm *a = rmap_algorithms[i];

		for (b = 0; b < BUILDS; b++) {
			const struct rmap_algorithm *o = trio_builds[b]->algorithms[i];

			g_assert_nonnull(o);
			g_assert_cmpuint(o->abi, ==, RMAP_ABI);
			g_assert_cmpuint(o->size, ==, sizeof(*o));
			g_assert_cmpstr(o->name, ==, a->name);
			g_assert_cmpint(o->broken, ==, a->broken);
		}
		for (j = 0; j < i; j++)
			g_assert_cmpstr(a->name, !=, rmap_algorithms[j]->name);
	}
	for (b = 0; b < BUILDS; b++)
		g_assert_null(trio_builds[b]->algorithms[i]);
}

static void test_table(gconstpointer data)
{
	const struct rmap_algorithm *a = rmap_algorithms[GPOINTER_TO_UINT(data)];
	const struct rmap_param *p;
	long words;

	g_assert_true(a->name && *a->name && a->summary && *a->summary && a->source && *a->source);
	g_assert_null(strchr(a->name, '_'));
	g_assert_cmpint(a->broken, ==, g_str_has_prefix(a->name, "busted-"));
	g_assert_true(a->params && a->objects && a->init && a->destroy && a->objects_max);
	g_assert_true(a->add && a->remove && a->zap_all && a->walk && a->audit && a->describe);
	for (p = a->params; p->name; p++) {
		g_assert_cmpint(p - a->params, <, RMAP_PARAM_MAX);
		g_assert_true(p->summary && *p->summary);
		g_assert_cmpint(p->min, <=, p->def);
		g_assert_cmpint(p->def, <=, p->max);
		for (words = 0; p->words && p->words[words]; words++)
			;
		g_assert_true(!p->words || words == p->max + 1);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*test)(gconstpointer data);
	} tests[] = {
		{ "table", test_table },
		{ "every-combination", test_every_combination },
		{ "every-size", test_every_size },
		{ "surroundings", test_surroundings },
		{ "long", test_long },
	};
	size_t i, j;
	char *path;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/core/tables-agree", test_tables_agree);
	for (i = 0; rmap_algorithms[i]; i++) {
		for (j = 0; j < G_N_ELEMENTS(tests); j++) {
			path = g_strdup_printf("/core/%s/%s", rmap_algorithms[i]->name,
					       tests[j].name);
			g_test_add_data_func(path, GUINT_TO_POINTER((guint)i), tests[j].test);
			g_free(path);
		}
	}
	return g_test_run();
}
