/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions of x86 as they occur in litmus tests. An instruction that reads
 * and writes memory without a lock prefix is two accesses.
 */
#include <string.h>
#include "sim/litmus/parse_x86.h"

static void set_flags(struct x86 *x, const struct code *a, const struct code *b)
{
	struct code zero = { .n = 0 };

	build_set(x->p, x->flag_a, a);
	if (!b)
		build_term(x->p, &zero, LITMUS_T_NUMBER, 0);
	build_set(x->p, x->flag_b, b ? b : &zero);
}

enum action {
	MOV, FENCE, NOP, XCHG, XADD, CMPXCHG, ARITHMETIC, UNARY, COMPARE, JUMP, BRANCH,
};

static const struct mnemonic {
	const char *name;
	enum action action;
	int arg;		/* the order of a fence, the operation */
} mnemonics[] = {
	{ "mov", MOV, 0 }, { "mfence", FENCE, ORD_MB }, { "lfence", FENCE, ORD_RMB },
	{ "sfence", FENCE, ORD_WMB }, { "nop", NOP, 0 }, { "pause", NOP, 0 },
	{ "xchg", XCHG, 0 }, { "xadd", XADD, 0 }, { "cmpxchg", CMPXCHG, 0 },
	{ "add", ARITHMETIC, LITMUS_T_ADD }, { "sub", ARITHMETIC, LITMUS_T_SUB },
	{ "and", ARITHMETIC, LITMUS_T_AND }, { "or", ARITHMETIC, LITMUS_T_OR },
	{ "xor", ARITHMETIC, LITMUS_T_XOR }, { "inc", UNARY, LITMUS_T_ADD },
	{ "dec", UNARY, LITMUS_T_SUB }, { "cmp", COMPARE, LITMUS_T_SUB },
	{ "test", COMPARE, LITMUS_T_AND }, { "jmp", JUMP, 0 },
	{ "je", BRANCH, LITMUS_T_EQ }, { "jz", BRANCH, LITMUS_T_EQ },
	{ "jne", BRANCH, LITMUS_T_NE }, { "jnz", BRANCH, LITMUS_T_NE },
	{ "jl", BRANCH, LITMUS_T_LT }, { "jlt", BRANCH, LITMUS_T_LT },
	{ "jle", BRANCH, LITMUS_T_LE }, { "jg", BRANCH, LITMUS_T_GT },
	{ "jgt", BRANCH, LITMUS_T_GT }, { "jge", BRANCH, LITMUS_T_GE },
	{ "js", BRANCH, LITMUS_T_LT }, { "jns", BRANCH, LITMUS_T_GE },
};

static void move(struct x86 *x, const char *what, unsigned int suffix)
{
	struct code c = { .n = 0 };
	struct x86_operand to, from;
	unsigned int size;

	x86_operands(x, &to, &from);
	size = x86_width(&to, &from, suffix);
	if (to.kind == MEMORY && from.kind == MEMORY)
		parse_fail_at(x->p, &from.at, "found two locations, expected a register among the "
			      "operands");
	x86_read_operand(x, what, &from, size, &c);
	x86_write_operand(x, what, &to, size, &c);
}

/* a becomes what memory held; value goes there, by one locked access. */
static int locked(struct x86 *x, enum litmus_insn_kind kind, const char *what,
		  const struct x86_operand *o, unsigned int size, const struct code *value)
{
	struct litmus_expr operand_value = build_expr(x->p, value);
	struct litmus_insn *insn;
	int t = build_temporary(x->p);

	insn = x86_access_memory(x, kind, what, o, size);
	insn->order = ORD_FULL;
	insn->value = operand_value;
	insn->to = t;
	return t;
}

static void exchange(struct x86 *x, const char *what, unsigned int suffix)
{
	struct code a = { .n = 0 }, b = { .n = 0 };
	struct x86_operand to, from, swap;
	unsigned int size;
	int t;

	x86_operands(x, &to, &from);
	size = x86_width(&to, &from, suffix);
	if (from.kind == MEMORY) {
		swap = to;
		to = from;
		from = swap;
	}
	if (from.kind != REGISTER) {
		parse_fail_at(x->p, &from.at, "expected a register among the operands of xchg");
		return;
	}
	x86_read_register(x, &a, from.reg, size);
	if (to.kind == MEMORY) {
		t = locked(x, LITMUS_XCHG, what, &to, size, &a);
		build_term(x->p, &b, LITMUS_T_REG, t);
		x86_write_register(x, from.reg, size, &b);
		return;
	}
	x86_read_operand(x, what, &to, size, &b);
	t = build_temporary(x->p);
	build_set(x->p, t, &b);
	x86_write_operand(x, what, &to, size, &a);
	b = (struct code){ .n = 0 };
	build_term(x->p, &b, LITMUS_T_REG, t);
	x86_write_register(x, from.reg, size, &b);
}

/* to = to op value; was, if not NULL, is a register that gets what to held. */
static void change(struct x86 *x, const char *what, bool lock, const struct x86_operand *to, int op,
		   struct code *value, unsigned int size, const int *was)
{
	static const struct { uint8_t op, kind; } events[] = {
		{ LITMUS_T_ADD, LITMUS_ADD }, { LITMUS_T_SUB, LITMUS_ADD },
		{ LITMUS_T_AND, LITMUS_AND }, { LITMUS_T_OR, LITMUS_OR },
	};
	struct code now = { .n = 0 }, operand_value = *value, flags = { .n = 0 };
	int t, kind = -1;
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(events); i++) {
		if (events[i].op == op)
			kind = events[i].kind;
	}
	if (lock && (to->kind != MEMORY || kind < 0)) {
		parse_refuse(x->p, &to->at, "a lock prefix is understood for add, sub, and, or, "
			     "inc, dec, xadd, cmpxchg and xchg with a location");
		return;
	}
	if (lock) {
		if (op == LITMUS_T_SUB)
			build_term(x->p, &operand_value, LITMUS_T_NEG, 0);
		t = locked(x, kind, what, to, size, &operand_value);
		build_term(x->p, &now, LITMUS_T_REG, t);
	} else {
		x86_read_operand(x, what, to, size, &now);
	}
	flags = now;
	build_append(x->p, &now, value);
	build_term(x->p, &now, op, 0);
	build_term(x->p, &now, LITMUS_T_EXTEND, size);
	if (was)
		build_set(x->p, *was, &flags);
	t = build_temporary(x->p);
	build_set(x->p, t, &now);
	flags = (struct code){ .n = 0 };
	build_term(x->p, &flags, LITMUS_T_REG, t);
	set_flags(x, &flags, NULL);
	if (!lock)
		x86_write_operand(x, what, to, size, &flags);
}

static void arithmetic(struct x86 *x, const char *what, bool lock, int op, unsigned int suffix)
{
	struct code value = { .n = 0 };
	struct x86_operand to, from;
	unsigned int size;

	x86_operands(x, &to, &from);
	size = x86_width(&to, &from, suffix);
	x86_read_operand(x, what, &from, size, &value);
	change(x, what, lock, &to, op, &value, size, NULL);
}

static void unary(struct x86 *x, const char *what, bool lock, int op, unsigned int suffix)
{
	struct code one = { .n = 0 };
	struct x86_operand to;

	x86_operand(x, &to);
	build_term(x->p, &one, LITMUS_T_NUMBER, 1);
	change(x, what, lock, &to, op, &one, x86_width(&to, NULL, suffix), NULL);
}

static void exchange_add(struct x86 *x, const char *what, bool lock, unsigned int suffix)
{
	struct code value = { .n = 0 }, old = { .n = 0 };
	struct x86_operand to, from;
	unsigned int size;
	int was = build_temporary(x->p);

	x86_operands(x, &to, &from);
	size = x86_width(&to, &from, suffix);
	if (from.kind != REGISTER) {
		parse_fail_at(x->p, &from.at, "expected a register as xadd's source");
		return;
	}
	x86_read_register(x, &value, from.reg, size);
	change(x, what, lock, &to, LITMUS_T_ADD, &value, size, &was);
	build_term(x->p, &old, LITMUS_T_REG, was);
	x86_write_register(x, from.reg, size, &old);
}

/* If memory holds the accumulator, it gets from; the accumulator gets what was there. */
static void compare_exchange(struct x86 *x, const char *what, bool lock, unsigned int suffix)
{
	struct code value = { .n = 0 }, accumulator = { .n = 0 }, got = { .n = 0 };
	struct x86_operand to, from;
	struct litmus_expr expected;
	unsigned int size, at;
	int rax, t;

	x86_operands(x, &to, &from);
	size = x86_width(&to, &from, suffix);
	if (!lock || to.kind != MEMORY || from.kind != REGISTER) {
		parse_refuse(x->p, &to.at, "cmpxchg is understood with a lock prefix, a location "
			     "and a register");
		return;
	}
	rax = build_reg(x->p, x->p->proc_number, x->is_64 ? "rax" : "EAX", true);
	x86_read_register(x, &accumulator, rax, size);
	x86_read_register(x, &value, from.reg, size);
	expected = build_expr(x->p, &accumulator);
	at = x->p->proc->n_insns;
	t = locked(x, LITMUS_CMPXCHG, what, &to, size, &value);
	if (x->p->error)
		return;
	x->p->proc->insn[at].expected = expected;
	build_term(x->p, &got, LITMUS_T_REG, t);
	set_flags(x, &accumulator, &got);
	x86_write_register(x, rax, size, &got);
}

static void compare(struct x86 *x, const char *what, int op, unsigned int suffix)
{
	struct code a = { .n = 0 }, b = { .n = 0 };
	struct x86_operand to, from;
	unsigned int size;

	x86_operands(x, &to, &from);
	size = x86_width(&to, &from, suffix);
	x86_read_operand(x, what, &to, size, &a);
	x86_read_operand(x, what, &from, size, &b);
	if (op == LITMUS_T_SUB) {
		set_flags(x, &a, &b);
		return;
	}
	build_append(x->p, &a, &b);
	build_term(x->p, &a, op, 0);
	set_flags(x, &a, NULL);
}

static void branch(struct x86 *x, int op)
{
	/* A branch of ours is taken if its value is 0: the opposite. */
	static const struct { uint8_t op, opposite; } opposites[] = {
		{ LITMUS_T_EQ, LITMUS_T_NE }, { LITMUS_T_NE, LITMUS_T_EQ },
		{ LITMUS_T_LT, LITMUS_T_GE }, { LITMUS_T_GE, LITMUS_T_LT },
		{ LITMUS_T_LE, LITMUS_T_GT }, { LITMUS_T_GT, LITMUS_T_LE },
	};
	struct code c = { .n = 0 };
	unsigned int i;

	build_term(x->p, &c, LITMUS_T_REG, x->flag_a);
	build_term(x->p, &c, LITMUS_T_REG, x->flag_b);
	for (i = 0; i < G_N_ELEMENTS(opposites); i++) {
		if (opposites[i].op == op)
			build_term(x->p, &c, opposites[i].opposite, 0);
	}
	x86_jump(x, LITMUS_BRANCH, &c);
}

/* The mnemonic, with or without a letter for its width. */
static const struct mnemonic *find_mnemonic(const struct lex_word *word, unsigned int *suffix)
{
	static const char letters[] = "bwlq";
	unsigned int i;
	size_t n;

	for (i = 0; i < G_N_ELEMENTS(mnemonics); i++) {
		const char *letter;

		n = strlen(mnemonics[i].name);
		if (word->len < n || g_ascii_strncasecmp(mnemonics[i].name, word->text, n))
			continue;
		*suffix = 0;
		if (word->len == n)
			return &mnemonics[i];
		letter = strchr(letters, g_ascii_tolower(word->text[n]));
		if (word->len != n + 1 || !letter || mnemonics[i].action == BRANCH)
			continue;
		*suffix = 1u << (letter - letters);
		return &mnemonics[i];
	}
	return NULL;
}

static void perform(struct x86 *x, const struct mnemonic *m, bool lock, unsigned int suffix)
{
	switch (m->action) {
	case MOV:
		move(x, m->name, suffix);
		break;
	case FENCE:
		build_insn(x->p, LITMUS_FENCE, m->name)->order = m->arg;
		break;
	case NOP:
		break;
	case XCHG:
		exchange(x, m->name, suffix);
		break;
	case XADD:
		exchange_add(x, m->name, lock, suffix);
		break;
	case CMPXCHG:
		compare_exchange(x, m->name, lock, suffix);
		break;
	case ARITHMETIC:
		arithmetic(x, m->name, lock, m->arg, suffix);
		break;
	case UNARY:
		unary(x, m->name, lock, m->arg, suffix);
		break;
	case COMPARE:
		compare(x, m->name, m->arg, suffix);
		break;
	case JUMP:
		x86_jump(x, LITMUS_JUMP, NULL);
		break;
	case BRANCH:
		branch(x, m->arg);
		break;
	}
}

static bool accept_lock(struct parser *p)
{
	if (p->word.kind != LEX_NAME || p->word.len != 4 ||
	    g_ascii_strncasecmp(p->word.text, "lock", 4))
		return false;
	parse_next(p);
	return true;
}

void x86_instruction(struct x86 *x)
{
	struct lex_word at = x->p->word;
	bool lock = accept_lock(x->p);
	const struct mnemonic *m;
	unsigned int suffix = 0;

	if (x->p->word.kind != LEX_NAME) {
		parse_unexpected(x->p, "an instruction");
		return;
	}
	m = find_mnemonic(&x->p->word, &suffix);
	if (!m) {
		parse_refuse(x->p, &at, "the instruction %.*s is not understood",
			     (int)MIN(x->p->word.len, 40), x->p->word.text);
		return;
	}
	if (lock && (m->action == MOV || m->action == FENCE || m->action >= COMPARE)) {
		parse_fail_at(x->p, &at, "found a lock prefix before %s, which has none", m->name);
		return;
	}
	parse_next(x->p);
	perform(x, m, lock, suffix);
}
