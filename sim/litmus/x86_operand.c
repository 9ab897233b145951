/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operands of x86's instructions: registers in part and whole, numbers, memory. */
#include <string.h>
#include "sim/litmus/parse_x86.h"

/* --- registers */

/* Rows: the whole register; 8, 4, 2, 1 bytes of it. */
static const char *const registers[][4] = {
	{ "rax", "eax", "ax", "al" }, { "rbx", "ebx", "bx", "bl" }, { "rcx", "ecx", "cx", "cl" },
	{ "rdx", "edx", "dx", "dl" }, { "rsi", "esi", "si", "sil" },
	{ "rdi", "edi", "di", "dil" }, { "rbp", "ebp", "bp", "bpl" },
	{ "rsp", "esp", "sp", "spl" }, { "r8", "r8d", "r8w", "r8b" },
	{ "r9", "r9d", "r9w", "r9b" }, { "r10", "r10d", "r10w", "r10b" },
	{ "r11", "r11d", "r11w", "r11b" }, { "r12", "r12d", "r12w", "r12b" },
	{ "r13", "r13d", "r13w", "r13b" }, { "r14", "r14d", "r14w", "r14b" },
	{ "r15", "r15d", "r15w", "r15b" },
};

static const char *const names_32[] = {
	"EAX", "EBX", "ECX", "EDX", "ESI", "EDI", "EBP", "ESP",
};

const char *x86_register(const char *name, bool is_64, uint8_t *size)
{
	unsigned int i, j;

	for (i = 0; i < (is_64 ? G_N_ELEMENTS(registers) : G_N_ELEMENTS(names_32)); i++) {
		for (j = is_64 ? 0 : 1; j < 4; j++) {
			if (g_ascii_strcasecmp(registers[i][j], name))
				continue;
			*size = 8 >> j;
			return is_64 ? registers[i][0] : names_32[i];
		}
	}
	return NULL;
}

static const char *register_at(const struct x86 *x, uint8_t *size)
{
	char name[8];

	if (x->p->word.kind != LEX_NAME || x->p->word.len >= sizeof(name))
		return NULL;
	memcpy(name, x->p->word.text, x->p->word.len);
	name[x->p->word.len] = 0;
	return x86_register(name, x->is_64, size);
}

/* A register that is an operand; -1: none stands here. */
static int take_register(struct x86 *x, uint8_t *size)
{
	const char *name = register_at(x, size);
	int reg;

	if (!name)
		return -1;
	reg = build_reg(x->p, x->p->proc_number, name, true);
	parse_next(x->p);
	return reg;
}

/* Registers of 32 bits hold addresses too: the machine's width is what they have. */
static bool whole(const struct x86 *x, unsigned int size)
{
	return size == 8 || (!x->is_64 && size == 4);
}

void x86_read_register(struct x86 *x, struct code *c, int reg, unsigned int size)
{
	build_term(x->p, c, LITMUS_T_REG, reg);
	if (!whole(x, size))
		build_term(x->p, c, LITMUS_T_EXTEND, size);
}

/* The value in c goes to the lowest size bytes; 32 bits clear the others. */
void x86_write_register(struct x86 *x, int reg, unsigned int size, struct code *c)
{
	struct code all = { .n = 0 };

	if (!whole(x, size))
		build_term(x->p, c, LITMUS_T_TRUNCATE, size);
	if (size < 4) {
		build_term(x->p, &all, LITMUS_T_REG, reg);
		build_term(x->p, &all, LITMUS_T_NUMBER, -(1ll << (8 * size)));
		build_term(x->p, &all, LITMUS_T_AND, 0);
		build_append(x->p, &all, c);
		build_term(x->p, &all, LITMUS_T_OR, 0);
		build_set(x->p, reg, &all);
	} else {
		build_set(x->p, reg, c);
	}
}

/* --- operands */

static void address_term(struct x86 *x, struct x86_operand *o)
{
	uint8_t size;
	char *name;
	int reg;

	parse_accept(x->p, "%");
	if (x->p->word.kind == LEX_NUMBER) {
		build_term(x->p, &o->address, LITMUS_T_NUMBER,
			   parse_number(x->p, "a displacement"));
		return;
	}
	reg = take_register(x, &size);
	if (reg >= 0) {
		build_term(x->p, &o->address, LITMUS_T_REG, reg);
		return;
	}
	name = parse_name(x->p, "a register or the name of a location");
	if (!name)
		return;
	o->loc = build_loc(x->p, name, true);
	o->size = x->p->prog->loc[o->loc].size;
	build_term(x->p, &o->address, LITMUS_T_ADDRESS, o->loc);
	g_free(name);
}

/* ",%rbx,8" */
static void index_and_scale(struct x86 *x, struct x86_operand *o)
{
	uint8_t size;
	int reg;

	parse_accept(x->p, "%");
	reg = take_register(x, &size);
	if (reg < 0) {
		parse_unexpected(x->p, "an index register");
		return;
	}
	build_term(x->p, &o->address, LITMUS_T_REG, reg);
	if (parse_accept(x->p, ",")) {
		build_term(x->p, &o->address, LITMUS_T_NUMBER, parse_number(x->p, "a scale"));
		build_term(x->p, &o->address, LITMUS_T_MUL, 0);
	}
	build_term(x->p, &o->address, LITMUS_T_ADD, 0);
	o->loc = -1;
}

/* In brackets or parentheses, behind a displacement that may be 0. */
static void memory(struct x86 *x, struct x86_operand *o, int64_t displacement)
{
	const char *close = parse_at(x->p, "[") ? "]" : ")";

	o->kind = MEMORY;
	o->loc = -1;
	parse_next(x->p);
	address_term(x, o);
	while (parse_accept(x->p, "+")) {
		address_term(x, o);
		build_term(x->p, &o->address, LITMUS_T_ADD, 0);
		o->loc = -1;
	}
	if (parse_accept(x->p, ","))
		index_and_scale(x, o);
	parse_expect(x->p, close, "behind the address");
	if (!displacement)
		return;
	build_term(x->p, &o->address, LITMUS_T_NUMBER, displacement);
	build_term(x->p, &o->address, LITMUS_T_ADD, 0);
	o->loc = -1;
}

/* "x", "x(%rip)" */
static void named_memory(struct x86 *x, struct x86_operand *o)
{
	o->kind = MEMORY;
	address_term(x, o);
	if (!parse_accept(x->p, "("))
		return;
	parse_accept(x->p, "%");
	parse_expect(x->p, "rip", "behind the location");
	parse_expect(x->p, ")", "behind the location");
}

void x86_operand(struct x86 *x, struct x86_operand *o)
{
	struct parser *p = x->p;

	*o = (struct x86_operand){ .at = p->word, .loc = -1, .reg = -1 };
	if (parse_at(p, "$") || parse_at(p, "-") || p->word.kind == LEX_NUMBER) {
		o->kind = IMMEDIATE;
		parse_accept(p, "$");
		o->number = parse_number(p, "a number");
		if (parse_at(p, "(") || parse_at(p, "["))
			memory(x, o, o->number);
		return;
	}
	if (parse_at(p, "[") || parse_at(p, "(")) {
		memory(x, o, 0);
		return;
	}
	o->kind = REGISTER;
	if (parse_accept(p, "%") || register_at(x, &o->size)) {
		o->reg = take_register(x, &o->size);
		if (o->reg < 0)
			parse_unexpected(p, "a register");
	} else if (p->word.kind == LEX_NAME) {
		named_memory(x, o);
	} else {
		parse_unexpected(p, "an operand");
	}
}

/* Two of them, in Intel's order. */
void x86_operands(struct x86 *x, struct x86_operand *to, struct x86_operand *from)
{
	x86_operand(x, x->is_64 ? from : to);
	parse_expect(x->p, ",", "and another operand");
	x86_operand(x, x->is_64 ? to : from);
}

/* --- reading and writing operands */

struct litmus_insn *x86_access_memory(struct x86 *x, enum litmus_insn_kind kind,
					 const char *what, const struct x86_operand *o,
					 unsigned int size)
{
	struct c_type type = { .size = size, .is_signed = true };
	struct litmus_loc *loc = o->loc < 0 ? NULL : &x->p->prog->loc[o->loc];

	if (loc && loc->size != size) {
		if (x->p->loc_typed[o->loc] || loc->init.is_address) {
			parse_refuse(x->p, &o->at, "an access of %u bytes to '%.40s', which has "
				     "%u; accesses of mixed sizes are not simulated", size,
				     loc->name, loc->size);
		} else {
			loc->size = size;
			x->p->loc_typed[o->loc] = true;
		}
	}
	return parse_c_access(x->p, kind, what, ORD_ONCE, &o->address, type);
}

/* What an operand holds, as a code without accesses. */
void x86_read_operand(struct x86 *x, const char *what, const struct x86_operand *o,
			 unsigned int size, struct code *c)
{
	int t;

	if (o->kind == IMMEDIATE) {
		build_term(x->p, c, LITMUS_T_NUMBER, o->number);
	} else if (o->kind == REGISTER) {
		x86_read_register(x, c, o->reg, size);
	} else {
		t = build_temporary(x->p);
		x86_access_memory(x, LITMUS_LOAD, what, o, size)->to = t;
		build_term(x->p, c, LITMUS_T_REG, t);
	}
}

void x86_write_operand(struct x86 *x, const char *what, const struct x86_operand *o,
			  unsigned int size, struct code *c)
{
	struct litmus_expr value;

	if (o->kind == IMMEDIATE) {
		parse_fail_at(x->p, &o->at, "found a number, expected a register or a location");
	} else if (o->kind == REGISTER) {
		x86_write_register(x, o->reg, size, c);
	} else {
		value = build_expr(x->p, c);
		x86_access_memory(x, LITMUS_STORE, what, o, size)->value = value;
	}
}

/* The instruction's width: its suffix, a register's, a location's, or 32 bits. */
unsigned int x86_width(const struct x86_operand *a, const struct x86_operand *b,
		       unsigned int suffix)
{
	if (suffix)
		return suffix;
	if (a->kind == REGISTER)
		return a->size;
	if (b && b->kind == REGISTER)
		return b->size;
	if (a->kind == MEMORY && a->size)
		return a->size;
	return b && b->kind == MEMORY && b->size ? b->size : 4;
}
