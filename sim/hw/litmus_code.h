/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A litmus test made ready to be played: where its locations lie, and code of
 * each process. Only sim/hw/ includes this.
 *
 * A round has memory of its own, an instance: span bytes, each location or array
 * on its own cache lines. An address is a number from HW_LITMUS_BASE up, the same in
 * every instance, so that values of different rounds can be compared.
 */
#ifndef SIM_HW_LITMUS_CODE_H
#define SIM_HW_LITMUS_CODE_H

#include "sim/litmus/program.h"

#define HW_LITMUS_LINE	64
#define HW_LITMUS_BASE	(1ll << 45)	/* far from the numbers that tests use */

enum code_operand { CODE_NONE, CODE_NUMBER, CODE_REG, CODE_TERMS };

struct code_value {
	enum code_operand kind;
	int64_t number;			/* or the register's */
	const struct litmus_term *term;	/* addresses are numbers in it */
	unsigned int n;
};

struct code_op {
	uint8_t kind;		/* of enum litmus_insn_kind; code_kind if it is a fence */
	uint8_t size;
	bool is_signed;
	bool drains;		/* a fence that is an instruction */
	int16_t to;
	uint16_t target;
	struct code_value address, value, expected;
};

struct code_proc {
	struct code_op *op;
	struct litmus_term *term;
	int64_t init[LITMUS_REGS_MAX];
	unsigned int n_regs;
};

struct hw_litmus_code {
	const struct litmus_program *program;
	bool mfence;		/* a full barrier is mfence, not a locked add */
	unsigned int span;
	unsigned int offset[LITMUS_LOCS_MAX];
	uint8_t *image;		/* of a fresh instance */
	struct code_proc proc[LITMUS_PROCS_MAX];
};

struct hw_litmus_code *hw_litmus_code_new(const struct litmus_program *program);
void hw_litmus_code_free(struct hw_litmus_code *code);

/*
 * One process, once, on an instance; reg begins with the process's init. false: it
 * reached for an address that is no location.
 */
bool hw_litmus_play(const struct hw_litmus_code *code, unsigned int proc, uint8_t *instance,
		    int64_t *reg);

/* What a location holds, or a register's value as the final state shows it. */
int64_t hw_litmus_location(const struct hw_litmus_code *code, const uint8_t *instance,
			   unsigned int loc);
int64_t hw_litmus_register(const struct hw_litmus_code *code, unsigned int proc,
			   unsigned int number, int64_t value);
/* The same with addresses told apart from numbers. */
struct litmus_value hw_litmus_value(const struct hw_litmus_code *code, int64_t value);

#endif
