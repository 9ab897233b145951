/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expressions of the C flavour. What they read from memory becomes an
 * instruction at once, with a register for its result; the rest is postfix code.
 * Where && or || have an access on their right side, they become jumps.
 */
#include <string.h>
#include "sim/litmus/parse.h"

static const struct c_type type_int = { .size = 8, .is_signed = true };

static struct c_type binary(struct parser *p, struct code *c, unsigned int least);

static const struct binary_op {
	const char *mark;
	uint8_t level;		/* binds tighter if higher */
	uint8_t op;		/* of enum litmus_op */
} binary_ops[] = {
	{ "||", 1, LITMUS_T_LOR }, { "&&", 2, LITMUS_T_LAND }, { "|", 3, LITMUS_T_OR },
	{ "^", 4, LITMUS_T_XOR }, { "&", 5, LITMUS_T_AND }, { "==", 6, LITMUS_T_EQ },
	{ "!=", 6, LITMUS_T_NE }, { "<", 7, LITMUS_T_LT }, { ">", 7, LITMUS_T_GT },
	{ "<=", 7, LITMUS_T_LE }, { ">=", 7, LITMUS_T_GE }, { "<<", 8, LITMUS_T_SHL },
	{ ">>", 8, LITMUS_T_SHR }, { "+", 9, LITMUS_T_ADD }, { "-", 9, LITMUS_T_SUB },
	{ "*", 10, LITMUS_T_MUL }, { "/", 10, LITMUS_T_DIV }, { "%", 10, LITMUS_T_MOD },
};

static const struct binary_op *binary_op(const struct lex_word *word)
{
	unsigned int i;

	for (i = 0; word->kind == LEX_MARK && i < G_N_ELEMENTS(binary_ops); i++) {
		if (lex_is(word, binary_ops[i].mark))
			return &binary_ops[i];
	}
	return NULL;
}

int parse_c_assignment_op(const struct lex_word *word)
{
	struct lex_word mark = *word;
	const struct binary_op *b;

	if (word->kind != LEX_MARK || word->len < 2 || word->text[word->len - 1] != '=')
		return -1;
	mark.len--;
	b = binary_op(&mark);
	return b && b->level != 6 && b->level != 7 ? b->op : -1;
}

/* Bytes that a pointer moves by when 1 is added. */
static unsigned int step_of(struct c_type type)
{
	return type.stars > 1 ? 8 : type.size;
}

static void scale(struct parser *p, struct code *c, struct c_type pointer)
{
	if (step_of(pointer) == 1)
		return;
	build_term(p, c, LITMUS_T_NUMBER, step_of(pointer));
	build_term(p, c, LITMUS_T_MUL, 0);
}

struct c_type parse_c_binary_op(struct parser *p, struct code *left, struct c_type left_type,
				enum litmus_op op, struct code *right, struct c_type right_type)
{
	bool adds = op == LITMUS_T_ADD || op == LITMUS_T_SUB;
	struct c_type result = type_int;

	if (adds && left_type.stars && !right_type.stars) {
		scale(p, right, left_type);
		result = left_type;
	} else if (op == LITMUS_T_ADD && right_type.stars && !left_type.stars) {
		scale(p, left, right_type);
		result = right_type;
	} else if (op == LITMUS_T_XOR || op == LITMUS_T_AND || op == LITMUS_T_OR) {
		/* Tests make false dependencies of pointers, too. */
		result = left_type.stars ? left_type : right_type;
	}
	build_append(p, left, right);
	build_term(p, left, op, 0);
	if (op == LITMUS_T_SUB && left_type.stars && right_type.stars &&
	    step_of(left_type) > 1) {
		build_term(p, left, LITMUS_T_NUMBER, step_of(left_type));
		build_term(p, left, LITMUS_T_DIV, 0);
	}
	return result;
}

static void set_boolean(struct parser *p, int to, struct code *c)
{
	build_term(p, c, LITMUS_T_LNOT, 0);
	build_term(p, c, LITMUS_T_LNOT, 0);
	build_set(p, to, c);
}

static void only_register(struct parser *p, struct code *c, int reg)
{
	c->n = c->depth = 0;
	c->regs = 0;
	build_term(p, c, LITMUS_T_REG, reg);
}

/*
 * The right side's instructions stand behind number mark already:
 *	t = !!left; if (!t) goto behind;  right...;  t = !!right;  behind:
 */
static void jump_over_right(struct parser *p, struct code *left, enum litmus_op op,
			    struct code *right, unsigned int mark)
{
	struct litmus_proc *proc = p->proc;
	int t = build_temporary(p);
	struct code test = { .n = 0 };
	struct litmus_insn set, branch;

	set_boolean(p, t, right);
	set_boolean(p, t, left);
	build_term(p, &test, LITMUS_T_REG, t);
	if (op == LITMUS_T_LOR)
		build_term(p, &test, LITMUS_T_LNOT, 0);
	build_insn(p, LITMUS_BRANCH, "if")->value = build_expr(p, &test);
	if (p->error)
		return;
	branch = proc->insn[--proc->n_insns];
	set = proc->insn[--proc->n_insns];
	build_insert(p, mark, 2);
	if (p->error)
		return;
	branch.target = proc->n_insns;
	proc->insn[mark] = set;
	proc->insn[mark + 1] = branch;
	only_register(p, left, t);
}

static struct c_type logical(struct parser *p, struct code *left, const struct binary_op *b)
{
	unsigned int mark = p->proc->n_insns;
	struct code right = { .n = 0 };

	binary(p, &right, b->level + 1);
	if (p->error)
		return type_int;
	if (p->proc->n_insns != mark) {
		jump_over_right(p, left, b->op, &right, mark);
		return type_int;
	}
	build_append(p, left, &right);
	build_term(p, left, b->op, 0);
	return type_int;
}

static struct c_type arithmetic(struct parser *p, struct code *left, struct c_type type,
				const struct binary_op *b)
{
	struct code right = { .n = 0 };
	struct c_type right_type = binary(p, &right, b->level + 1);

	if (p->error)
		return type_int;
	return parse_c_binary_op(p, left, type, b->op, &right, right_type);
}

static struct c_type binary(struct parser *p, struct code *c, unsigned int least)
{
	const struct binary_op *b;
	struct c_type type;

	if (!parse_enter(p))
		return type_int;
	type = parse_c_unary(p, c);
	while ((b = binary_op(&p->word)) && b->level >= least) {
		parse_next(p);
		if (b->level <= 2)
			type = logical(p, c, b);
		else
			type = arithmetic(p, c, type, b);
	}
	parse_leave(p);
	return type;
}

/* Behind the question mark. */
static struct c_type conditional(struct parser *p, struct code *c)
{
	struct code then = { .n = 0 }, otherwise = { .n = 0 };
	unsigned int mark = p->proc->n_insns;
	struct lex_word at = p->word;
	struct c_type type;

	type = parse_c_expr(p, &then);
	parse_expect(p, ":", "of the conditional expression");
	parse_c_expr(p, &otherwise);
	if (p->error)
		return type_int;
	if (p->proc->n_insns != mark)
		parse_refuse(p, &at, "an access to memory inside ?:; write it with if");
	build_append(p, c, &then);
	build_append(p, c, &otherwise);
	build_term(p, c, LITMUS_T_SELECT, 0);
	return type;
}

struct c_type parse_c_expr(struct parser *p, struct code *c)
{
	struct c_type type;

	if (!parse_enter(p))
		return type_int;
	type = binary(p, c, 1);
	if (parse_accept(p, "?"))
		type = conditional(p, c);
	parse_leave(p);
	return type;
}

/* A local, the address of a location, or a local that nobody has declared. */
static struct c_type name_value(struct parser *p, struct code *c, const char *name)
{
	int reg = build_reg(p, p->proc_number, name, false);
	int loc = build_loc(p, name, false);
	struct c_type type;

	if (reg < 0 && loc >= 0) {
		build_term(p, c, LITMUS_T_ADDRESS, loc);
		type = p->loc_type[loc];
		if (!p->loc_typed[loc])
			type = type_int;
		type.stars++;
		return type;
	}
	if (reg < 0) {
		reg = build_reg(p, p->proc_number, name, true);
		p->reg_type[reg] = type_int;
	}
	build_term(p, c, LITMUS_T_REG, reg);
	return p->reg_type[reg].size ? p->reg_type[reg] : type_int;
}

static bool next_is_call(const struct parser *p)
{
	struct lex ahead = p->lex;
	struct lex_word next;

	lex_next(&ahead, &next);
	return lex_is(&next, "(");
}

static struct c_type primary(struct parser *p, struct code *c)
{
	struct lex_word at = p->word;
	struct c_type type;
	char *name;

	if (p->word.kind == LEX_NUMBER) {
		build_term(p, c, LITMUS_T_NUMBER, p->word.number);
		parse_next(p);
		return type_int;
	}
	if (parse_accept(p, "(")) {
		type = parse_c_expr(p, c);
		parse_expect(p, ")", "behind the expression");
		return type;
	}
	if (p->word.kind != LEX_NAME) {
		parse_unexpected(p, "an expression");
		return type_int;
	}
	if (parse_accept(p, "NULL") || parse_accept(p, "false")) {
		build_term(p, c, LITMUS_T_NUMBER, 0);
		return type_int;
	}
	if (parse_accept(p, "true")) {
		build_term(p, c, LITMUS_T_NUMBER, 1);
		return type_int;
	}
	if (next_is_call(p)) {
		parse_next(p);
		type = parse_c_call(p, &at, c);
		if (!p->error && !c->n)
			parse_fail_at(p, &at, "found a primitive that returns nothing, expected a "
				      "value");
		return type;
	}
	name = parse_name(p, "a name");
	type = name_value(p, c, name);
	g_free(name);
	return type;
}

/* What a pointer leads to; what is no pointer is one to an int. */
static struct c_type pointee(struct c_type type)
{
	if (!type.stars)
		return type_int;
	type.stars--;
	return type;
}

static struct c_type plain_load(struct parser *p, const struct code *address, struct c_type type,
				struct code *result)
{
	int t = build_temporary(p);

	parse_c_access(p, LITMUS_LOAD, "a plain load", ORD_PLAIN, address, type)->to = t;
	only_register(p, result, t);
	return type;
}

/* [index] behind an address; the type is that of the element. */
static struct c_type index_into(struct parser *p, struct code *address, struct c_type type)
{
	struct code index = { .n = 0 };
	struct c_type index_type;

	parse_expect(p, "[", "and an index");
	index_type = parse_c_expr(p, &index);
	parse_expect(p, "]", "behind the index");
	if (p->error)
		return type_int;
	type = parse_c_binary_op(p, address, type, LITMUS_T_ADD, &index, index_type);
	return pointee(type);
}

static struct c_type postfix(struct parser *p, struct code *c)
{
	struct c_type type = primary(p, c);

	while (parse_at(p, "[")) {
		struct code address = *c;

		type = index_into(p, &address, type);
		if (p->error)
			return type_int;
		type = plain_load(p, &address, type, c);
	}
	if (parse_at(p, "->") || parse_at(p, "."))
		parse_refuse(p, &p->word, "a member of a struct; locations are integers, pointers "
			     "and spinlocks");
	return type;
}

/* "(int *)" */
static bool cast_ahead(const struct parser *p)
{
	struct parser ahead = *p;
	struct c_type type;
	bool is_cast;

	if (!parse_at(p, "("))
		return false;
	ahead.error = NULL;
	parse_next(&ahead);
	is_cast = parse_c_type(&ahead, &type) && parse_at(&ahead, ")");
	g_clear_error(&ahead.error);
	return is_cast;
}

static struct c_type cast(struct parser *p, struct code *c)
{
	struct c_type type;

	parse_next(p);
	parse_c_type(p, &type);
	parse_expect(p, ")", "behind the type");
	parse_c_unary(p, c);
	if (!type.stars && type.size < 8)
		build_term(p, c, type.is_signed ? LITMUS_T_EXTEND : LITMUS_T_TRUNCATE, type.size);
	return type;
}

static struct c_type dereference(struct parser *p, struct code *c)
{
	struct code address = { .n = 0 };
	struct c_type type = pointee(parse_c_unary(p, &address));

	if (p->error)
		return type_int;
	return plain_load(p, &address, type, c);
}

static struct c_type prefixed(struct parser *p, struct code *c)
{
	static const struct { const char *mark; uint8_t op; } ops[] = {
		{ "!", LITMUS_T_LNOT }, { "~", LITMUS_T_NOT }, { "-", LITMUS_T_NEG },
	};
	struct c_type type;
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(ops); i++) {
		if (!parse_accept(p, ops[i].mark))
			continue;
		parse_c_unary(p, c);
		build_term(p, c, ops[i].op, 0);
		return type_int;
	}
	if (parse_accept(p, "+"))
		return parse_c_unary(p, c);
	if (parse_accept(p, "*"))
		return dereference(p, c);
	if (parse_accept(p, "&")) {
		type = parse_c_location(p, c);
		type.stars++;
		return type;
	}
	return cast_ahead(p) ? cast(p, c) : postfix(p, c);
}

struct c_type parse_c_unary(struct parser *p, struct code *c)
{
	struct c_type type = type_int;

	if (!parse_enter(p))
		return type;
	type = prefixed(p, c);
	parse_leave(p);
	return type;
}

static struct c_type location(struct parser *p, struct code *address)
{
	struct lex_word at = p->word;
	struct c_type type;
	bool paren;

	if (parse_accept(p, "*"))
		return pointee(parse_c_unary(p, address));
	paren = parse_accept(p, "(");
	if (paren) {
		type = parse_c_location(p, address);
		parse_expect(p, ")", "behind the location");
		return type;
	}
	type = primary(p, address);
	if (!p->error && parse_at(p, "["))
		return index_into(p, address, type);
	parse_fail_at(p, &at, "found '%.*s', expected a location in memory, as *x or x[1]",
		      (int)MIN(at.len, 40), at.text);
	return type_int;
}

struct c_type parse_c_location(struct parser *p, struct code *address)
{
	struct c_type type = type_int;

	if (!parse_enter(p))
		return type;
	type = location(p, address);
	parse_leave(p);
	return type;
}
