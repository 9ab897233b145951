/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See rich_program.h. In the statements %R is a new register, %r one that has a
 * value already, %l a location, %v a value that nobody else stores.
 *
 * Most programs are rings: a process makes an access to one location, then one to the
 * next, which the next process begins with; some make only one. That is the shape
 * of the classic tests, and in it an order that is missing shows. The others are
 * statements in any order.
 */
#include "tests/rich_program.h"

static const char *const loads[] = {
	"%R = READ_ONCE(*%l);", "%R = READ_ONCE(*%l);", "%R = READ_ONCE(*%l);",
	"%R = smp_load_acquire(%l);",
};

static const char *const stores[] = {
	"WRITE_ONCE(*%l, %v);", "WRITE_ONCE(*%l, %v);", "WRITE_ONCE(*%l, %v);",
	"smp_store_release(%l, %v);",
};

static const char *const dependent[] = {
	"WRITE_ONCE(*%l, %r + 10);", "WRITE_ONCE(*%l, %r + 10);",
	"if (%r) WRITE_ONCE(*%l, %v);", "if (%r) smp_store_release(%l, %v);",
};

static const char *const atomics[] = {
	"%R = xchg(%l, %v);", "%R = xchg_acquire(%l, %v);", "%R = xchg_release(%l, %v);",
	"%R = xchg_relaxed(%l, %v);", "%R = cmpxchg(%l, 0, %v);",
	"%R = cmpxchg_acquire(%l, 0, %v);", "%R = cmpxchg_release(%l, 0, %v);",
	"%R = cmpxchg_relaxed(%l, 0, %v);", "%R = atomic_fetch_add_relaxed(10, %l);",
	"%R = atomic_add_return(10, %l);", "atomic_add(10, %l);",
	"atomic_inc(%l); smp_mb__after_atomic();", "smp_mb__before_atomic(); atomic_inc(%l);",
};

static const char *const fences[] = {
	"smp_mb();", "smp_mb();", "smp_rmb();", "smp_wmb();", "smp_rmb();", "smp_wmb();",
	"synchronize_rcu();",
};

static const char *const sections[][2] = {
	{ "spin_lock(l);", "spin_unlock(l);" }, { "spin_lock(l);", "spin_unlock(l);" },
	{ "spin_lock(m);", "spin_unlock(m);" },
	{ "spin_lock(l); smp_mb__after_spinlock();", "spin_unlock(l);" },
	{ "rcu_read_lock();", "rcu_read_unlock();" }, { "rcu_read_lock();", "rcu_read_unlock();" },
};

/* Between the two accesses of a ring's process. */
static const char *const orders[] = {
	"", "", "smp_mb();", "smp_mb();", "smp_rmb();", "smp_rmb();", "smp_wmb();", "smp_wmb();",
	"smp_rmb(); smp_wmb();", "synchronize_rcu();", "spin_lock(m); spin_unlock(m);",
	"spin_lock(m); smp_mb__after_spinlock(); spin_unlock(m);",
};

/* Around a ring's process: before, between, behind. */
static const char *const frames[][3] = {
	{ "", NULL, "" }, { "", NULL, "" }, { "", NULL, "" }, { "", NULL, "" },
	{ "spin_lock(l);", "", "spin_unlock(l);" },
	{ "spin_lock(l);", "spin_unlock(l);", "" },
	{ "", "spin_lock(l);", "spin_unlock(l);" },
	{ "spin_lock(l);", "spin_unlock(l); spin_lock(m);", "spin_unlock(m);" },
	{ "spin_lock(l);", "spin_unlock(l); spin_lock(l);", "spin_unlock(l);" },
	{ "rcu_read_lock();", "", "rcu_read_unlock();" },
	{ "rcu_read_lock();", "", "rcu_read_unlock();" },
};

struct maker {
	GRand *rand;
	GString *text, *shown;
	unsigned int proc, locs, regs, values;
	int loc;		/* the only one that may be drawn now; -1: all may */
};

static unsigned int below(struct maker *m, unsigned int n)
{
	return g_rand_int_range(m->rand, 0, n);
}

static void put(struct maker *m, const char *form)
{
	unsigned int known = m->regs;

	g_string_append_c(m->text, '\t');
	for (; *form; form++) {
		if (*form != '%') {
			g_string_append_c(m->text, *form);
			continue;
		}
		form++;
		if (*form == 'R') {
			g_string_append_printf(m->shown, "%u:r%u; ", m->proc - 1, m->regs);
			g_string_append_printf(m->text, "r%u", m->regs++);
		} else if (*form == 'r') {
			g_string_append_printf(m->text, "r%u", below(m, known));
		} else if (*form == 'l') {
			g_string_append_c(m->text, 'x' + (m->loc >= 0 ? (unsigned int)m->loc :
							  below(m, m->locs)));
		} else {
			g_string_append_printf(m->text, "%u", ++m->values);
		}
	}
	g_string_append_c(m->text, '\n');
}

#define PUT_ONE_OF(m, list)	put(m, (list)[below(m, G_N_ELEMENTS(list))])

static void put_statement(struct maker *m)
{
	unsigned int kind = below(m, 100);

	if (kind < 38)
		PUT_ONE_OF(m, loads);
	else if (kind < 68)
		PUT_ONE_OF(m, stores);
	else if (kind < 78 && m->regs)
		PUT_ONE_OF(m, dependent);
	else if (kind < 88)
		PUT_ONE_OF(m, atomics);
	else
		PUT_ONE_OF(m, fences);
}

/* A read-side section cannot contain a grace period: it would wait for itself. */
static void put_section(struct maker *m)
{
	const char *const *section = sections[below(m, G_N_ELEMENTS(sections))];
	unsigned int i, n = 1 + below(m, 2);

	put(m, section[0]);
	for (i = 0; i < n; i++) {
		if (below(m, 2))
			PUT_ONE_OF(m, loads);
		else
			PUT_ONE_OF(m, stores);
	}
	put(m, section[1]);
}

static void put_statements(struct maker *m, unsigned int n)
{
	while (n--) {
		if (below(m, 5))
			put_statement(m);
		else
			put_section(m);
	}
}

static void put_access(struct maker *m)
{
	unsigned int kind = below(m, 100);

	if (kind < 10)
		PUT_ONE_OF(m, atomics);
	else if (kind < 50)
		PUT_ONE_OF(m, loads);
	else if (kind < 75 && m->regs)
		PUT_ONE_OF(m, dependent);
	else
		PUT_ONE_OF(m, stores);
}

static void put_ring_process(struct maker *m, gboolean last)
{
	const char *const *frame = frames[below(m, G_N_ELEMENTS(frames))];

	put(m, frame[0]);
	put_access(m);
	if (frame[1])
		put(m, frame[1]);
	else
		PUT_ONE_OF(m, orders);
	m->loc = last ? 0 : m->loc + 1;
	put_access(m);
	put(m, frame[2]);
}

static void put_head(struct maker *m)
{
	m->regs = 0;
	g_string_append_printf(m->text, "\nP%u(int *x, int *y, int *z, spinlock_t *l, "
			       "spinlock_t *m)\n{\n", m->proc++);
}

/* As many processes of two accesses as there are locations; one or two of one between them. */
static void put_ring(struct maker *m)
{
	unsigned int i, singles = below(m, 3) ? 0 : 1 + (m->locs == 2 && below(m, 2));

	m->loc = 0;
	for (i = 0; i < m->locs; i++) {
		if (singles > i) {
			put_head(m);
			PUT_ONE_OF(m, stores);
			g_string_append(m->text, "}\n");
		}
		put_head(m);
		put_ring_process(m, i + 1 == m->locs);
		g_string_append(m->text, "}\n");
	}
	m->loc = -1;
}

static void put_any(struct maker *m)
{
	unsigned int i, procs = 2 + below(m, 2);

	for (i = 0; i < procs; i++) {
		put_head(m);
		put_statements(m, 2 + below(m, procs == 2 ? 3 : 2));
		g_string_append(m->text, "}\n");
	}
}

char *rich_text(guint32 seed, const char *name)
{
	struct maker m = {
		.rand = g_rand_new_with_seed(seed), .loc = -1,
		.text = g_string_new(NULL), .shown = g_string_new(NULL),
	};
	unsigned int i;

	m.locs = 2 + !below(&m, 3);
	g_string_append_printf(m.text, "C %s\n\n{}\n", name);
	if (seed % 16)
		put_ring(&m);
	else
		put_any(&m);
	for (i = 0; i < m.locs; i++)
		g_string_append_printf(m.shown, "%c; ", 'x' + i);
	g_string_append_printf(m.text, "\nlocations [%s]\nexists (x=0)\n", m.shown->str);
	g_string_free(m.shown, TRUE);
	g_rand_free(m.rand);
	return g_string_free(m.text, FALSE);
}
