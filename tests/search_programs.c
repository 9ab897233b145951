/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small scenarios, made from a seed; see search_programs.h. */
#include <glib.h>
#include "sim/engine/rng.h"
#include "tests/search_programs.h"

#define SPTES	6
#define RMAPS	2

static const char *const algorithms[] = {
	"locked", "locked", "nulls", "nulls", "position", "position", "position", "template",
	"null", "rcu", "snapshot", "busted-free-at-once", "busted-second-look",
	"busted-unlocked-read",
	"busted-await-head", "busted-clear-first", "busted-deep-stack", "busted-early-publish",
	"busted-foreign-nulls", "busted-scan-up", "busted-stray-pointer", "busted-wild-read",
	"busted-zero-end",
};

struct maker {
	struct rng rng;
	GString *text;
	int owner[SPTES];	/* task, or -1: of the setup only */
	int in[SPTES];		/* rmap, or -1 */
	bool walks;
	bool tight;		/* one walk against few changes of a list of two descriptors */
};

static unsigned int draw(struct maker *m, unsigned int n)
{
	return rng_below(&m->rng, n);
}

static const char *word(struct maker *m, const char *a, const char *b, const char *c)
{
	const char *const words[] = { a, b, c };

	return words[draw(m, c ? 3 : 2)];
}

static void put_algorithm(struct maker *m)
{
	const char *name = algorithms[draw(m, G_N_ELEMENTS(algorithms))];
	static const char *const retries[] = { "0", "1", "2", "unlimited" };
	static const char *const plain[] = {
		"template", "null", "snapshot", "busted-second-look", NULL
	};

	m->tight = g_str_has_prefix(name, "busted") && draw(m, 3);
	g_string_append_printf(m->text, "[algorithm]\nname = %s\n", name);
	if (g_str_equal(name, "locked"))
		g_string_append_printf(m->text, "form = %s\n", word(m, "tail", "stack", NULL));
	else if (!g_strv_contains(plain, name) && !draw(m, 4))
		g_string_append_printf(m->text, "collapse = yes\ninit = %s\n",
				       word(m, "slots-first", "more-first", NULL));
	if (!g_str_equal(name, "position"))
		return;
	g_string_append_printf(m->text, "compare = %s\nretries = %s\n", word(m, "ge", "gt", NULL),
			       retries[draw(m, G_N_ELEMENTS(retries))]);
	if (!draw(m, 3))
		g_string_append_printf(m->text, "position-bits = 1\noverflow = %s\n",
				       word(m, "wrap", "locked", NULL));
}

/* Some sptes are in a list from the start; most of them are some task's. */
static void put_setup(struct maker *m, unsigned int tasks)
{
	unsigned int i;
	bool any = false;

	if (m->tight) {
		unsigned int last = 2 + draw(m, 2);

		g_string_append_printf(m->text, "setup = add spte0 rmap1; add spte1..%u rmap0\n",
				       last);
		for (i = 0; i < SPTES; i++)
			m->in[i] = i > last ? -1 : !i;
		return;
	}
	for (i = 0; i < SPTES; i++) {
		m->in[i] = draw(m, 2) ? (int)(draw(m, 4) == 3) : -1;
		m->owner[i] = draw(m, 4) ? (int)draw(m, tasks) : -1;
		if (m->in[i] < 0)
			continue;
		g_string_append_printf(m->text, "%s add spte%u rmap%d", any ? ";" : "setup =", i,
				       m->in[i]);
		any = true;
	}
	g_string_append(m->text, any ? "\n" : "");
}

/* An add or a remove by this task, if one is possible. */
static bool put_change(struct maker *m, int task)
{
	unsigned int i, from = draw(m, SPTES);

	for (i = from; i < from + SPTES; i++) {
		unsigned int spte = i % SPTES;

		if (m->owner[spte] != task)
			continue;
		if (m->in[spte] >= 0) {
			g_string_append_printf(m->text, "remove spte%u rmap%d", spte, m->in[spte]);
			m->in[spte] = -1;
		} else {
			m->in[spte] = draw(m, RMAPS);
			g_string_append_printf(m->text, "add spte%u rmap%d", spte, m->in[spte]);
		}
		return true;
	}
	return false;
}

static void put_op(struct maker *m, int task)
{
	unsigned int what = draw(m, 16);

	if (what == 0) {
		g_string_append_printf(m->text, "%s rmap0", word(m, "zap-all", "recycle", NULL));
	} else if (what < 7 || !put_change(m, task)) {
		g_string_append_printf(m->text, "walk rmap%u", draw(m, 4) == 3);
		m->walks = true;
	}
}

/* What the broken variants stumble over: a move within, out of or into the walked list. */
static void put_tight_tasks(struct maker *m)
{
	unsigned int spte = 1 + draw(m, 4);

	m->walks = true;
	g_string_append(m->text, "[task t0]\nprogram = walk rmap0\n[task t1]\nprogram = ");
	if (m->in[spte] < 0)
		g_string_append_printf(m->text, "add spte%u rmap0\n", spte);
	else
		g_string_append_printf(m->text, "remove spte%u rmap0%s\n", spte,
				       draw(m, 2) ? "; add spte5 rmap1" : "");
}

static void put_tasks(struct maker *m, unsigned int tasks)
{
	unsigned int i, j, n;

	if (m->tight) {
		put_tight_tasks(m);
		return;
	}
	for (i = 0; i < tasks; i++) {
		g_string_append_printf(m->text, "[task t%u]\nprogram = ", i);
		n = 1 + (tasks == 2 ? draw(m, 2) + !draw(m, 4) : !draw(m, 3));
		for (j = 0; j < n; j++) {
			g_string_append(m->text, j ? "; " : "");
			put_op(m, i);
		}
		g_string_append_c(m->text, '\n');
	}
}

char *search_program(uint64_t seed, bool *tight)
{
	struct maker m = { .text = g_string_new(NULL) };
	unsigned int tasks;

	rng_init(&m.rng, seed, 0);
	put_algorithm(&m);
	tasks = m.tight || draw(&m, 3) ? 2 : 3;
	g_string_append_printf(m.text, "[machine]\nlock = %s\nlock-type = %s\n",
			       word(&m, "fifo", "unfair", NULL),
			       word(&m, "spinlock", "rwlock", NULL));
	g_string_append_printf(m.text, "[memory]\nrmaps = %d\nsptes = %d\npte-list-ext = %u\n"
			       "reuse = %s\nrecycle-threshold = %u\n", RMAPS, SPTES,
			       m.tight ? 2 : 2 + draw(&m, 2),
			       word(&m, "lifo", "fifo", "seeded"), draw(&m, 4));
	if (!m.tight && !draw(&m, 6))
		g_string_append_printf(m.text, "cache = 1\nalloc-zero = %s\n",
				       word(&m, "no", "yes", NULL));
	put_setup(&m, tasks);
	put_tasks(&m, tasks);
	g_string_append_printf(m.text, "[scenario]\nwalkers = %s\n", m.walks ? "yes" : "none");
	*tight = m.tight;
	return g_string_free(m.text, FALSE);
}
