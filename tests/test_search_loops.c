/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The search against a second judge of who can be kept from finishing
 * (search_loops.h), on generated programs whose writers loop for ever. Both must
 * find the same: which walker, in which way, and which of the bounds are finite.
 * Each cycle that is found is gone round a thousand times.
 *
 * Programs are made from fixed seeds; --verbose prints them. RMAPSIM_LONG: more.
 */
#include <string.h>
#include "sim/cmd/common.h"
#include "sim/engine/rng.h"
#include "tests/search_loops.h"
#include "tests/search_rounds.h"
#include "tests/search_support.h"

#define STATES_MAX	10000	/* larger programs are abandoned */
#define ROUNDS		1000	/* along each cycle that is found */

/* --- programs */

static uint32_t draw(struct rng *rng, unsigned int n)
{
	return rng_below(rng, n);
}

static void put_algorithm(GString *text, struct rng *rng)
{
	static const char *const names[] = {
		"nulls", "nulls", "locked\nform = tail", "locked\nform = stack",
		"position\nretries = unlimited", "position\nretries = unlimited\ncompare = gt",
		"position\nretries = unlimited\nposition-bits = 1\noverflow = wrap",
		"position\nretries = 0", "position\nretries = 1\ncompare = gt",
		"busted-await-head", "busted-await-head", "busted-await-head",
	};

	g_string_append_printf(text, "[algorithm]\nname = %s\n[machine]\nlock = %s\n",
			       names[draw(rng, G_N_ELEMENTS(names))],
			       draw(rng, 3) ? "unfair" : "fifo");
}

#define SPTES	7	/* spte0 begins in rmap1, spte1..last in rmap0, the others nowhere */

struct op {
	bool add;
	unsigned int spte, rmap;
};

static void put_op(GString *text, const struct op *op)
{
	g_string_append_printf(text, "%s%s spte%u rmap%u",
			       g_str_has_suffix(text->str, "= ") ? "" : "; ",
			       op->add ? "add" : "remove", op->spte, op->rmap);
}

/* The same for each spte of a few, in an order of their own. */
static void put_ops(GString *text, struct rng *rng, const struct op *ops, unsigned int n)
{
	unsigned int i, from = draw(rng, n), step = draw(rng, 2) ? 1 : n - 1;

	for (i = 0; i < n; i++) {
		if (ops[(from + i * step) % n].rmap < 2)
			put_op(text, &ops[(from + i * step) % n]);
	}
}

/*
 * Some of what is listed is taken out, put into the other rmap perhaps, taken
 * out there, and comes back, so that it can go on for ever.
 */
static void put_mover(GString *text, struct rng *rng, unsigned int last)
{
	unsigned int n = 0, first = draw(rng, 3) + 1, i;
	struct op out[SPTES], over[SPTES], back[SPTES], home[SPTES];
	bool both = draw(rng, 2);

	for (i = both ? 0 : first; i <= last; i++) {
		unsigned int of = i ? 0 : 1, to = draw(rng, 2) ? 1 - of : 2;

		if (i && i < first)
			continue;
		out[n] = (struct op){ false, i, of };
		over[n] = (struct op){ true, i, to };
		back[n] = (struct op){ false, i, to };
		home[n++] = (struct op){ true, i, of };
	}
	g_string_append(text, "loop = forever\nprogram = ");
	put_ops(text, rng, out, n);
	put_ops(text, rng, over, n);
	put_ops(text, rng, back, n);
	put_ops(text, rng, home, n);
	g_string_append_c(text, '\n');
}

/* One that no list holds: added once, or again and again. */
static void put_other(GString *text, struct rng *rng, unsigned int spte)
{
	unsigned int rmap = draw(rng, 2);

	if (draw(rng, 2))
		g_string_append_printf(text, "program = add spte%u rmap%u\n", spte, rmap);
	else
		g_string_append_printf(text, "loop = forever\nprogram = add spte%u rmap%u; "
				       "remove spte%u rmap%u\n", spte, rmap, spte, rmap);
}

/* A walker, and one or two that write. */
static char *looping_program(uint64_t seed)
{
	GString *text = g_string_new("[scenario]\n");
	unsigned int last;
	bool moves;
	struct rng rng;

	rng_init(&rng, seed, 0);
	put_algorithm(text, &rng);
	last = draw(&rng, 3) + 2;
	g_string_append_printf(text, "[memory]\nrmaps = 2\nsptes = %d\npte-list-ext = 2\n"
			       "reuse = %s\nsetup = add spte0 rmap1; add spte1..%u rmap0\n", SPTES,
			       draw(&rng, 2) ? "lifo" : "fifo", last);
	g_string_append(text, "[limits]\noperations = 1000000\n[task t0]\nprogram = walk rmap0\n");
	if (!draw(&rng, 4))
		g_string_append(text, "loop = forever\n");
	g_string_append(text, "[task t1]\n");
	moves = draw(&rng, 4);
	if (moves)
		put_mover(text, &rng, last);
	else
		put_other(text, &rng, last + 1);
	if (!moves && draw(&rng, 2)) {
		g_string_append_printf(text, "[task t2]\nprogram = remove spte%u rmap0; "
				       "add spte%u rmap1\n", last, last);
	} else if (!draw(&rng, 3)) {
		g_string_append(text, "[task t2]\n");
		put_other(text, &rng, last + 2);
	}
	return g_string_free(text, FALSE);
}

/* --- the comparison */

struct tally {
	unsigned int compared, refused, abandoned, broken, found[SEARCH_BOUND + 1];
};

static const enum search_finding kinds[] = {	/* in the order in which they are told */
	SEARCH_ENDLESS_PASS, SEARCH_ENDLESS_RESTARTS, SEARCH_TOO_LATE, SEARCH_STARVING,
	SEARCH_STUCK,
};

static enum search_finding judge_walker(struct loops *l, const struct search_walker *w)
{
	const struct search_bound *b = w->bound;
	enum search_finding found = SEARCH_NOTHING;
	bool kept[SEARCH_BOUND + 1] = { false };
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(kinds); i++) {
		kept[kinds[i]] = loops_kept(l, w->task, kinds[i]);
		if (kept[kinds[i]] && found == SEARCH_NOTHING)
			found = kinds[i];
	}
	g_assert_cmpint(b[SEARCH_PASS_STEPS].fair, ==, kept[SEARCH_ENDLESS_PASS]);
	g_assert_cmpint(b[SEARCH_RESTARTS].fair, ==, kept[SEARCH_ENDLESS_RESTARTS]);
	g_assert_cmpint(b[SEARCH_PASS_STEPS].finite, ==,
			loops_bounded(l, w->task, SEARCH_ENDLESS_PASS));
	g_assert_cmpint(b[SEARCH_RESTARTS].finite, ==,
			loops_bounded(l, w->task, SEARCH_ENDLESS_RESTARTS));
	return found;
}

/* Which of the two it is called depends on the component that is met first. */
static bool both_wait(enum search_finding a, enum search_finding b)
{
	return (a == SEARCH_STARVING && b == SEARCH_TOO_LATE) ||
	       (a == SEARCH_TOO_LATE && b == SEARCH_STARVING);
}

static void compare(struct loops *l, struct plan *plan, bool broken, struct tally *tally)
{
	enum search_finding found = SEARCH_NOTHING;
	struct search_result res;
	unsigned int w;

	search_result_of(plan, NULL, &res);
	if (broken) {
		g_assert_cmpint(res.finding, ==, SEARCH_CHECK);
		tally->broken++;
		return;
	}
	g_assert_cmpint(res.finding, !=, SEARCH_CHECK);
	for (w = 0; w < res.n_walkers; w++) {
		enum search_finding one = judge_walker(l, &res.walker[w]);

		if (found == SEARCH_NOTHING)
			found = one;
	}
	if (!both_wait(found, res.finding))
		g_assert_cmpint(res.finding, ==, found);
	tally->found[res.finding]++;
	if (found != SEARCH_NOTHING)
		search_rounds_check(plan, ROUNDS);
}

static void try_program(uint64_t seed, struct tally *tally)
{
	char *text = looping_program(seed);
	struct plan *plan = scenario_parse(text, strlen(text), "program", NULL, cmd_vocabulary(),
					   NULL);
	enum loops_end end;
	struct loops *l;

	g_test_message("seed %" G_GUINT64_FORMAT "\n%s", seed, g_test_verbose() ? text : "");
	g_free(text);
	if (!plan) {
		tally->refused++;
		return;
	}
	l = loops_new(plan, STATES_MAX, &end);
	if (end == LOOPS_TOO_LARGE) {
		tally->abandoned++;
	} else {
		tally->compared++;
		compare(l, plan, end == LOOPS_BROKEN, tally);
	}
	loops_free(l);
	plan_free(plan);
}

static void test_loops(void)
{
	unsigned int n = search_long() ? 2000 : 200, i;
	struct tally tally = { .compared = 0 };
	uint64_t seed;

	for (seed = 1; seed <= n; seed++)
		try_program(seed, &tally);
	g_test_message("%u compared, %u of them violate a check; %u refused, %u too large",
		       tally.compared, tally.broken, tally.refused, tally.abandoned);
	g_assert_cmpuint(tally.compared, >, n / 2);
	g_assert_cmpuint(tally.found[SEARCH_NOTHING], >, n / 8);
	for (i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_test_message("finding %d: %u", kinds[i], tally.found[kinds[i]]);
		g_assert_cmpuint(tally.found[kinds[i]], >, 0);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/loops/programs", test_loops);
	return g_test_run();
}
