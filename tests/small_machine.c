/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs, their text, and the machines; see small_machine.h. */
#include <string.h>
#include "tests/small_machine.h"

/* --- programs */

static guint8 kind_of(guint32 r)
{
	return r < 45 ? SMALL_LOAD : r < 88 ? SMALL_STORE : r < 93 ? SMALL_MB : SMALL_XCHG;
}

void small_make(struct small_program *p, guint32 seed)
{
	GRand *rand = g_rand_new_with_seed(seed);
	unsigned int i, k, value = 0;

	memset(p, 0, sizeof(*p));
	p->n_procs = g_rand_int_range(rand, 2, SMALL_PROCS + 1);
	p->n_locs = g_rand_int_range(rand, 0, 4) ? 2 : SMALL_LOCS;
	for (i = 0; i < p->n_procs; i++) {
		p->n[i] = g_rand_int_range(rand, 2, SMALL_INSNS + (p->n_procs == 2));
		for (k = 0; k < p->n[i]; k++)
			p->insn[i][k] = (struct small_insn){
				.kind = kind_of(g_rand_int_range(rand, 0, 100)),
				.loc = g_rand_int_range(rand, 0, p->n_locs),
				.value = ++value,	/* who stored it can be told */
			};
	}
	g_rand_free(rand);
}

static gboolean has_result(const struct small_insn *insn)
{
	return insn->kind == SMALL_LOAD || insn->kind == SMALL_XCHG;
}

static void insn_text(GString *s, const struct small_insn *insn, unsigned int number)
{
	char loc = 'x' + insn->loc;

	if (insn->kind == SMALL_LOAD)
		g_string_append_printf(s, "\tr%u = READ_ONCE(*%c);\n", number, loc);
	else if (insn->kind == SMALL_STORE)
		g_string_append_printf(s, "\tWRITE_ONCE(*%c, %u);\n", loc, insn->value);
	else if (insn->kind == SMALL_XCHG)
		g_string_append_printf(s, "\tr%u = xchg(%c, %u);\n", number, loc, insn->value);
	else
		g_string_append(s, "\tsmp_mb();\n");
}

char *small_text(const struct small_program *p, const char *name)
{
	GString *s = g_string_new(NULL), *shown = g_string_new(NULL);
	unsigned int i, k;

	g_string_append_printf(s, "C %s\n\n{}\n", name);
	for (i = 0; i < p->n_procs; i++) {
		g_string_append_printf(s, "\nP%u(int *x, int *y, int *z)\n{\n", i);
		for (k = 0; k < p->n[i]; k++) {
			if (!has_result(&p->insn[i][k]))
				continue;
			g_string_append_printf(s, "\tint r%u;\n", k);
			g_string_append_printf(shown, "%u:r%u; ", i, k);
		}
		for (k = 0; k < p->n[i]; k++)
			insn_text(s, &p->insn[i][k], k);
		g_string_append(s, "}\n");
	}
	for (i = 0; i < p->n_locs; i++)
		g_string_append_printf(shown, "%c; ", 'x' + i);
	g_string_append_printf(s, "\nlocations [%s]\nexists (x=0)\n", shown->str);
	g_string_free(shown, TRUE);
	return g_string_free(s, FALSE);
}

/* --- the machines: a state, and what can happen next */

struct store {
	guint8 loc, value;
};

/* Bytes only, so that equal states are equal bytes. */
struct machine {
	guint8 pc[SMALL_PROCS];
	guint8 reg[SMALL_PROCS][SMALL_INSNS];
	guint8 mem[SMALL_LOCS];
	guint8 pending[SMALL_PROCS];
	struct store buffer[SMALL_PROCS][SMALL_INSNS];	/* the oldest first */
};

struct explorer {
	const struct small_program *prog;
	enum small_model model;
	GHashTable *seen;
	GHashTable *finals;
};

static guint machine_hash(gconstpointer key)
{
	const guint8 *bytes = key;
	guint64 h = 0xcbf29ce484222325;
	unsigned int i;

	for (i = 0; i < sizeof(struct machine); i++)
		h = (h ^ bytes[i]) * 0x100000001b3;
	return h ^ h >> 32;
}

static gboolean machine_equal(gconstpointer a, gconstpointer b)
{
	return !memcmp(a, b, sizeof(struct machine));
}

/* The newest of the own buffer's stores to the location; memory if there is none. */
static guint8 machine_load(const struct machine *m, unsigned int proc, guint8 loc)
{
	unsigned int i;

	for (i = m->pending[proc]; i--; ) {
		if (m->buffer[proc][i].loc == loc)
			return m->buffer[proc][i].value;
	}
	return m->mem[loc];
}

static void machine_store(struct machine *m, unsigned int proc, const struct small_insn *insn,
			  enum small_model model)
{
	if (model != SMALL_SC)
		m->buffer[proc][m->pending[proc]++] = (struct store){ insn->loc, insn->value };
	else
		m->mem[insn->loc] = insn->value;
}

/* May this store reach memory now? In tso the oldest one, in pso the oldest of its location. */
static gboolean may_drain(const struct machine *m, unsigned int proc, unsigned int at,
			  enum small_model model)
{
	unsigned int i;

	if (model == SMALL_TSO)
		return !at;
	for (i = 0; i < at && m->buffer[proc][i].loc != m->buffer[proc][at].loc; i++)
		;
	return i == at;
}

static void machine_drain(struct machine *m, unsigned int proc, unsigned int at)
{
	struct store *buffer = m->buffer[proc];
	unsigned int last = --m->pending[proc];

	m->mem[buffer[at].loc] = buffer[at].value;
	memmove(buffer + at, buffer + at + 1, (last - at) * sizeof(*buffer));
	buffer[last] = (struct store){ 0, 0 };
}

/* FALSE: it has to wait. A barrier and a locked instruction need an empty buffer. */
static gboolean machine_step(const struct explorer *x, struct machine *m, unsigned int proc)
{
	unsigned int at = m->pc[proc];
	const struct small_insn *insn = &x->prog->insn[proc][at];

	if ((insn->kind == SMALL_MB || insn->kind == SMALL_XCHG) && m->pending[proc])
		return FALSE;
	if (insn->kind == SMALL_LOAD)
		m->reg[proc][at] = machine_load(m, proc, insn->loc);
	if (insn->kind == SMALL_STORE)
		machine_store(m, proc, insn, x->model);
	if (insn->kind == SMALL_XCHG) {
		m->reg[proc][at] = m->mem[insn->loc];
		m->mem[insn->loc] = insn->value;
	}
	m->pc[proc]++;
	return TRUE;
}

static void note_final(const struct explorer *x, const struct machine *m)
{
	GString *s = g_string_new(NULL);
	unsigned int i, k;

	for (i = 0; i < x->prog->n_procs; i++) {
		for (k = 0; k < x->prog->n[i]; k++) {
			if (has_result(&x->prog->insn[i][k]))
				g_string_append_printf(s, "%u:r%u=%u; ", i, k, m->reg[i][k]);
		}
	}
	for (i = 0; i < x->prog->n_locs; i++)
		g_string_append_printf(s, "%c=%u; ", 'x' + i, m->mem[i]);
	g_string_truncate(s, s->len - 1);
	g_hash_table_add(x->finals, g_string_free(s, FALSE));
}

static void explore(struct explorer *x, const struct machine *m);

static void explore_drains(struct explorer *x, const struct machine *m, unsigned int proc)
{
	unsigned int at;

	for (at = 0; at < m->pending[proc]; at++) {
		struct machine next = *m;

		if (!may_drain(m, proc, at, x->model))
			continue;
		machine_drain(&next, proc, at);
		explore(x, &next);
	}
}

static void explore(struct explorer *x, const struct machine *m)
{
	gboolean over = TRUE;
	unsigned int i;

	if (!g_hash_table_add(x->seen, g_memdup2(m, sizeof(*m))))
		return;
	for (i = 0; i < x->prog->n_procs; i++) {
		struct machine next = *m;

		explore_drains(x, m, i);
		over &= !m->pending[i] && m->pc[i] == x->prog->n[i];
		if (m->pc[i] < x->prog->n[i] && machine_step(x, &next, i))
			explore(x, &next);
	}
	if (over)
		note_final(x, m);
}

GHashTable *small_states(const struct small_program *p, enum small_model model)
{
	const struct machine start = { .pc = { 0 } };
	struct explorer x = {
		.prog = p, .model = model,
		.seen = g_hash_table_new_full(machine_hash, machine_equal, g_free, NULL),
		.finals = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
	};

	explore(&x, &start);
	g_hash_table_unref(x.seen);
	return x.finals;
}
