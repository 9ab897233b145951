/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the parsers. Each step is one file:
 *
 *	parse.c		the file as a whole; words, complaints
 *	parse_state.c	types, values, names; the initial state
 *	parse_final.c	locations, filter, condition
 *	parse_c.c	bodies of the C flavour: statements
 *	parse_c_expr.c	its expressions
 *	parse_c_call.c	the kernel's primitives
 *	parse_x86.c	bodies of the x86 flavours, x86_insn.c their instructions
 *	build.c		instructions, expressions, registers, locations as they come
 *	live.c		which registers are dead when an instruction comes
 *
 * The first complaint stays: from then on the present word is the end of the
 * file, and whoever waits for another gives up quietly. So nobody has to look
 * for errors, but every loop must end at LEX_END.
 */
#ifndef SIM_LITMUS_PARSE_H
#define SIM_LITMUS_PARSE_H

#include "sim/litmus/lex.h"
#include "sim/litmus/program.h"

#define PARSE_DEPTH_MAX	64	/* of nested blocks and expressions */
#define CODE_TERMS_MAX	128	/* of one expression */

/* An expression as it grows. */
struct code {
	struct litmus_term term[CODE_TERMS_MAX];
	unsigned int n;
	unsigned int depth;		/* values on the stack behind the last term */
	uint64_t regs;
};

/* A type of the C flavour, of a location's contents or of a register. */
struct c_type {
	unsigned int stars;
	uint8_t size;			/* of what is pointed to in the end */
	bool is_signed;
	bool is_lock;
	bool is_void;
};

struct parser {
	struct lex lex;
	struct lex_word word;		/* the present one */
	const char *path;
	struct litmus_program *prog;
	GError *error;			/* the first */
	unsigned int depth;

	/* the body that is being parsed */
	struct litmus_proc *proc;
	unsigned int proc_number;
	unsigned int terms_room, insns_room;
	/* Registers without names; a statement leaves none of them in use. */
	uint8_t temporary[LITMUS_REGS_MAX];
	unsigned int n_temporaries, temporaries_used;
	struct c_type reg_type[LITMUS_REGS_MAX];
	struct c_type loc_type[LITMUS_LOCS_MAX];
	bool loc_typed[LITMUS_LOCS_MAX];
	struct c_loop *loop;		/* the innermost, for break and continue */
};

/* parse.c */
void parse_next(struct parser *p);
/* The present word is text: step over it. */
bool parse_accept(struct parser *p, const char *text);
void parse_expect(struct parser *p, const char *text, const char *what);
/* Complaints at a word: what was found there, what was expected. */
void parse_fail_at(struct parser *p, const struct lex_word *at, const char *fmt, ...)
	G_GNUC_PRINTF(3, 4);
/* "found 'x', expected ..." at the present word. */
void parse_unexpected(struct parser *p, const char *expected);
/* Understood, but more than can be run. */
void parse_refuse(struct parser *p, const struct lex_word *at, const char *fmt, ...)
	G_GNUC_PRINTF(3, 4);
/* Nested too deep? Undone by parse_leave(). */
bool parse_enter(struct parser *p);
void parse_leave(struct parser *p);
static inline bool parse_at(const struct parser *p, const char *text)
{
	return lex_is(&p->word, text);
}

static inline bool parse_over(const struct parser *p)
{
	return p->word.kind == LEX_END || p->word.kind == LEX_BAD;
}

/* The name as a string, to be freed; steps over it. NULL: it is none. */
char *parse_name(struct parser *p, const char *what);
/* A number with its sign. */
int64_t parse_number(struct parser *p, const char *what);

/* parse_state.c; each of the first three -1 behind a complaint */
int parse_location(struct parser *p, bool create);
int parse_register(struct parser *p, unsigned int proc);
/* "0:" or "P0:": the process's number; -1 also if none stands here. */
int parse_process_prefix(struct parser *p);
struct litmus_value parse_value(struct parser *p);
void parse_initial_state(struct parser *p);
/* A C type at the present word; false: there is none. */
bool parse_c_type(struct parser *p, struct c_type *type);

/* parse_final.c */
void parse_final(struct parser *p);

/* parse_c.c, parse_x86.c: all bodies */
void parse_c_bodies(struct parser *p);
void parse_x86_bodies(struct parser *p);
/* "EAX", "al": what the whole register is called, or NULL; size in bytes. */
const char *x86_register(const char *name, bool is_64, uint8_t *size);

/* parse_c_expr.c; the code is empty before. */
struct c_type parse_c_expr(struct parser *p, struct code *c);
/* An lvalue in memory, *x or x[1]: its address; returns the type of its contents. */
struct c_type parse_c_location(struct parser *p, struct code *address);
struct c_type parse_c_unary(struct parser *p, struct code *c);
/* "+=", "&=": the operation, or -1. */
int parse_c_assignment_op(const struct lex_word *word);
/* left op right, pointers scaled; the result is in left. */
struct c_type parse_c_binary_op(struct parser *p, struct code *left, struct c_type left_type,
				enum litmus_op op, struct code *right, struct c_type right_type);

/* parse_c_call.c: the call of name, whose '(' is the present word. */
struct c_type parse_c_call(struct parser *p, const struct lex_word *name, struct code *result);
/* An access of the type to the address; to: register or -1. */
struct litmus_insn *parse_c_access(struct parser *p, enum litmus_insn_kind kind, const char *what,
				   unsigned int order, const struct code *address,
				   struct c_type type);

/* build.c */
/* The next process's body is being parsed from now on. */
void build_body_begin(struct parser *p);
void build_body_end(struct parser *p);
int build_loc(struct parser *p, const char *name, bool create);	/* -1: there is none */
void build_array(struct parser *p, const char *name, unsigned int n);
int build_reg(struct parser *p, unsigned int proc, const char *name, bool create);
int build_temporary(struct parser *p);
struct litmus_insn *build_insn(struct parser *p, enum litmus_insn_kind kind, const char *what);
/*
 * Make room for n instructions before number at. Those that move keep their
 * aims among each other; jumps from before lead to the first of the new ones.
 */
void build_insert(struct parser *p, unsigned int at, unsigned int n);
void build_term(struct parser *p, struct code *c, enum litmus_op op, int64_t value);
void build_append(struct parser *p, struct code *to, const struct code *from);
/* Keep the code among the process's terms. */
struct litmus_expr build_expr(struct parser *p, const struct code *c);
/* to = code */
void build_set(struct parser *p, int to, const struct code *c);

/* live.c: fills in the instructions' dead masks, when all is parsed. */
void live_find(struct litmus_program *program);

#endif
