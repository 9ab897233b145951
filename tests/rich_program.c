/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See rich_program.h. In the statements %R is a new register, %r one that has a
 * value already, %l a location, %v a value that nobody else stores.
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

struct maker {
	GRand *rand;
	GString *text, *shown;
	unsigned int proc, locs, regs, values;
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
			g_string_append_printf(m->shown, "%u:r%u; ", m->proc, m->regs);
			g_string_append_printf(m->text, "r%u", m->regs++);
		} else if (*form == 'r') {
			g_string_append_printf(m->text, "r%u", below(m, known));
		} else if (*form == 'l') {
			g_string_append_c(m->text, 'x' + below(m, m->locs));
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

static void put_process(struct maker *m, unsigned int n)
{
	unsigned int i;

	g_string_append_printf(m->text, "\nP%u(int *x, int *y, int *z, spinlock_t *l, "
			       "spinlock_t *m)\n{\n", m->proc);
	m->regs = 0;
	for (i = 0; i < n; i++) {
		if (below(m, 5))
			put_statement(m);
		else
			put_section(m);
	}
	g_string_append(m->text, "}\n");
}

char *rich_text(guint32 seed, const char *name)
{
	struct maker m = {
		.rand = g_rand_new_with_seed(seed),
		.text = g_string_new(NULL), .shown = g_string_new(NULL),
	};
	unsigned int procs = 2 + below(&m, 2), i;

	m.locs = 2 + !below(&m, 3);
	g_string_append_printf(m.text, "C %s\n\n{}\n", name);
	for (m.proc = 0; m.proc < procs; m.proc++)
		put_process(&m, 2 + below(&m, procs == 2 ? 3 : 2));
	for (i = 0; i < m.locs; i++)
		g_string_append_printf(m.shown, "%c; ", 'x' + i);
	g_string_append_printf(m.text, "\nlocations [%s]\nexists (x=0)\n", m.shown->str);
	g_string_free(m.shown, TRUE);
	g_rand_free(m.rand);
	return g_string_free(m.text, FALSE);
}
