/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the parser for x86's flavours: parse_x86.c splits the table of
 * processes, x86_insn.c knows the instructions, x86_operand.c their operands.
 */
#ifndef SIM_LITMUS_PARSE_X86_H
#define SIM_LITMUS_PARSE_X86_H

#include "sim/litmus/parse.h"

struct x86 {
	struct parser *p;
	bool is_64;		/* X86_64: the destination is the last operand */
	int flag_a, flag_b;	/* registers */
	GArray *labels, *jumps;	/* of struct label */
};

struct x86_operand {
	enum { REGISTER, IMMEDIATE, MEMORY } kind;
	struct lex_word at;
	int reg;
	uint8_t size;		/* of a register, or of a named location; 0: not known */
	int64_t number;
	int loc;		/* named location, -1: by register */
	struct code address;
};

/* x86_operand.c */
void x86_operand(struct x86 *x, struct x86_operand *o);
/* Two of them, in Intel's order. */
void x86_operands(struct x86 *x, struct x86_operand *to, struct x86_operand *from);
/* The instruction's width: its suffix, a register's, a location's, or 32 bits. */
unsigned int x86_width(const struct x86_operand *a, const struct x86_operand *b,
		       unsigned int suffix);
void x86_read_register(struct x86 *x, struct code *c, int reg, unsigned int size);
/* The value in c goes to the lowest size bytes; 32 bits clear the others. */
void x86_write_register(struct x86 *x, int reg, unsigned int size, struct code *c);
struct litmus_insn *x86_access_memory(struct x86 *x, enum litmus_insn_kind kind, const char *what,
				      const struct x86_operand *o, unsigned int size);
/* What an operand holds, as a code without accesses. */
void x86_read_operand(struct x86 *x, const char *what, const struct x86_operand *o,
		      unsigned int size, struct code *c);
void x86_write_operand(struct x86 *x, const char *what, const struct x86_operand *o,
		       unsigned int size, struct code *c);

/* x86_insn.c: one instruction at the present word. */
void x86_instruction(struct x86 *x);

/* parse_x86.c: a jump to the label at the present word; a branch is taken if unless is 0. */
void x86_jump(struct x86 *x, enum litmus_insn_kind kind, const struct code *unless);

#endif
