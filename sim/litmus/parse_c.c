/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bodies of the C flavour: P0(int *x) { ... } and so on. Parameters are pointers
 * to the locations of their names; a local that is assigned to needs no
 * declaration. Blocks have no scope of their own.
 */
#include <string.h>
#include "sim/litmus/parse.h"

#define JUMPS_MAX	64	/* of one loop, by break or continue */

/* Where break and continue lead to is known when the loop has been parsed. */
struct c_loop {
	struct c_loop *outer;
	uint16_t leaves[JUMPS_MAX], goes_on[JUMPS_MAX];
	unsigned int n_leaves, n_goes_on;
};

static const struct c_type type_int = { .size = 8, .is_signed = true };

static void statement(struct parser *p);

/* --- parameters */

static void type_parameter(struct parser *p, const struct lex_word *at, int loc,
			   struct c_type type)
{
	struct litmus_loc *l = &p->prog->loc[loc];
	uint8_t size = type.stars ? 8 : type.size;

	if (p->loc_typed[loc] && l->size != size && !type.is_void && !p->loc_type[loc].is_void) {
		parse_fail_at(p, at, "found a pointer to %u bytes for '%.40s', which has %u "
			      "elsewhere, expected one type", size, l->name, l->size);
		return;
	}
	if (p->loc_typed[loc] && (type.is_void || type.stars <= p->loc_type[loc].stars))
		return;
	l->size = size;
	l->is_signed = type.stars || type.is_signed;
	l->kind = type.stars ? LITMUS_LOC_POINTER : type.is_lock ? LITMUS_LOC_LOCK : LITMUS_LOC_INT;
	if (!l->init.is_address)
		l->init.number = litmus_extend(l->init.number, l->size, l->is_signed);
	p->loc_type[loc] = type;
	p->loc_typed[loc] = true;
}

static void parameter(struct parser *p)
{
	struct lex_word at = p->word;
	struct c_type type;
	char *name;
	int loc;

	if (!parse_c_type(p, &type)) {
		parse_unexpected(p, "a parameter, as in 'int *x'");
		return;
	}
	if (!type.stars && !parse_over(p)) {
		parse_fail_at(p, &at, "found a parameter that is no pointer, expected one, as in "
			      "'int *x'");
		return;
	}
	at = p->word;
	name = parse_name(p, "a parameter's name");
	if (!name)
		return;
	type.stars--;
	loc = build_loc(p, name, true);
	if (!p->error)
		type_parameter(p, &at, loc, type);
	g_free(name);
	while (parse_at(p, "[")) {	/* "int *x[2]" is an array; its size says nothing here */
		parse_next(p);
		parse_number(p, "the array's size");
		parse_expect(p, "]", "behind the array's size");
	}
}

static void parameters(struct parser *p)
{
	parse_expect(p, "(", "and the process's parameters");
	if (parse_accept(p, ")"))
		return;
	if (parse_at(p, "void")) {
		struct lex ahead = p->lex;
		struct lex_word next;

		lex_next(&ahead, &next);
		if (lex_is(&next, ")")) {
			parse_next(p);
			parse_next(p);
			return;
		}
	}
	do {
		parameter(p);
	} while (parse_accept(p, ","));
	parse_expect(p, ")", "behind the parameters");
}

/* --- simple statements */

/* What was read last may as well go to reg at once. */
static bool reads_into(struct parser *p, int reg, const struct code *c)
{
	struct litmus_proc *proc = p->proc;
	struct litmus_insn *last = proc->n_insns ? &proc->insn[proc->n_insns - 1] : NULL;

	if (p->error || c->n != 1 || c->term[0].op != LITMUS_T_REG || !last ||
	    last->to != c->term[0].value || proc->reg[last->to].name || last->kind == LITMUS_SET)
		return false;
	last->to = reg;
	return true;
}

static void assign_register(struct parser *p, int reg, const struct code *c)
{
	if (!reads_into(p, reg, c))
		build_set(p, reg, c);
}

static void assign_value(struct parser *p, int reg)
{
	struct code c = { .n = 0 };

	parse_c_expr(p, &c);
	assign_register(p, reg, &c);
}

static void declaration(struct parser *p, struct c_type type)
{
	struct c_type base = type;
	char *name;
	int reg;

	base.stars = 0;
	do {
		while (parse_accept(p, "*"))
			type.stars++;
		name = parse_name(p, "a local variable");
		if (!name)
			return;
		reg = build_reg(p, p->proc_number, name, true);
		g_free(name);
		if (parse_at(p, "["))
			parse_refuse(p, &p->word, "a local array");
		p->reg_type[reg] = type;
		p->at = p->word;
		p->temporaries_used = 0;
		if (parse_accept(p, "="))
			assign_value(p, reg);
		type = base;
	} while (parse_accept(p, ","));
	parse_expect(p, ";", "behind the declaration");
}

/* Behind "x op=" or before "x++": c gets what is to be assigned. */
static void changed_value(struct parser *p, struct code *c, struct c_type type, int op, bool by_one)
{
	struct code right = { .n = 0 };
	struct c_type right_type = type_int;

	if (by_one)
		build_term(p, &right, LITMUS_T_NUMBER, 1);
	else
		right_type = parse_c_expr(p, &right);
	if (!p->error)
		parse_c_binary_op(p, c, type, op, &right, right_type);
}

/* "=", "+=", "++": what becomes of now, which is read only if need be. */
static bool assignment_mark(struct parser *p, int *op, bool *by_one)
{
	*op = -1;
	*by_one = false;
	if (parse_accept(p, "="))
		return true;
	*op = parse_c_assignment_op(&p->word);
	if (*op < 0 && (parse_at(p, "++") || parse_at(p, "--"))) {
		*op = parse_at(p, "++") ? LITMUS_T_ADD : LITMUS_T_SUB;
		*by_one = true;
	}
	if (*op < 0)
		return false;
	parse_next(p);
	return true;
}

static void assign_to_name(struct parser *p)
{
	struct lex_word at = p->word;
	char *name = parse_name(p, "a local variable");
	struct code c = { .n = 0 };
	bool by_one;
	int op, reg;

	if (!name)
		return;
	reg = build_reg(p, p->proc_number, name, false);
	if (reg < 0 && build_loc(p, name, false) >= 0)
		parse_fail_at(p, &at, "found an assignment to '%.40s', expected one to a local "
			      "variable or to *%.40s", name, name);
	else if (reg < 0)
		reg = build_reg(p, p->proc_number, name, true);
	g_free(name);
	if (!assignment_mark(p, &op, &by_one)) {
		parse_unexpected(p, "an assignment");
		return;
	}
	if (op < 0) {
		p->reg_type[reg] = p->reg_type[reg].size ? p->reg_type[reg] : type_int;
		assign_value(p, reg);
		return;
	}
	build_term(p, &c, LITMUS_T_REG, reg);
	changed_value(p, &c, p->reg_type[reg], op, by_one);
	if (!p->error)
		build_set(p, reg, &c);
}

/* *x = value, *x += value: plain accesses. */
static void assign_to_memory(struct parser *p)
{
	struct code address = { .n = 0 }, c = { .n = 0 };
	struct c_type type = parse_c_location(p, &address);
	struct litmus_expr value;
	bool by_one;
	int op, t;

	if (!assignment_mark(p, &op, &by_one)) {
		parse_unexpected(p, "an assignment");
		return;
	}
	if (op < 0) {
		parse_c_expr(p, &c);
	} else {
		t = build_temporary(p);
		parse_c_access(p, LITMUS_LOAD, "a plain load", ORD_PLAIN, &address, type)->to = t;
		build_term(p, &c, LITMUS_T_REG, t);
		changed_value(p, &c, type, op, by_one);
	}
	value = build_expr(p, &c);
	parse_c_access(p, LITMUS_STORE, "a plain store", ORD_PLAIN, &address, type)->value = value;
}

static bool next_is(const struct parser *p, const char *mark)
{
	struct lex ahead = p->lex;
	struct lex_word next;

	lex_next(&ahead, &next);
	return lex_is(&next, mark);
}

static void call(struct parser *p)
{
	struct lex_word name = p->word;
	struct code unused = { .n = 0 };

	parse_next(p);
	parse_c_call(p, &name, &unused);
}

/* Without its semicolon. */
static void simple(struct parser *p)
{
	struct c_type type;
	struct code unused = { .n = 0 };

	p->at = p->word;
	p->temporaries_used = 0;
	if (parse_at(p, "*") || next_is(p, "["))
		assign_to_memory(p);
	else if (p->word.kind == LEX_NAME && next_is(p, "("))
		call(p);
	else if (p->word.kind == LEX_NAME)
		assign_to_name(p);
	else if (parse_accept(p, "++") || parse_accept(p, "--"))
		parse_unexpected(p, "'++' behind its variable");
	else if (parse_at(p, "(") && next_is(p, "void")) {
		parse_next(p);
		parse_c_type(p, &type);
		parse_expect(p, ")", "behind the type");
		parse_c_unary(p, &unused);
	} else if (parse_at(p, "(") && next_is(p, "*")) {
		assign_to_memory(p);
	} else {
		parse_unexpected(p, "a statement");
	}
}

/* --- flow */

/* A branch that is taken if the condition is false; its aim comes later. */
static unsigned int branch_if_false(struct parser *p, const struct code *c)
{
	struct litmus_expr value = build_expr(p, c);
	unsigned int at = p->proc->n_insns;

	build_insn(p, LITMUS_BRANCH, "if")->value = value;
	return at;
}

static unsigned int jump(struct parser *p, unsigned int target)
{
	unsigned int at = p->proc->n_insns;

	build_insn(p, LITMUS_JUMP, "goto")->target = target;
	return at;
}

static void aim(struct parser *p, unsigned int at, unsigned int target)
{
	if (!p->error)
		p->proc->insn[at].target = target;
}

/* "(condition)": where its branch is. */
static unsigned int condition(struct parser *p)
{
	struct code c = { .n = 0 };

	p->at = p->word;
	p->temporaries_used = 0;
	parse_expect(p, "(", "and a condition");
	parse_c_expr(p, &c);
	parse_expect(p, ")", "behind the condition");
	return branch_if_false(p, &c);
}

static void if_statement(struct parser *p)
{
	unsigned int branch = condition(p), over;

	statement(p);
	if (!parse_accept(p, "else")) {
		aim(p, branch, p->proc->n_insns);
		return;
	}
	over = jump(p, 0);
	aim(p, branch, p->proc->n_insns);
	statement(p);
	aim(p, over, p->proc->n_insns);
}

static void loop_begin(struct parser *p, struct c_loop *loop)
{
	loop->n_leaves = loop->n_goes_on = 0;
	loop->outer = p->loop;
	p->loop = loop;
}

static void loop_end(struct parser *p, struct c_loop *loop, unsigned int again)
{
	unsigned int i;

	for (i = 0; i < loop->n_goes_on; i++)
		aim(p, loop->goes_on[i], again);
	for (i = 0; i < loop->n_leaves; i++)
		aim(p, loop->leaves[i], p->proc->n_insns);
	p->loop = loop->outer;
}

static void while_statement(struct parser *p)
{
	unsigned int top = p->proc->n_insns, branch;
	struct c_loop loop;

	loop_begin(p, &loop);
	branch = condition(p);
	statement(p);
	jump(p, top);
	aim(p, branch, p->proc->n_insns);
	loop_end(p, &loop, top);
}

static void do_statement(struct parser *p)
{
	unsigned int top = p->proc->n_insns, again, branch;
	struct c_loop loop;

	loop_begin(p, &loop);
	statement(p);
	again = p->proc->n_insns;
	parse_expect(p, "while", "behind the loop");
	branch = condition(p);
	jump(p, top);
	aim(p, branch, p->proc->n_insns);
	loop_end(p, &loop, again);
	parse_expect(p, ";", "behind the loop");
}

/* Up to the parenthesis that closes those of the for. */
static void skip_step(struct parser *p)
{
	unsigned int depth = 0;

	while (!parse_over(p) && (depth || !parse_at(p, ")"))) {
		depth += parse_at(p, "(");
		depth -= parse_at(p, ")");
		parse_next(p);
	}
}

/* What the for does behind each round, from where it stands in the text. */
static void for_step(struct parser *p, const struct lex *lex, const struct lex_word *word)
{
	struct lex lex_now = p->lex;
	struct lex_word word_now = p->word;

	if (p->error)
		return;
	p->lex = *lex;
	p->word = *word;
	if (!parse_at(p, ")"))
		simple(p);
	if (!p->error && !parse_at(p, ")"))
		parse_unexpected(p, "')' behind the loop's step");
	if (p->error)
		return;
	p->lex = lex_now;
	p->word = word_now;
}

static void for_statement(struct parser *p)
{
	struct code always = { .n = 0 };
	unsigned int top, branch, again;
	struct c_loop loop;
	struct lex_word word;
	struct c_type type;
	struct lex lex;

	parse_expect(p, "(", "of the loop");
	if (parse_c_type(p, &type)) {
		declaration(p, type);
	} else {
		if (!parse_at(p, ";"))
			simple(p);
		parse_expect(p, ";", "behind the loop's beginning");
	}
	loop_begin(p, &loop);
	top = p->proc->n_insns;
	p->temporaries_used = 0;
	if (parse_at(p, ";"))
		build_term(p, &always, LITMUS_T_NUMBER, 1);
	else
		parse_c_expr(p, &always);
	branch = branch_if_false(p, &always);
	parse_expect(p, ";", "behind the loop's condition");
	lex = p->lex;
	word = p->word;
	skip_step(p);
	parse_expect(p, ")", "behind the loop's step");
	statement(p);
	again = p->proc->n_insns;
	for_step(p, &lex, &word);
	jump(p, top);
	aim(p, branch, p->proc->n_insns);
	loop_end(p, &loop, again);
}

static void leave_loop(struct parser *p, bool for_good)
{
	struct lex_word at = p->word;
	struct c_loop *loop = p->loop;
	uint16_t *list = loop ? (for_good ? loop->leaves : loop->goes_on) : NULL;
	unsigned int *n = loop ? (for_good ? &loop->n_leaves : &loop->n_goes_on) : NULL;

	parse_next(p);
	if (!loop)
		parse_fail_at(p, &at, "found '%s', expected it in a loop only",
			      for_good ? "break" : "continue");
	else if (*n == JUMPS_MAX)
		parse_refuse(p, &at, "more than %d times 'break' or 'continue' in a loop",
			     JUMPS_MAX);
	else
		list[(*n)++] = jump(p, 0);
	parse_expect(p, ";", "behind the statement");
}

static void block(struct parser *p)
{
	while (!parse_over(p) && !parse_at(p, "}"))
		statement(p);
}

static void any_statement(struct parser *p)
{
	struct c_type type;

	if (parse_accept(p, ";"))
		return;
	if (parse_accept(p, "{")) {
		block(p);
		parse_expect(p, "}", "behind the block");
	} else if (parse_accept(p, "if")) {
		if_statement(p);
	} else if (parse_accept(p, "while")) {
		while_statement(p);
	} else if (parse_accept(p, "do")) {
		do_statement(p);
	} else if (parse_accept(p, "for")) {
		for_statement(p);
	} else if (parse_at(p, "break") || parse_at(p, "continue")) {
		leave_loop(p, parse_at(p, "break"));
	} else if (parse_at(p, "return")) {
		parse_next(p);
		jump(p, LITMUS_INSNS_MAX);	/* the end, wherever that will be */
		parse_expect(p, ";", "behind 'return'");
	} else if (parse_at(p, "goto") || parse_at(p, "switch")) {
		parse_refuse(p, &p->word, "'goto' and 'switch' are not understood");
	} else if (parse_c_type(p, &type)) {
		declaration(p, type);
	} else {
		simple(p);
		parse_expect(p, ";", "behind the statement");
	}
}

static void statement(struct parser *p)
{
	if (!parse_enter(p))
		return;
	any_statement(p);
	parse_leave(p);
}

/* --- bodies */

static void one_body(struct parser *p)
{
	char expected[8];

	g_snprintf(expected, sizeof(expected), "P%u", p->prog->n_procs);
	if (!parse_at(p, expected)) {
		parse_unexpected(p, expected);
		return;
	}
	build_body_begin(p);
	parse_next(p);
	parameters(p);
	if (!parse_at(p, "{")) {
		parse_unexpected(p, "'{' and the process's body");
		return;
	}
	p->lex.c_body = true;
	parse_next(p);
	block(p);
	p->lex.c_body = false;
	build_body_end(p);
	parse_expect(p, "}", "behind the process's body");
}

void parse_c_bodies(struct parser *p)
{
	if (!parse_at(p, "P0"))
		parse_unexpected(p, "the process P0");
	while (p->word.kind == LEX_NAME && p->word.len > 1 && p->word.text[0] == 'P' &&
	       g_ascii_isdigit(p->word.text[1]))
		one_body(p);
}
