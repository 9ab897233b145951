/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the parser for x86's flavours: parse_x86.c splits the table of
 * processes, x86_insn.c knows the instructions.
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

/* x86_insn.c: one instruction at the present word. */
void x86_instruction(struct x86 *x);

/* parse_x86.c: a jump to the label at the present word; a branch is taken if unless is 0. */
void x86_jump(struct x86 *x, enum litmus_insn_kind kind, const struct code *unless);

#endif
