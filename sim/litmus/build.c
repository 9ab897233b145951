/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program as the parsers put it together: every limit of program.h is looked
 * at here, so that no input makes anything larger.
 */
#include <string.h>
#include "sim/litmus/parse.h"

static int find_loc(const struct litmus_program *prog, const char *name)
{
	unsigned int i;

	for (i = 0; i < prog->n_locs; i++) {
		if (!strcmp(prog->loc[i].name, name))
			return i;
	}
	return -1;
}

static int new_loc(struct parser *p, char *name)
{
	struct litmus_program *prog = p->prog;
	int i = prog->n_locs;

	if (i == LITMUS_LOCS_MAX) {
		g_free(name);
		parse_refuse(p, &p->word, "more than %d locations", LITMUS_LOCS_MAX);
		return 0;
	}
	prog->loc[i] = (struct litmus_loc){
		.name = name, .size = prog->arch[0] == 'C' ? 8 : 4, .is_signed = true,
		.array = i, .array_n = 1,
	};
	prog->n_locs++;
	return i;
}

int build_loc(struct parser *p, const char *name, bool create)
{
	int i = find_loc(p->prog, name);

	return i >= 0 || !create ? i : new_loc(p, g_strdup(name));
}

void build_array(struct parser *p, const char *name, unsigned int n)
{
	unsigned int i, first = p->prog->n_locs;
	int loc;

	if (find_loc(p->prog, name) >= 0 || !n || n > LITMUS_LOCS_MAX) {
		parse_refuse(p, &p->word, "an array '%.40s' of %u elements, or one of that name "
			     "again; valid are 1 to %d", name, n, LITMUS_LOCS_MAX);
		return;
	}
	for (i = 0; i < n && !p->error; i++) {
		/* The array's own name stands for its first element. */
		loc = new_loc(p, i ? g_strdup_printf("%s[%u]", name, i) : g_strdup(name));
		p->prog->loc[loc].array = first;
		p->prog->loc[loc].array_n = n;
	}
}

static int new_reg(struct parser *p, struct litmus_proc *proc, const char *name)
{
	if (proc->n_regs == LITMUS_REGS_MAX) {
		parse_refuse(p, &p->word, "a process with more than %d locals and intermediate "
			     "results", LITMUS_REGS_MAX);
		return 0;
	}
	proc->reg[proc->n_regs] = (struct litmus_reg){ .name = g_strdup(name), .size = 8 };
	return proc->n_regs++;
}

int build_reg(struct parser *p, unsigned int proc, const char *name, bool create)
{
	struct litmus_proc *of = &p->prog->proc[proc];
	unsigned int i;

	for (i = 0; i < of->n_regs; i++) {
		if (of->reg[i].name && !strcmp(of->reg[i].name, name))
			return i;
	}
	return create ? new_reg(p, of, name) : -1;
}

int build_temporary(struct parser *p)
{
	if (p->temporaries_used == p->n_temporaries) {
		if (p->n_temporaries == LITMUS_REGS_MAX)
			return 0;
		p->temporary[p->n_temporaries++] = new_reg(p, p->proc, NULL);
	}
	return p->temporary[p->temporaries_used++];
}

static bool room_for_insns(struct parser *p, unsigned int n)
{
	struct litmus_proc *proc = p->proc;

	if (proc->n_insns + n > LITMUS_INSNS_MAX) {
		parse_refuse(p, &p->word, "a process of more than %d instructions",
			     LITMUS_INSNS_MAX);
		return false;
	}
	if (proc->n_insns + n > p->insns_room) {
		p->insns_room = 2 * p->insns_room + n + 16;
		proc->insn = g_renew(struct litmus_insn, proc->insn, p->insns_room);
	}
	return true;
}

struct litmus_insn *build_insn(struct parser *p, enum litmus_insn_kind kind, const char *what)
{
	static struct litmus_insn nowhere;
	struct litmus_insn *insn = &nowhere;

	if (room_for_insns(p, 1))
		insn = &p->proc->insn[p->proc->n_insns++];
	*insn = (struct litmus_insn){
		.kind = kind, .to = -1, .size = 8, .is_signed = true, .what = what,
		.line = p->at.line, .column = p->at.column,
	};
	return insn;
}

void build_insert(struct parser *p, unsigned int at, unsigned int n)
{
	struct litmus_proc *proc = p->proc;
	unsigned int i;

	if (!room_for_insns(p, n))
		return;
	memmove(&proc->insn[at + n], &proc->insn[at], (proc->n_insns - at) * sizeof(*proc->insn));
	memset(&proc->insn[at], 0, n * sizeof(*proc->insn));
	proc->n_insns += n;
	for (i = at + n; i < proc->n_insns; i++) {
		struct litmus_insn *insn = &proc->insn[i];

		if ((insn->kind == LITMUS_JUMP || insn->kind == LITMUS_BRANCH) &&
		    insn->target >= at)
			insn->target += n;
	}
}

/* How many values an operation takes; each leaves one. */
static unsigned int operands(enum litmus_op op)
{
	if (op <= LITMUS_T_REG)
		return 0;
	if (op == LITMUS_T_SELECT)
		return 3;
	return op >= LITMUS_T_NEG ? 1 : 2;
}

void build_term(struct parser *p, struct code *c, enum litmus_op op, int64_t value)
{
	if (p->error)
		return;
	if (c->n == CODE_TERMS_MAX || c->depth == LITMUS_STACK_MAX) {
		parse_refuse(p, &p->word, "an expression of more than %d terms, or that needs more "
			     "than %d intermediate results", CODE_TERMS_MAX, LITMUS_STACK_MAX);
		return;
	}
	g_assert(c->depth >= operands(op));
	c->term[c->n++] = (struct litmus_term){ .op = op, .value = value };
	c->depth += 1 - operands(op);
	if (op == LITMUS_T_REG)
		c->regs |= 1ull << value;
}

void build_append(struct parser *p, struct code *to, const struct code *from)
{
	unsigned int i;

	for (i = 0; i < from->n; i++)
		build_term(p, to, from->term[i].op, from->term[i].value);
}

struct litmus_expr build_expr(struct parser *p, const struct code *c)
{
	struct litmus_proc *proc = p->proc;
	struct litmus_expr expr = { .first = proc->n_terms, .n = c->n, .regs = c->regs };

	if (p->error)
		return (struct litmus_expr){ 0 };
	g_assert(c->depth == 1);
	if (proc->n_terms + c->n > LITMUS_TERMS_MAX) {
		parse_refuse(p, &p->word, "a process of more than %d terms", LITMUS_TERMS_MAX);
		return (struct litmus_expr){ 0 };
	}
	if (proc->n_terms + c->n > p->terms_room) {
		p->terms_room = 2 * p->terms_room + c->n + 64;
		proc->term = g_renew(struct litmus_term, proc->term, p->terms_room);
	}
	memcpy(&proc->term[proc->n_terms], c->term, c->n * sizeof(*c->term));
	proc->n_terms += c->n;
	return expr;
}

void build_set(struct parser *p, int to, const struct code *c)
{
	struct litmus_insn *insn;
	struct litmus_expr value = build_expr(p, c);

	insn = build_insn(p, LITMUS_SET, "=");
	insn->to = to;
	insn->value = value;
}

void build_body_end(struct parser *p)
{
	struct litmus_proc *proc = p->proc;
	unsigned int i;

	build_insn(p, LITMUS_END, "the end");
	for (i = 0; !p->error && i < proc->n_insns; i++) {
		if (proc->insn[i].target >= proc->n_insns)
			proc->insn[i].target = proc->n_insns - 1;
	}
}

void build_body_begin(struct parser *p)
{
	struct litmus_program *prog = p->prog;

	if (prog->n_procs == LITMUS_PROCS_MAX) {
		parse_refuse(p, &p->word, "more than %d processes", LITMUS_PROCS_MAX);
		return;
	}
	p->proc_number = prog->n_procs++;
	p->proc = &prog->proc[p->proc_number];
	p->proc->term = g_new0(struct litmus_term, 1);	/* always something to point to */
	p->terms_room = 1;
	p->insns_room = 0;
	p->n_temporaries = p->temporaries_used = 0;
	p->loop = NULL;
	memset(p->reg_type, 0, sizeof(p->reg_type));
}
