/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * States that the search takes for one state have one future: merged states run
 * on together, what can be seen of memory is the same with marks and without,
 * and whatever a mark takes in is needed, or it is said why it is not.
 *
 * RMAPSIM_LONG: bench-c6 as well.
 */
#include <string.h>
#include "tests/search_support.h"

/* --- what memory can come to */

struct projection {
	GHashTable *all;
	GHashTable *asked;	/* where no task stands before a load that could go unasked */
};

/* Before a load, with mmu_lock held. */
static bool could_go_unasked(const struct engine *e)
{
	unsigned int i;

	for (i = 0; i < e->plan->n_tasks; i++) {
		const struct task *t = &e->tasks[i];

		if (!t->done && t->sim.ev.kind == EV_LOAD && t->sim.held[0])
			return true;
	}
	return false;
}

static void project(struct engine *e, uint32_t state, void *data)
{
	struct projection *p = data;
	uint64_t hash = search_memory(e);

	(void)state;
	search_set_add(p->all, hash);
	if (!could_go_unasked(e))
		search_set_add(p->asked, hash);
}

static void projection_of(const struct plan *plan, struct search_options opt,
			  struct projection *p)
{
	struct search_result res;

	p->all = search_set_new();
	p->asked = search_set_new();
	opt.on_state = project;
	opt.hook_data = p;
	search_result_of(plan, &opt, &res);
	g_assert_cmpint(res.verdict, ==, SEARCH_VERIFIED);
}

static void projection_clear(struct projection *p)
{
	g_hash_table_unref(p->all);
	g_hash_table_unref(p->asked);
}

static void check_projections_with(const char *name, const char *const *set)
{
	const struct search_options others[] = {
		{ .no_marks = true }, { .hash_seed = 1 }, { .no_marks = true, .hash_seed = 2 },
		{ .exact = true }, { .reverse = true }, { .asked = true },
		{ .asked = true, .no_marks = true },
	};
	struct plan *plan = support_plan(name, set);
	struct projection usual, other;
	unsigned int i;

	projection_of(plan, (struct search_options){ .hash_seed = 0 }, &usual);
	for (i = 0; i < G_N_ELEMENTS(others); i++) {
		projection_of(plan, others[i], &other);
		if (others[i].asked) {
			g_assert_true(search_sets_equal(usual.asked, other.asked));
			g_assert_cmpuint(g_hash_table_size(usual.all), <=,
					 g_hash_table_size(other.all));
		} else {
			g_assert_true(search_sets_equal(usual.all, other.all));
		}
		projection_clear(&other);
	}
	projection_clear(&usual);
	plan_free(plan);
}

static void check_projections(const char *name)
{
	check_projections_with(name, NULL);
}

/* Buffers and messages are part of the state; what is in memory follows from them. */
static void test_projections_of_models(void)
{
	const char *const tso[] = { "memory.model=tso", NULL };
	const char *const pso[] = { "memory.model=pso", NULL };
	const char *const weak[] = { "memory.model=weak", NULL };

	check_projections_with("bench-c1", tso);
	check_projections_with("bench-c3", tso);
	check_projections_with("bench-c4", tso);
	check_projections_with("bench-c1", pso);
	check_projections_with("bench-c1", weak);
	check_projections_with("rcu-beside-writer", pso);
	check_projections_with("slab-pages-return", tso);
	check_projections_with("snapshot-callbacks", tso);
}

static void test_projections(void)
{
	check_projections("bench-c1");
	check_projections("bench-c2");
	check_projections("bench-c3");
	check_projections("bench-c4");
	check_projections("bench-c5");
	check_projections("dirty-log-walk");
	check_projections("unmap-beside-guest");
	check_projections("rcu-beside-writer");
	check_projections("snapshot-beside-writer");
	check_projections("slab-pages-return");
	check_projections("rcu-callbacks");
	if (search_long())
		check_projections("bench-c6");
}

/* --- merged states run on together */

enum { RUN_ON_SCHEDULES = 100, RUN_ON_POINTS = 400 };

/* First visits, by number. */
struct merges {
	GHashTable *first;
	uint8_t *room;
	size_t bytes;
	unsigned int met, every;
	uint64_t run_on;
};

static struct rng coin;

static void coin_begin(void *state, const struct plan *plan, uint64_t seed)
{
	(void)state;
	(void)plan;
	(void)seed;
}

static unsigned int coin_next(void *state, struct choice_set *set, uint32_t *quantum)
{
	(void)state;
	*quantum = 1;
	return rng_below(&coin, set->n);
}

static void coin_pick(void *state, const struct choice *question, uint64_t point, uint32_t n,
		      uint32_t *answer)
{
	(void)state;
	(void)question;
	(void)point;
	*answer = rng_below(&coin, n);
}

static const struct strategy coin_strategy = {
	.name = "coin", .begin = coin_begin, .next = coin_next, .pick = coin_pick,
};

/* What is announced, who may go on, what memory is, what walks have come to. */
static uint64_t seen(const struct engine *e, uint64_t h)
{
	unsigned int i;

	for (i = 0; i < e->set.n; i++)
		h = hash_mix(h, e->set.ev[i].who);
	for (i = 0; i < e->plan->n_tasks; i++) {
		const struct task *t = &e->tasks[i];

		h = hash_mix(h, t->done ? 0 : t->sim.ev.site->hash);
		h = hash_mix(h, t->done ? 0 : sim_canonical((uint64_t)t->sim.ev.addr));
	}
	h = hash_mix(h, e->run->stats.walks_complete);
	return hash_mix(h, search_memory(e));
}

/* One random schedule from a checkpoint on; the same coin, the same answers. */
static uint64_t run_on(struct engine *e, const uint8_t *from, uint64_t seed)
{
	const struct strategy *keep = e->strategy;
	uint64_t h = 0, complete;
	unsigned int i;

	checkpoint_get(e, from);
	complete = e->run->stats.walks_complete;
	e->run->stats.walks_complete = 0;
	rng_init(&coin, seed, 0);
	e->strategy = &coin_strategy;
	for (i = 0; i < RUN_ON_POINTS && !e->run->over && e->run->alive; i++) {
		unsigned int t;

		for (t = 0; t < e->plan->n_tasks; t++)
			e->tasks[t].notes.n = 0;
		choice_refresh(e);
		if (!e->set.n)
			break;
		loop_point(e);
		h = seen(e, h);
	}
	if (e->failed_check)
		h = hash_mix(h, g_str_hash(e->failed_check));
	e->run->stats.walks_complete = complete;
	e->strategy = keep;
	return h;
}

static void keep_first(struct engine *e, uint32_t state, void *data)
{
	struct merges *m = data;
	size_t bytes = checkpoint_put(e, m->room);

	g_hash_table_insert(m->first, GUINT_TO_POINTER(state),
			    g_memdup2(m->room, bytes));
}

static void run_both(struct engine *e, uint32_t state, void *data)
{
	const uint8_t *first;
	struct merges *m = data;
	uint64_t seed;

	if (m->met++ % m->every)
		return;
	first = g_hash_table_lookup(m->first, GUINT_TO_POINTER(state));
	g_assert_nonnull(first);
	checkpoint_put(e, m->room);
	for (seed = 0; seed < RUN_ON_SCHEDULES; seed++) {
		uint64_t here = run_on(e, m->room, seed);

		g_assert_cmphex(here, ==, run_on(e, first, seed));
		m->run_on++;
	}
	checkpoint_get(e, m->room);
}

static void check_merges(const char *name, const char *const *set, struct search_options opt)
{
	struct plan *plan = support_plan(name, set);
	struct merges m = { .every = 10 };
	struct search_result res;
	GError *error = NULL;
	struct search *s;

	opt.on_state = keep_first;
	opt.on_merge = run_both;
	opt.hook_data = &m;
	s = search_new(plan, &opt, &error);
	g_assert_no_error(error);
	m.room = g_malloc(checkpoint_room(search_engine(s)));
	m.first = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	g_assert_true(search_run(s, &res, NULL));
	g_assert_cmpuint(m.run_on, >=, RUN_ON_SCHEDULES);
	search_free(s);
	g_hash_table_unref(m.first);
	g_free(m.room);
	plan_free(plan);
}

static void test_merges(void)
{
	static const char *const names[] = {
		"bench-c1", "bench-c4", "mail-picture", "position-retries", "position-starves",
		"position-unnumbered", "position-wraps", "nulls-restarts-forever",
		"dirty-log-walk", "dirty-log-fast-fault", "unmap-beside-guest",
		"recycle-restarts-forever", "rcu-beside-writer", "rcu-one-pass",
		"snapshot-beside-writer", "busted-second-look", "free-ipi", "free-rcu",
		"free-typesafe", "slab-pages-return", "rcu-callbacks", "snapshot-callbacks",
	};
	const char *const seeded[] = { "memory.reuse=seeded", NULL };
	const char *const cached[] = { "memory.cache=1", "memory.alloc-zero=yes", NULL };
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(names); i++)
		check_merges(names[i], NULL, (struct search_options){ .hash_seed = 0 });
	check_merges("bench-c1", seeded, (struct search_options){ .hash_seed = 0 });
	check_merges("bench-c1", cached, (struct search_options){ .hash_seed = 0 });
	check_merges("bench-c1", NULL, (struct search_options){ .asked = true });
}

static void test_merges_of_models(void)
{
	static const char *const choices[] = {
		"memory.model=tso", "memory.model=pso", "memory.model=weak",
	};
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(choices); i++) {
		const char *const plain[] = { choices[i], NULL };
		const char *const small[] = { choices[i], "memory.store-buffer=1", NULL };
		const char *const cached[] = {
			choices[i], "memory.cache=1", "memory.alloc-zero=yes", NULL
		};

		check_merges("bench-c1", plain, (struct search_options){ .hash_seed = 0 });
		check_merges("bench-c1", small, (struct search_options){ .hash_seed = 0 });
		check_merges("rcu-beside-writer", plain, (struct search_options){ .hash_seed = 0 });
		check_merges("rcu-callbacks", plain, (struct search_options){ .hash_seed = 0 });
		/* Under weak these have too many states to keep the first visit of each. */
		if (i == 2)
			continue;
		check_merges("bench-c1", cached, (struct search_options){ .hash_seed = 0 });
		check_merges("nulls-restarts-forever", plain,
			     (struct search_options){ .hash_seed = 0 });
	}
}

/* --- marks with a field left out */

#define KEPT		3	/* words of the longest struct */
#define ALL		UINT64_MAX
#define POSITION	(UINT64_MAX << 50)	/* of struct pte_list_iter's word */
#define MANY		1ull
#define RESTARTS	(UINT64_MAX << 32)	/* of its second word; the rest is the slot */
#define SLOT		0xffffffffull

/* A search whose marks keep these bits only of their first words. */
static void search_keeping(const char *name, const char *const *set, bool asked,
			   const uint64_t keep[KEPT], struct search_result *res,
			   struct projection *p)
{
	struct search_options opt = { .on_state = project, .hook_data = p, .asked = asked };
	struct plan *plan = support_plan(name, set);
	struct search *s = search_new(plan, &opt, NULL);

	g_assert_nonnull(s);
	p->all = search_set_new();
	p->asked = search_set_new();
	memcpy(sim.mark_keep, keep, KEPT * sizeof(keep[0]));
	g_assert_true(search_run(s, res, NULL));
	search_free(s);
	plan_free(plan);
}

/* Without `restarts` a walk whose retries are limited seems to restart for ever. */
static void test_restarts_left_out(void)
{
	static const char *const retries[] = { "algorithm.retries=1", "algorithm.retries=2" };
	const uint64_t whole[KEPT] = { ALL, ALL, ALL }, without[KEPT] = { ALL, ~RESTARTS, ALL };
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(retries); i++) {
		const char *const set[] = { retries[i], NULL };
		struct search_result res;
		struct projection p;

		search_keeping("position-retries", set, false, whole, &res, &p);
		g_assert_cmpint(res.verdict, ==, SEARCH_VERIFIED);
		g_assert_cmpuint(res.walker[0].bound[SEARCH_RESTARTS].max, ==, i + 1);
		projection_clear(&p);
		search_keeping("position-retries", set, false, without, &res, &p);
		g_assert_cmpint(res.finding, ==, SEARCH_ENDLESS_RESTARTS);
		projection_clear(&p);
	}
}

/*
 * Without the position a walker in a descriptor that has changed its place is
 * taken for one that came to it at the other place, and a pass of more steps
 * than there can be is found. MANY must go as well: here it says whether the
 * head or a link led to the descriptor, and so at which of two positions.
 */
static void test_position_left_out(void)
{
	const uint64_t without[KEPT] = { ~(POSITION | MANY), ALL, ALL };
	const uint64_t whole[KEPT] = { ALL, ALL, ALL };
	struct search_result res;
	struct projection p;

	search_keeping("position-gt-pass", NULL, false, whole, &res, &p);
	g_assert_cmpint(res.verdict, ==, SEARCH_VERIFIED);
	g_assert_cmpuint(res.walker[0].bound[SEARCH_PASS_STEPS].max, ==, 10);
	projection_clear(&p);
	search_keeping("position-gt-pass", NULL, false, without, &res, &p);
	g_assert_cmpint(res.finding, ==, SEARCH_BOUND);
	projection_clear(&p);
}

static void check_needless(const char *name, const char *const *set, bool asked,
			   const uint64_t keep[KEPT], bool same_counts)
{
	const uint64_t whole[KEPT] = { ALL, ALL, ALL };
	struct search_result usual, res;
	struct projection p, q;

	search_keeping(name, set, asked, whole, &usual, &p);
	search_keeping(name, set, asked, keep, &res, &q);
	search_assert_same_answer(&usual, &res);
	g_assert_true(search_sets_equal(p.all, q.all));
	if (same_counts) {
		g_assert_cmpuint(usual.states, ==, res.states);
		g_assert_cmpuint(usual.transitions, ==, res.transitions);
	}
	projection_clear(&p);
	projection_clear(&q);
}

/*
 * What the announced address says as well: the descriptor and the slot, since
 * every mark stands before a load from just there. The slot makes no difference
 * at all. The descriptor does to the counts, and to nothing else: an address
 * that a walk no longer looks at lives on until its next mark.
 */
static void test_needless_fields(void)
{
	static const char *const names[] = {
		"position-retries", "position-gt-pass", "position-ge-pass", "position-wraps",
		"position-starves", "bench-c1", "bench-c4", "mail-picture",
	};
	const uint64_t no_slot[KEPT] = { ALL, ~SLOT, ALL };
	const uint64_t no_desc[KEPT] = { POSITION | MANY, ALL, ALL };
	unsigned int i, asked;

	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		for (asked = 0; asked < 2; asked++) {
			check_needless(names[i], NULL, asked, no_slot, true);
			check_needless(names[i], NULL, asked, no_desc, false);
		}
	}
}

/*
 * Of a writer's place, in either form, nothing is needed: it holds mmu_lock, so
 * the words that led it there are still the same, and it stands before a load or
 * a store of the very slot. The tail form's has three words: the descriptor before,
 * the descriptor, the slot.
 */
static void test_writers_places(void)
{
	static const char *const names[] = { "bench-c1", "bench-c4", "mail-picture" };
	static const char *const forms[] = { "algorithm.form=tail", "algorithm.form=stack" };
	unsigned int i, form, word, asked;

	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		for (form = 0; form < G_N_ELEMENTS(forms); form++) {
			const char *const set[] = { "algorithm.name=locked", forms[form], NULL };

			for (word = 0; word < KEPT; word++) {
				uint64_t keep[KEPT] = { ALL, ALL, ALL };

				keep[word] = 0;
				for (asked = 0; asked < 2; asked++)
					check_needless(names[i], set, asked, keep, false);
			}
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/identity/projections", test_projections);
	g_test_add_func("/search/identity/projections of models", test_projections_of_models);
	g_test_add_func("/search/identity/merges", test_merges);
	g_test_add_func("/search/identity/merges of models", test_merges_of_models);
	g_test_add_func("/search/identity/restarts left out", test_restarts_left_out);
	g_test_add_func("/search/identity/position left out", test_position_left_out);
	g_test_add_func("/search/identity/needless fields", test_needless_fields);
	g_test_add_func("/search/identity/writers' places", test_writers_places);
	return g_test_run();
}
