/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a parsed test to code and memory; see litmus_code.h. */
#include <string.h>
#include "sim/hw/litmus_code.h"

static bool is_element(const struct litmus_program *prog, unsigned int loc)
{
	return prog->loc[loc].array != loc;
}

/* Each location on a line of its own; elements of an array follow each other. */
static void place_locations(struct hw_litmus_code *c)
{
	const struct litmus_program *prog = c->program;
	unsigned int i, at = 0;

	for (i = 0; i < prog->n_locs; i++) {
		const struct litmus_loc *loc = &prog->loc[i];

		if (!is_element(prog, i))
			at = (at + HW_LITMUS_LINE - 1) / HW_LITMUS_LINE * HW_LITMUS_LINE;
		c->offset[i] = at;
		at += loc->size;
	}
	c->span = MAX((at + HW_LITMUS_LINE - 1) / HW_LITMUS_LINE * HW_LITMUS_LINE, HW_LITMUS_LINE);
}

static int64_t number_of(const struct hw_litmus_code *c, struct litmus_value value)
{
	return value.is_address ? HW_LITMUS_BASE + c->offset[value.loc] : value.number;
}

static void make_image(struct hw_litmus_code *c)
{
	unsigned int i;

	c->image = g_malloc0(c->span);
	for (i = 0; i < c->program->n_locs; i++) {
		const struct litmus_loc *loc = &c->program->loc[i];
		int64_t value = number_of(c, loc->init);

		memcpy(c->image + c->offset[i], &value, loc->size);	/* little-endian */
	}
}

static struct code_value make_value(const struct code_proc *proc, const struct litmus_expr *expr)
{
	struct code_value v = { .term = proc->term + expr->first, .n = expr->n };

	if (!v.n)
		return v;
	v.kind = CODE_TERMS;
	if (v.n == 1 && v.term->op == LITMUS_T_NUMBER)
		v.kind = CODE_NUMBER;
	if (v.n == 1 && v.term->op == LITMUS_T_REG)
		v.kind = CODE_REG;
	v.number = v.term->value;
	return v;
}

/* The x86-64 kernel's: all other fences are for the compiler, which is not here. */
static bool drains(const struct litmus_insn *insn)
{
	return insn->kind == LITMUS_FENCE && insn->order == ORD_MB;
}

static unsigned int access_size(const struct litmus_insn *insn)
{
	return insn->kind >= LITMUS_LOCK && insn->kind <= LITMUS_UNLOCK ? 4 : insn->size;
}

static void make_proc(struct hw_litmus_code *c, unsigned int number)
{
	const struct litmus_proc *from = &c->program->proc[number];
	struct code_proc *proc = &c->proc[number];
	unsigned int i;

	proc->n_regs = from->n_regs;
	for (i = 0; i < from->n_regs; i++)
		proc->init[i] = number_of(c, from->reg[i].init);
	proc->term = g_memdup2(from->term, from->n_terms * sizeof(*proc->term));
	for (i = 0; i < from->n_terms; i++) {
		if (proc->term[i].op != LITMUS_T_ADDRESS)
			continue;
		proc->term[i].op = LITMUS_T_NUMBER;
		proc->term[i].value = HW_LITMUS_BASE + c->offset[from->term[i].value];
	}
	proc->op = g_new0(struct code_op, from->n_insns);
	for (i = 0; i < from->n_insns; i++) {
		const struct litmus_insn *insn = &from->insn[i];

		proc->op[i] = (struct code_op){
			.kind = insn->kind,
			.size = access_size(insn),
			.is_signed = insn->is_signed,
			.drains = drains(insn),
			.to = insn->to,
			.target = insn->target,
			.address = make_value(proc, &insn->address),
			.value = make_value(proc, &insn->value),
			.expected = make_value(proc, &insn->expected),
		};
	}
}

struct hw_litmus_code *hw_litmus_code_new(const struct litmus_program *program)
{
	struct hw_litmus_code *c = g_new0(struct hw_litmus_code, 1);
	unsigned int i;

	c->program = program;
	c->mfence = strcmp(program->arch, "C") != 0;
	place_locations(c);
	make_image(c);
	for (i = 0; i < program->n_procs; i++)
		make_proc(c, i);
	return c;
}

void hw_litmus_code_free(struct hw_litmus_code *c)
{
	unsigned int i;

	if (!c)
		return;
	for (i = 0; i < c->program->n_procs; i++) {
		g_free(c->proc[i].op);
		g_free(c->proc[i].term);
	}
	g_free(c->image);
	g_free(c);
}

struct litmus_value hw_litmus_value(const struct hw_litmus_code *c, int64_t value)
{
	unsigned int i;

	for (i = 0; i < c->program->n_locs; i++) {
		if (value == HW_LITMUS_BASE + c->offset[i])
			return (struct litmus_value){ .is_address = true, .loc = i };
	}
	return (struct litmus_value){ .number = value };
}

int64_t hw_litmus_register(const struct hw_litmus_code *c, unsigned int proc, unsigned int number,
			   int64_t value)
{
	unsigned int size = c->program->proc[proc].reg[number].size;

	return size ? litmus_extend(value, size, true) : value;
}

int64_t hw_litmus_location(const struct hw_litmus_code *c, const uint8_t *instance,
			   unsigned int loc)
{
	const struct litmus_loc *l = &c->program->loc[loc];
	uint64_t value = 0;

	memcpy(&value, instance + c->offset[loc], l->size);
	return litmus_extend(value, l->size, l->is_signed);
}
