/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A litmus test as the parsers leave it: locations, one flat list of
 * instructions for each process, and a condition on the final state. Complete
 * and constant from then on; the interpreter (body.c), the hardware runner and
 * the printer read it.
 *
 * Values are 64 bits, signed. The address of a location is a value too: how it
 * is represented is the runner's business, and only LITMUS_T_ADDRESS makes one.
 * An access of size bytes stores the lowest ones; a load extends them, with the
 * sign if is_signed.
 *
 * Registers: a process has at most LITMUS_REGS_MAX, locals and the parser's own
 * temporaries together; the latter have no name. They begin with init, which is
 * 0 where the test says nothing.
 *
 * Expressions are postfix code over a stack of at most LITMUS_STACK_MAX values,
 * without accesses: what a source line reads from memory goes to a register
 * first. Nothing is folded, so that dependencies are those of the source.
 *
 * Memory: a program and all it points to is freed by litmus_program_free().
 */
#ifndef SIM_LITMUS_PROGRAM_H
#define SIM_LITMUS_PROGRAM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "sim/engine/event.h"

#define LITMUS_PROCS_MAX	16
#define LITMUS_REGS_MAX		SIM_REGS_MAX
#define LITMUS_LOCS_MAX		64
#define LITMUS_INSNS_MAX	1024	/* of a process */
#define LITMUS_TERMS_MAX	8192	/* of all expressions of a process */
#define LITMUS_STACK_MAX	32

#define LITMUS_ERROR (litmus_error_quark())
GQuark litmus_error_quark(void);

enum litmus_error {
	LITMUS_ERROR_SYNTAX,	/* file:line:column: found, expected */
	LITMUS_ERROR_REFUSED,	/* understood, but more than this program can run; says why */
	LITMUS_ERROR_FILE,	/* it cannot be read */
};

/* A number, or the address of a location. */
struct litmus_value {
	bool is_address;
	uint16_t loc;		/* of an address */
	int64_t number;
};

enum litmus_loc_kind { LITMUS_LOC_INT, LITMUS_LOC_POINTER, LITMUS_LOC_LOCK };

/*
 * A location in memory. Elements of an array are locations of their own, one
 * after the other, and lie size bytes apart.
 */
struct litmus_loc {
	char *name;		/* "x", "a[1]" */
	enum litmus_loc_kind kind;
	uint8_t size;		/* bytes: 1, 2, 4, 8; a lock: 4 */
	bool is_signed;
	uint16_t array;		/* number of its array's first element; itself if it is none */
	uint16_t array_n;	/* elements; 1 if it is none */
	struct litmus_value init;
};

enum litmus_op {
	LITMUS_T_NUMBER,	/* value */
	LITMUS_T_ADDRESS,	/* of location value */
	LITMUS_T_REG,		/* register value */
	/* two operands */
	LITMUS_T_ADD, LITMUS_T_SUB, LITMUS_T_MUL, LITMUS_T_DIV, LITMUS_T_MOD,	/* by 0: 0 */
	LITMUS_T_AND, LITMUS_T_OR, LITMUS_T_XOR, LITMUS_T_SHL, LITMUS_T_SHR,	/* by 64 up: 0 */
	LITMUS_T_EQ, LITMUS_T_NE, LITMUS_T_LT, LITMUS_T_LE, LITMUS_T_GT, LITMUS_T_GE,
	LITMUS_T_BELOW, LITMUS_T_BELOW_EQ,	/* unsigned */
	LITMUS_T_LAND, LITMUS_T_LOR,		/* both are computed: nothing has effects */
	/* one operand */
	LITMUS_T_NEG, LITMUS_T_NOT, LITMUS_T_LNOT,
	LITMUS_T_EXTEND,	/* keep the lowest value bytes and their sign */
	LITMUS_T_TRUNCATE,	/* keep the lowest value bytes, unsigned */
	/* three: condition, then, else */
	LITMUS_T_SELECT,
};

struct litmus_term {
	uint8_t op;		/* of enum litmus_op */
	int64_t value;
};

/* Terms of the process, in order; n = 0: there is no such operand. */
struct litmus_expr {
	uint16_t first, n;
	uint64_t regs;		/* registers that it reads, one bit each */
};

enum litmus_insn_kind {
	/* accesses to address; to, if not -1, gets what the location held */
	LITMUS_LOAD,
	LITMUS_STORE,		/* value; to is -1 */
	LITMUS_XCHG,		/* value */
	LITMUS_CMPXCHG,		/* value, if it held expected */
	LITMUS_ADD,		/* value is added */
	LITMUS_OR,
	LITMUS_AND,
	LITMUS_FENCE,		/* order */
	/* locks: address */
	LITMUS_LOCK,
	LITMUS_TRYLOCK,		/* to: 1 if it was taken */
	LITMUS_UNLOCK,
	LITMUS_RCU_LOCK,
	LITMUS_RCU_UNLOCK,
	LITMUS_SYNC_RCU,
	/* nothing that others can notice */
	LITMUS_LAST_EVENT = LITMUS_SYNC_RCU,
	LITMUS_SET,		/* to = value */
	LITMUS_JUMP,		/* to instruction target */
	LITMUS_BRANCH,		/* to target if value is 0 */
	LITMUS_END,		/* the last one; no other falls off the end */
};

struct litmus_insn {
	uint8_t kind;		/* of enum litmus_insn_kind */
	uint8_t order;		/* of enum ev_order, of an access or fence */
	uint8_t size;		/* of an access */
	bool is_signed;		/* what is loaded is */
	int16_t to;		/* register, -1: none */
	uint16_t target;
	struct litmus_expr address, value, expected;
	struct sim_deps deps;	/* of the above, for models */
	uint64_t dead;		/* registers that nobody reads from here on: clear them first */
	/* What may still come, itself included: locations, a bit each, and order. */
	uint64_t loads_ahead, stores_ahead;
	bool orders_ahead;	/* what makes one load's time matter to another's */
	bool sections_ahead, syncs_ahead;	/* rcu_read_lock and unlock; synchronize_rcu */
	bool in_vain;		/* a store that no process can load and nobody looks at */
	uint32_t line, column;
	const char *what;	/* as the source spells it: "READ_ONCE"; a static string */
};

struct litmus_reg {
	char *name;		/* NULL: a temporary */
	uint8_t size;		/* bytes that the final state shows, signed */
	struct litmus_value init;
};

struct litmus_proc {
	struct litmus_insn *insn;
	unsigned int n_insns;
	struct litmus_term *term;
	unsigned int n_terms;
	struct litmus_reg reg[LITMUS_REGS_MAX];
	unsigned int n_regs;
};

/* Part of the final state: a register (proc >= 0) or a location (proc = -1). */
struct litmus_item {
	int proc;
	uint16_t number;	/* of the register or location */
};

enum litmus_prop_op {
	LITMUS_P_TRUE, LITMUS_P_FALSE,
	LITMUS_P_EQUAL,		/* item, value */
	LITMUS_P_ITEMS_EQUAL,	/* item, other */
	LITMUS_P_NOT,
	LITMUS_P_AND, LITMUS_P_OR, LITMUS_P_IMPLIES,
};

/* Postfix, as expressions are. */
struct litmus_prop_term {
	uint8_t op;		/* of enum litmus_prop_op */
	struct litmus_item item, other;
	struct litmus_value value;
};

struct litmus_prop {
	struct litmus_prop_term *term;
	unsigned int n;		/* 0: there is none */
};

enum litmus_quantifier { LITMUS_EXISTS, LITMUS_NOT_EXISTS, LITMUS_FORALL };

struct litmus_program {
	char *path;
	char *arch;		/* "C", "X86", "X86_64" */
	char *name;
	char *comment;		/* text of the comments before the initial state */
	char *hash;		/* of a line Hash=...; NULL: none */

	struct litmus_loc loc[LITMUS_LOCS_MAX];
	unsigned int n_locs;
	struct litmus_proc proc[LITMUS_PROCS_MAX];
	unsigned int n_procs;

	enum litmus_quantifier quantifier;
	struct litmus_prop condition;
	struct litmus_prop filter;
	char *condition_text;	/* as it is printed behind "Condition" */
	/* What the state lines show, in herd7's order: registers, then locations. */
	struct litmus_item *item;
	unsigned int n_items;
};

/*
 * The test in a file's text, of either flavour; path is for messages. Fails with
 * LITMUS_ERROR. len bytes; there may be any among them.
 */
struct litmus_program *litmus_parse(const char *path, const char *text, size_t len,
				    GError **error);
struct litmus_program *litmus_read(const char *path, GError **error);
void litmus_program_free(struct litmus_program *program);

/*
 * What the test's own comment expects of a model: "Never", "Sometimes",
 * "Always", "DEADLOCK" (no execution comes to its end), or NULL where it says
 * nothing. "rmapsim: sc=Never tso=Sometimes" is how our collection says it;
 * "Result: Never", as the kernel's suite says it, speaks of the model lkmm.
 */
const char *litmus_expected(const struct litmus_program *program, const char *model);

/* Does the property hold of a final state? get answers with an item's value. True if empty. */
bool litmus_holds(const struct litmus_prop *prop,
		  struct litmus_value (*get)(struct litmus_item item, void *data), void *data);

/* "exists (0:r0=1 /\\ x=2)", as herd7 prints it; to be freed. */
char *litmus_condition_text(const struct litmus_program *program);
/* "0:r0", "x"; to be freed. */
char *litmus_item_name(const struct litmus_program *program, struct litmus_item item);
char *litmus_value_text(const struct litmus_program *program, struct litmus_value value);
/* As herd7 orders values: numbers, then addresses by name. */
int litmus_value_compare(const struct litmus_program *program, struct litmus_value a,
			 struct litmus_value b);

/* The same size and sign everywhere: of a load's result. */
static inline int64_t litmus_extend(uint64_t value, unsigned int size, bool is_signed)
{
	unsigned int shift = 64 - 8 * size;

	return is_signed ? (int64_t)(value << shift) >> shift :
			   (int64_t)(value << shift >> shift);
}

#endif
