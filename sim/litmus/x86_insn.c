/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions of x86 as they occur in litmus tests. An instruction that reads
 * and writes memory without a lock prefix is two accesses.
 */
#include <string.h>
#include "sim/litmus/parse_x86.h"

struct operand {
	enum { REGISTER, IMMEDIATE, MEMORY } kind;
	struct lex_word at;
	int reg;
	uint8_t size;		/* of a register, or of a named location; 0: not known */
	int64_t number;
	int loc;		/* named location, -1: by register */
	struct code address;
};

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

static void read_register(struct x86 *x, struct code *c, int reg, unsigned int size)
{
	build_term(x->p, c, LITMUS_T_REG, reg);
	if (!whole(x, size))
		build_term(x->p, c, LITMUS_T_EXTEND, size);
}

/* The value in c goes to the lowest size bytes; 32 bits clear the others. */
static void write_register(struct x86 *x, int reg, unsigned int size, struct code *c)
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

static void address_term(struct x86 *x, struct operand *o)
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
static void index_and_scale(struct x86 *x, struct operand *o)
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
static void memory(struct x86 *x, struct operand *o, int64_t displacement)
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
static void named_memory(struct x86 *x, struct operand *o)
{
	o->kind = MEMORY;
	address_term(x, o);
	if (!parse_accept(x->p, "("))
		return;
	parse_accept(x->p, "%");
	parse_expect(x->p, "rip", "behind the location");
	parse_expect(x->p, ")", "behind the location");
}

static void operand(struct x86 *x, struct operand *o)
{
	struct parser *p = x->p;

	*o = (struct operand){ .at = p->word, .loc = -1, .reg = -1 };
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
static void operands(struct x86 *x, struct operand *to, struct operand *from)
{
	operand(x, x->is_64 ? from : to);
	parse_expect(x->p, ",", "and another operand");
	operand(x, x->is_64 ? to : from);
}

/* --- reading and writing operands */

static struct litmus_insn *access_memory(struct x86 *x, enum litmus_insn_kind kind,
					 const char *what, const struct operand *o,
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
static void read_operand(struct x86 *x, const char *what, const struct operand *o,
			 unsigned int size, struct code *c)
{
	int t;

	if (o->kind == IMMEDIATE) {
		build_term(x->p, c, LITMUS_T_NUMBER, o->number);
	} else if (o->kind == REGISTER) {
		read_register(x, c, o->reg, size);
	} else {
		t = build_temporary(x->p);
		access_memory(x, LITMUS_LOAD, what, o, size)->to = t;
		build_term(x->p, c, LITMUS_T_REG, t);
	}
}

static void write_operand(struct x86 *x, const char *what, const struct operand *o,
			  unsigned int size, struct code *c)
{
	struct litmus_expr value;

	if (o->kind == IMMEDIATE) {
		parse_fail_at(x->p, &o->at, "found a number, expected a register or a location");
	} else if (o->kind == REGISTER) {
		write_register(x, o->reg, size, c);
	} else {
		value = build_expr(x->p, c);
		access_memory(x, LITMUS_STORE, what, o, size)->value = value;
	}
}

/* The instruction's width: its suffix, a register's, a location's, or 32 bits. */
static unsigned int width(const struct operand *a, const struct operand *b, unsigned int suffix)
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

static void set_flags(struct x86 *x, const struct code *a, const struct code *b)
{
	struct code zero = { .n = 0 };

	build_set(x->p, x->flag_a, a);
	if (!b)
		build_term(x->p, &zero, LITMUS_T_NUMBER, 0);
	build_set(x->p, x->flag_b, b ? b : &zero);
}

/* --- instructions */

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
	struct operand to, from;
	unsigned int size;

	operands(x, &to, &from);
	size = width(&to, &from, suffix);
	if (to.kind == MEMORY && from.kind == MEMORY)
		parse_fail_at(x->p, &from.at, "found two locations, expected a register among the "
			      "operands");
	read_operand(x, what, &from, size, &c);
	write_operand(x, what, &to, size, &c);
}

/* a becomes what memory held; value goes there, by one locked access. */
static int locked(struct x86 *x, enum litmus_insn_kind kind, const char *what,
		  const struct operand *o, unsigned int size, const struct code *value)
{
	struct litmus_expr operand_value = build_expr(x->p, value);
	struct litmus_insn *insn;
	int t = build_temporary(x->p);

	insn = access_memory(x, kind, what, o, size);
	insn->order = ORD_FULL;
	insn->value = operand_value;
	insn->to = t;
	return t;
}

static void exchange(struct x86 *x, const char *what, unsigned int suffix)
{
	struct code a = { .n = 0 }, b = { .n = 0 };
	struct operand to, from, swap;
	unsigned int size;
	int t;

	operands(x, &to, &from);
	size = width(&to, &from, suffix);
	if (from.kind == MEMORY) {
		swap = to;
		to = from;
		from = swap;
	}
	if (from.kind != REGISTER) {
		parse_fail_at(x->p, &from.at, "expected a register among the operands of xchg");
		return;
	}
	read_register(x, &a, from.reg, size);
	if (to.kind == MEMORY) {
		t = locked(x, LITMUS_XCHG, what, &to, size, &a);
		build_term(x->p, &b, LITMUS_T_REG, t);
		write_register(x, from.reg, size, &b);
		return;
	}
	read_operand(x, what, &to, size, &b);
	t = build_temporary(x->p);
	build_set(x->p, t, &b);
	write_operand(x, what, &to, size, &a);
	b = (struct code){ .n = 0 };
	build_term(x->p, &b, LITMUS_T_REG, t);
	write_register(x, from.reg, size, &b);
}

/* to = to op value; was, if not NULL, is a register that gets what to held. */
static void change(struct x86 *x, const char *what, bool lock, const struct operand *to, int op,
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
		read_operand(x, what, to, size, &now);
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
		write_operand(x, what, to, size, &flags);
}

static void arithmetic(struct x86 *x, const char *what, bool lock, int op, unsigned int suffix)
{
	struct code value = { .n = 0 };
	struct operand to, from;
	unsigned int size;

	operands(x, &to, &from);
	size = width(&to, &from, suffix);
	read_operand(x, what, &from, size, &value);
	change(x, what, lock, &to, op, &value, size, NULL);
}

static void unary(struct x86 *x, const char *what, bool lock, int op, unsigned int suffix)
{
	struct code one = { .n = 0 };
	struct operand to;

	operand(x, &to);
	build_term(x->p, &one, LITMUS_T_NUMBER, 1);
	change(x, what, lock, &to, op, &one, width(&to, NULL, suffix), NULL);
}

static void exchange_add(struct x86 *x, const char *what, bool lock, unsigned int suffix)
{
	struct code value = { .n = 0 }, old = { .n = 0 };
	struct operand to, from;
	unsigned int size;
	int was = build_temporary(x->p);

	operands(x, &to, &from);
	size = width(&to, &from, suffix);
	if (from.kind != REGISTER) {
		parse_fail_at(x->p, &from.at, "expected a register as xadd's source");
		return;
	}
	read_register(x, &value, from.reg, size);
	change(x, what, lock, &to, LITMUS_T_ADD, &value, size, &was);
	build_term(x->p, &old, LITMUS_T_REG, was);
	write_register(x, from.reg, size, &old);
}

/* If memory holds the accumulator, it gets from; the accumulator gets what was there. */
static void compare_exchange(struct x86 *x, const char *what, bool lock, unsigned int suffix)
{
	struct code value = { .n = 0 }, accumulator = { .n = 0 }, got = { .n = 0 };
	struct operand to, from;
	struct litmus_expr expected;
	unsigned int size, at;
	int rax, t;

	operands(x, &to, &from);
	size = width(&to, &from, suffix);
	if (!lock || to.kind != MEMORY || from.kind != REGISTER) {
		parse_refuse(x->p, &to.at, "cmpxchg is understood with a lock prefix, a location "
			     "and a register");
		return;
	}
	rax = build_reg(x->p, x->p->proc_number, x->is_64 ? "rax" : "EAX", true);
	read_register(x, &accumulator, rax, size);
	read_register(x, &value, from.reg, size);
	expected = build_expr(x->p, &accumulator);
	at = x->p->proc->n_insns;
	t = locked(x, LITMUS_CMPXCHG, what, &to, size, &value);
	if (x->p->error)
		return;
	x->p->proc->insn[at].expected = expected;
	build_term(x->p, &got, LITMUS_T_REG, t);
	set_flags(x, &accumulator, &got);
	write_register(x, rax, size, &got);
}

static void compare(struct x86 *x, const char *what, int op, unsigned int suffix)
{
	struct code a = { .n = 0 }, b = { .n = 0 };
	struct operand to, from;
	unsigned int size;

	operands(x, &to, &from);
	size = width(&to, &from, suffix);
	read_operand(x, what, &to, size, &a);
	read_operand(x, what, &from, size, &b);
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
