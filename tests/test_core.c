/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every algorithm of every build of core/, single-threaded, against a plain set:
 * what was added and not removed is what a walk visits and an audit finds, no
 * object is lost, and all builds keep the same lists. The tables are looped
 * over, so a new algorithm's file is tested by being listed. Variants that are
 * broken on purpose are right as long as nobody is beside them.
 */
#include <string.h>
#include <glib.h>
#include "core/pte_list.h"
#include "sim/engine/rng.h"
#include "tests/core_world.h"

#define RMAPS	3
#define SPTES	24
#define VALUES	6	/* of a parameter, at the most */

static const struct core_build *const builds[] = {
	&core_build_sim, &core_build_hw, &core_build_high,
};

#define BUILDS	G_N_ELEMENTS(builds)

/* The same world in every build, and what it must hold. */
struct trio {
	const struct rmap_algorithm *algorithm;
	struct core_spec spec;
	struct core_world *w[BUILDS];
	int where[SPTES];		/* the rmap that it is in, or -1 */
	unsigned int n[RMAPS];
	unsigned int room;		/* entries that one rmap may have */
	struct rng rng;
	char doing[96];
};

static long param_of(const struct trio *t, const char *name, long otherwise)
{
	const struct rmap_param *p;

	for (p = t->algorithm->params; p->name; p++) {
		if (!strcmp(p->name, name))
			return t->spec.param[p - t->algorithm->params];
	}
	return otherwise;
}

static bool is_tail(const struct trio *t)
{
	return !strcmp(t->algorithm->name, "locked") && param_of(t, "form", 1) == 0;
}

/* Who takes the parameters of the stack form keeps one. */
static bool is_stack(const struct trio *t)
{
	return param_of(t, "collapse", -1) >= 0 && !is_tail(t);
}

static char *spec_words(const struct trio *t, const char *build)
{
	GString *s = g_string_new(t->algorithm->name);
	const struct rmap_param *p;

	for (p = t->algorithm->params; p->name; p++)
		g_string_append_printf(s, " %s=%ld", p->name,
				       t->spec.param[p - t->algorithm->params]);
	g_string_append_printf(s, " ext=%u bits=%u cache=%u zero=%d rw=%d, build %s: %s",
			       t->spec.ext, t->spec.address_bits, t->spec.cache_objs,
			       t->spec.alloc_zero, t->spec.lock_rw, build, t->doing);
	return g_string_free(s, FALSE);
}

#define MUST(t, b, cond) do {							\
	if (G_UNLIKELY(!(cond)))						\
		g_error("%s:%d: %s: %s", __FILE__, __LINE__,			\
			spec_words(t, builds[b]->name), #cond);			\
} while (0)

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
	if (overflow >= 0 && param_of(t, "overflow", 0) == PTE_LIST_WRAP &&
	    param_of(t, "retries", 0) == 1000000)
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
		t->w[b] = builds[b]->make(&t->spec);
	return true;
}

static void trio_free(struct trio *t)
{
	size_t b;

	for (b = 0; b < BUILDS; b++)
		builds[b]->free(t->w[b]);
}

/* --- what holds after each step */

static int distance_of(const struct core_list *l, const void *where)
{
	unsigned int i;

	for (i = 0; i < l->n; i++) {
		if (l->desc[i].where == where)
			return l->n - i;
	}
	return 0;
}

static unsigned int used_slots(const struct core_desc *d, unsigned int ext)
{
	unsigned int n = 0;

	while (n < ext && d->spte[n] >= 0)
		n++;
	return n;
}

/* Slots are filled from 0 up and nothing stands above an empty one. */
static bool packed(const struct core_desc *d, unsigned int ext)
{
	unsigned int i;

	for (i = used_slots(d, ext); i < ext; i++) {
		if (d->spte[i] >= 0)
			return false;
	}
	return true;
}

static uint64_t position_of(const struct trio *t, unsigned int distance)
{
	long bits = 64 - param_of(t, "position-shift", 64), width = param_of(t, "position-bits", 0);
	uint64_t max;

	bits = width && width < bits ? width : bits;
	max = (1ull << bits) - 1;
	if (distance <= max)
		return distance;
	return param_of(t, "overflow", 0) == PTE_LIST_WRAP ? (distance - 1) % max + 1 : 0;
}

/* I1, I4, I8 and the positions' absolute values. */
static void check_stack(struct trio *t, size_t b, unsigned int rmap, const struct core_list *l)
{
	bool numbered = param_of(t, "position-shift", -1) >= 0;
	unsigned int i, used;

	for (i = 0; i < l->n; i++) {
		used = used_slots(&l->desc[i], t->spec.ext);
		MUST(t, b, packed(&l->desc[i], t->spec.ext));
		MUST(t, b, i ? used == t->spec.ext : used > 0);
		MUST(t, b, l->desc[i].many == !i);
		MUST(t, b, l->desc[i].numbered == numbered);
		if (numbered)
			MUST(t, b, l->desc[i].position == position_of(t, l->n - i));
	}
	MUST(t, b, !l->n || l->nulls == (int)rmap);
	if (t->spec.param[PTE_LIST_COLLAPSE] && l->n == 1)
		MUST(t, b, used_slots(&l->desc[0], t->spec.ext) > 1);
}

/* Distance from the tail and slot of an entry; false: it is in no descriptor. */
static bool place_of(const struct trio *t, const struct core_list *l, int spte,
		     unsigned int *distance, unsigned int *slot)
{
	unsigned int i;

	for (i = 0; i < l->n; i++) {
		for (*slot = 0; *slot < t->spec.ext; (*slot)++) {
			*distance = l->n - i;
			if (l->desc[i].spte[*slot] == spte)
				return true;
		}
	}
	return false;
}

/* I2 and I7: a descriptor that stays has not moved; I3: entries moved down only. */
static void check_stack_moves(struct trio *t, size_t b, const struct core_list *was,
			      const struct core_list *now)
{
	unsigned int i, j, k, m;
	int spte;

	for (i = 0; i < was->n; i++) {
		const struct core_desc *d = &was->desc[i];
		int at = distance_of(now, d->where);

		if (!at)
			continue;
		MUST(t, b, at == (int)(was->n - i));
		MUST(t, b, now->desc[now->n - at].position == d->position);
	}
	for (spte = 0; spte < SPTES; spte++) {
		if (!place_of(t, was, spte, &i, &j) || !place_of(t, now, spte, &k, &m))
			continue;
		MUST(t, b, k < i || (k == i && m <= j));
	}
}

/* I5; I6: what is new is last; the others keep their order. */
static void check_tail(struct trio *t, size_t b, const struct core_list *was,
		       const struct core_list *now)
{
	unsigned int i, at = 0;

	for (i = 0; i < now->n; i++) {
		MUST(t, b, packed(&now->desc[i], t->spec.ext));
		MUST(t, b, used_slots(&now->desc[i], t->spec.ext) > 0);
		MUST(t, b, now->desc[i].many == !i && !now->desc[i].numbered);
		while (at < was->n && was->desc[at].where != now->desc[i].where)
			at++;
		MUST(t, b, at < was->n || i == now->n - 1);
	}
	MUST(t, b, now->nulls < 0);
}

static void check_audit(struct trio *t, size_t b, unsigned int rmap)
{
	struct core_audited audit;
	unsigned int i;

	builds[b]->audit(t->w[b], rmap, &audit);
	MUST(t, b, !audit.error);
	MUST(t, b, !audit.strangers);
	if (audit.keeps_nothing)
		return;
	for (i = 0; i < SPTES; i++)
		MUST(t, b, audit.found[i] == (t->where[i] == (int)rmap));
	MUST(t, b, audit.nr_sptes == t->n[rmap]);
	/* Without collapse the last descriptor outlives all but one of its entries. */
	MUST(t, b, audit.nr_objects <= builds[b]->objects_max(t->w[b], MAX(t->n[rmap], 2)));
}

/* What is allocated is in a list or in the vCPU's cache. */
static void check_objects(struct trio *t, size_t b)
{
	struct core_audited audit;
	unsigned long held = builds[b]->cached(t->w[b]);
	unsigned int r;

	for (r = 0; r < RMAPS; r++) {
		builds[b]->audit(t->w[b], r, &audit);
		held += audit.nr_objects;
	}
	MUST(t, b, builds[b]->live(t->w[b]) == held);
}

/* All builds keep the same list. */
static void check_same(struct trio *t, size_t b, const struct core_list *x,
		       const struct core_list *y)
{
	unsigned int i;

	MUST(t, b, x->direct == y->direct && x->n == y->n && x->nulls == y->nulls);
	for (i = 0; i < x->n; i++) {
		const struct core_desc *d = &x->desc[i], *e = &y->desc[i];

		MUST(t, b, d->position == e->position && d->many == e->many &&
			   d->numbered == e->numbered);
		MUST(t, b, !memcmp(d->spte, e->spte, t->spec.ext * sizeof(*d->spte)));
	}
}

static void check_step(struct trio *t, unsigned int rmap, struct core_list was[BUILDS])
{
	static struct core_list now[BUILDS];
	size_t b;

	for (b = 0; b < BUILDS; b++) {
		MUST(t, b, !builds[b]->complaint(t->w[b]));
		check_audit(t, b, rmap);
		check_objects(t, b);
		if (!builds[b]->list(t->w[b], rmap, &now[b]))
			continue;
		check_same(t, b, &now[0], &now[b]);
		if (is_stack(t)) {
			check_stack(t, b, rmap, &now[b]);
			check_stack_moves(t, b, &was[b], &now[b]);
		} else if (is_tail(t)) {
			check_tail(t, b, &was[b], &now[b]);
		}
	}
}

/* --- steps */

/* Alone, nothing restarts and nobody needs the lock, unless positions do not fit. */
static void check_walk_stats(struct trio *t, size_t b, unsigned int rmap,
			     const struct core_walked *walked)
{
	unsigned int descs = (t->n[rmap] + t->spec.ext - 1) / t->spec.ext;
	bool fits = descs == 0 || position_of(t, descs) == descs;

	if (!walked->counted)
		return;
	MUST(t, b, walked->stats.steps > 0);
	if (param_of(t, "position-shift", -1) < 0 || fits) {
		MUST(t, b, !walked->stats.restarts && !walked->stats.slow_path);
		MUST(t, b, is_tail(t) ||
			   walked->stats.steps <= 1 + (descs + 1) * (t->spec.ext + 1ul));
		return;
	}
	MUST(t, b, walked->stats.restarts <= (uint64_t)param_of(t, "retries", 0));
}

static void step_walk(struct trio *t, unsigned int rmap, unsigned int stop)
{
	struct core_walked walked;
	unsigned int i;
	size_t b;

	for (b = 0; b < BUILDS; b++) {
		builds[b]->walk(t->w[b], rmap, stop, &walked);
		MUST(t, b, !walked.strangers);
		if (walked.result == RMAP_WALK_GIVEN_UP) {
			MUST(t, b, !walked.total);
			continue;
		}
		check_walk_stats(t, b, rmap, &walked);
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
			MUST(t, b, builds[b]->add(t->w[b], rmap, spte) == 0);
		else if (what == 1)
			builds[b]->remove(t->w[b], rmap, spte);
		else
			builds[b]->zap_all(t->w[b], rmap);
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
			builds[b]->list(t->w[b], rmap, &was[b]);
		if (drawn < 33 && !step_change(t, rmap, kinds[drawn / 3]))
			continue;
		else if (drawn == 33 && !step_change(t, rmap, 2))
			continue;
		check_step(t, rmap, was);
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
		MUST(t, b, builds[b]->live(t->w[b]) == builds[b]->cached(t->w[b]));
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
			const struct rmap_algorithm *o = builds[b]->algorithms[i];

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
		g_assert_null(builds[b]->algorithms[i]);
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
