/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The invariants I1 to I8 of core/pte_list.h and rmap_position.c, step by step. */
#include <string.h>
#include "tests/core_trio.h"

const struct core_build *const trio_builds[BUILDS] = {
	&core_build_sim, &core_build_hw, &core_build_high,
};

long trio_param(const struct trio *t, const char *name, long otherwise)
{
	const struct rmap_param *p;

	for (p = t->algorithm->params; p->name; p++) {
		if (!strcmp(p->name, name))
			return t->spec.param[p - t->algorithm->params];
	}
	return otherwise;
}

bool trio_is_tail(const struct trio *t)
{
	/* Who keeps sequence counts keeps this form: a removal anywhere counts. */
	return trio_param(t, "form", 1) == 0 || t->algorithm->needs & RMAP_NEEDS_SEQCOUNTS;
}

/* Who takes the parameters of the stack form keeps one. */
bool trio_is_stack(const struct trio *t)
{
	return trio_param(t, "collapse", -1) >= 0 && !trio_is_tail(t);
}

char *trio_words(const struct trio *t, const char *build)
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
	long bits = 64 - trio_param(t, "position-shift", 64);
	long width = trio_param(t, "position-bits", 0);
	uint64_t max;

	bits = width && width < bits ? width : bits;
	max = (1ull << bits) - 1;
	if (distance <= max)
		return distance;
	return trio_param(t, "overflow", 0) == PTE_LIST_WRAP ? (distance - 1) % max + 1 : 0;
}

/* I1, I4, I8 and the positions' absolute values. */
static void check_stack(struct trio *t, size_t b, unsigned int rmap, const struct core_list *l)
{
	bool numbered = trio_param(t, "position-shift", -1) >= 0;
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

	trio_builds[b]->audit(t->w[b], rmap, &audit);
	MUST(t, b, !audit.error);
	MUST(t, b, !audit.strangers);
	if (audit.keeps_nothing)
		return;
	for (i = 0; i < SPTES; i++)
		MUST(t, b, audit.found[i] == (t->where[i] == (int)rmap));
	MUST(t, b, audit.nr_sptes == t->n[rmap]);
	/* Without collapse the last descriptor outlives all but one of its entries. */
	MUST(t, b, audit.nr_objects <= trio_builds[b]->objects_max(t->w[b], MAX(t->n[rmap], 2)));
}

/* What is allocated is in a list or in the vCPU's cache. */
static void check_objects(struct trio *t, size_t b)
{
	struct core_audited audit;
	unsigned long held = trio_builds[b]->cached(t->w[b]);
	unsigned int r;

	for (r = 0; r < RMAPS; r++) {
		trio_builds[b]->audit(t->w[b], r, &audit);
		held += audit.nr_objects;
	}
	MUST(t, b, trio_builds[b]->live(t->w[b]) == held);
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

void rules_after_step(struct trio *t, unsigned int rmap, struct core_list was[BUILDS])
{
	static struct core_list now[BUILDS];
	size_t b;

	for (b = 0; b < BUILDS; b++) {
		MUST(t, b, !trio_builds[b]->complaint(t->w[b]));
		check_audit(t, b, rmap);
		check_objects(t, b);
		if (!trio_builds[b]->list(t->w[b], rmap, &now[b]))
			continue;
		check_same(t, b, &now[0], &now[b]);
		if (trio_is_stack(t)) {
			check_stack(t, b, rmap, &now[b]);
			check_stack_moves(t, b, &was[b], &now[b]);
		} else if (trio_is_tail(t)) {
			check_tail(t, b, &was[b], &now[b]);
		}
	}
}

/* Alone, nothing restarts and nobody needs the lock, unless positions do not fit. */
void rules_of_walk(struct trio *t, size_t b, unsigned int rmap,
			     const struct core_walked *walked)
{
	unsigned int descs = (t->n[rmap] + t->spec.ext - 1) / t->spec.ext;
	/* Without collapse the last descriptor outlives all but one of its entries. */
	unsigned int objects = trio_builds[b]->objects_max(t->w[b], MAX(t->n[rmap], 2));
	bool fits = descs == 0 || position_of(t, descs) == descs;
	/* Beyond the list's first level, where that is what is walked without the lock. */
	bool longer = descs > 1 && trio_param(t, "level", -1) == 0;
	/* An array has all entries of its list. */
	u32 slots = trio_param(t, "snapshot-max", -1) < 0 ? t->spec.ext : t->n[rmap];

	if (!walked->counted)
		return;
	MUST(t, b, walked->stats.steps > 0);
	if (trio_param(t, "position-shift", -1) < 0 || fits) {
		MUST(t, b, !walked->stats.restarts && walked->stats.slow_path <= longer);
		MUST(t, b, walked->stats.slow_path == longer ||
			   walked->result == RMAP_WALK_STOPPED);
		MUST(t, b, walked->stats.steps <= 1 + (objects + 1 + 2 * longer) *
						  (slots + 1ul));
		return;
	}
	MUST(t, b, walked->stats.restarts <= (uint64_t)trio_param(t, "retries", 0));
}
