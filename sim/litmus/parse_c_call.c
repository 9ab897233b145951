/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's primitives in bodies of the C flavour: which accesses and fences
 * they are. Order suffixes (_acquire, _release, _relaxed) and the atomic types'
 * prefixes are taken off first, so that each primitive stands here once.
 */
#include <string.h>
#include "sim/litmus/parse.h"

/* What the arguments are and what comes of them. */
enum shape {
	LOAD,		/* (pointer) */
	LOAD_LVALUE,	/* (*pointer) */
	STORE,		/* (pointer, value) */
	STORE_LVALUE,	/* (*pointer, value) */
	STORE_MB,	/* (*pointer, value), then a full fence */
	FENCE,		/* () */
	EVENT,		/* (), of its own kind */
	NOTHING,	/* (): no effect */
	LOCKING,	/* (lock) */
	IS_LOCKED,	/* (lock): is it held? */
	XCHG,		/* (pointer, value): what was there */
	CMPXCHG,	/* (pointer, old, new): what was there */
	TRY_CMPXCHG,	/* (pointer, &old, new): was it old? */
	ADD_UNLESS,	/* (pointer, value, unless): was it added? */
	INC_NOT_ZERO,	/* (pointer): the same with 1 and 0 */
	ARITHMETIC,	/* atomic_add and its kin; see struct arithmetic */
};

struct primitive {
	const char *name;
	enum shape shape;
	uint8_t order;		/* without a suffix; of enum ev_order */
	uint8_t kind;		/* of enum litmus_insn_kind, where the shape leaves it open */
	bool suffixed;		/* may have an order suffix */
};

static const struct primitive primitives[] = {
	{ "READ_ONCE", LOAD_LVALUE, ORD_ONCE, 0, false },
	{ "ACCESS_ONCE", LOAD_LVALUE, ORD_ONCE, 0, false },
	{ "rcu_dereference", LOAD_LVALUE, ORD_ONCE, 0, false },
	{ "rcu_access_pointer", LOAD_LVALUE, ORD_ONCE, 0, false },
	{ "lockless_dereference", LOAD_LVALUE, ORD_ONCE, 0, false },
	{ "smp_load_acquire", LOAD, ORD_ACQUIRE, 0, false },
	{ "atomic_read", LOAD, ORD_ONCE, 0, true },
	{ "WRITE_ONCE", STORE_LVALUE, ORD_ONCE, 0, false },
	{ "RCU_INIT_POINTER", STORE_LVALUE, ORD_ONCE, 0, false },
	{ "rcu_assign_pointer", STORE_LVALUE, ORD_RELEASE, 0, false },
	{ "smp_store_mb", STORE_MB, ORD_ONCE, 0, false },
	{ "smp_store_release", STORE, ORD_RELEASE, 0, false },
	{ "atomic_set", STORE, ORD_ONCE, 0, true },
	{ "smp_mb", FENCE, ORD_MB, 0, false },
	{ "smp_rmb", FENCE, ORD_RMB, 0, false },
	{ "smp_wmb", FENCE, ORD_WMB, 0, false },
	{ "barrier", FENCE, ORD_BARRIER, 0, false },
	{ "smp_mb__before_atomic", FENCE, ORD_BEFORE_ATOMIC, 0, false },
	{ "smp_mb__after_atomic", FENCE, ORD_AFTER_ATOMIC, 0, false },
	{ "smp_mb__after_spinlock", FENCE, ORD_AFTER_SPINLOCK, 0, false },
	{ "smp_mb__after_unlock_lock", FENCE, ORD_MB, 0, false },
	{ "smp_acquire__after_ctrl_dep", FENCE, ORD_RMB, 0, false },
	{ "smp_read_barrier_depends", NOTHING, 0, 0, false },
	{ "cpu_relax", NOTHING, 0, 0, false },
	{ "rcu_read_lock", EVENT, 0, LITMUS_RCU_LOCK, false },
	{ "rcu_read_unlock", EVENT, 0, LITMUS_RCU_UNLOCK, false },
	{ "synchronize_rcu", EVENT, 0, LITMUS_SYNC_RCU, false },
	{ "synchronize_rcu_expedited", EVENT, 0, LITMUS_SYNC_RCU, false },
	{ "spin_lock", LOCKING, ORD_ACQUIRE, LITMUS_LOCK, false },
	{ "raw_spin_lock", LOCKING, ORD_ACQUIRE, LITMUS_LOCK, false },
	{ "spin_unlock", LOCKING, ORD_ACQUIRE, LITMUS_UNLOCK, false },
	{ "raw_spin_unlock", LOCKING, ORD_ACQUIRE, LITMUS_UNLOCK, false },
	{ "spin_trylock", LOCKING, ORD_ACQUIRE, LITMUS_TRYLOCK, false },
	{ "raw_spin_trylock", LOCKING, ORD_ACQUIRE, LITMUS_TRYLOCK, false },
	{ "spin_is_locked", IS_LOCKED, ORD_ONCE, LITMUS_LOAD, false },
	{ "xchg", XCHG, ORD_FULL, 0, true },
	{ "atomic_xchg", XCHG, ORD_FULL, 0, true },
	{ "cmpxchg", CMPXCHG, ORD_FULL, 0, true },
	{ "atomic_cmpxchg", CMPXCHG, ORD_FULL, 0, true },
	{ "try_cmpxchg", TRY_CMPXCHG, ORD_FULL, 0, true },
	{ "atomic_try_cmpxchg", TRY_CMPXCHG, ORD_FULL, 0, true },
	{ "atomic_add_unless", ADD_UNLESS, ORD_FULL, 0, true },
	{ "atomic_inc_not_zero", INC_NOT_ZERO, ORD_FULL, 0, true },
};

/* What an arithmetic primitive does and gives back. */
struct arithmetic {
	enum { OP_ADD, OP_SUB, OP_AND, OP_ANDNOT, OP_OR, OP_XOR } op;
	bool by_one;		/* inc, dec: no value among the arguments */
	enum { GIVES_NOTHING, GIVES_OLD, GIVES_NEW, GIVES_IS_ZERO, GIVES_IS_NEGATIVE } gives;
};

static const struct c_type type_int = { .size = 8, .is_signed = true };
static const struct c_type type_lock = { .size = 4, .is_lock = true };

/* --- names */

/* The suffix is cut off name; -1: there is none. */
static int cut_order(char *name)
{
	static const struct { const char *suffix; uint8_t order; } orders[] = {
		{ "_acquire", ORD_ACQUIRE }, { "_release", ORD_RELEASE },
		{ "_relaxed", ORD_RELAXED },
	};
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(orders); i++) {
		if (g_str_has_suffix(name, orders[i].suffix)) {
			name[strlen(name) - strlen(orders[i].suffix)] = 0;
			return orders[i].order;
		}
	}
	return -1;
}

/* "atomic_long_add" and "atomic64_add" are atomic_add. */
static char *canonical_name(const struct lex_word *word)
{
	static const char *const prefixes[] = { "atomic_long_", "atomic64_" };
	char *name = g_strndup(word->text, word->len), *shorter;
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		if (!g_str_has_prefix(name, prefixes[i]))
			continue;
		shorter = g_strconcat("atomic_", name + strlen(prefixes[i]), NULL);
		g_free(name);
		return shorter;
	}
	return name;
}

static const struct primitive *find_primitive(const char *name)
{
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(primitives); i++) {
		if (!strcmp(primitives[i].name, name))
			return &primitives[i];
	}
	return NULL;
}

static bool skip_prefix(const char **at, const char *prefix)
{
	if (!g_str_has_prefix(*at, prefix))
		return false;
	*at += strlen(prefix);
	return true;
}

/* "atomic_fetch_add", "atomic_dec_and_test", ... without their suffix. */
static bool find_arithmetic(const char *name, struct arithmetic *out)
{
	static const struct { const char *name; uint8_t op; bool by_one; } ops[] = {
		{ "add", OP_ADD, false }, { "sub", OP_SUB, false }, { "inc", OP_ADD, true },
		{ "dec", OP_SUB, true }, { "andnot", OP_ANDNOT, false },
		{ "and", OP_AND, false }, { "or", OP_OR, false }, { "xor", OP_XOR, false },
	};
	const char *at = name;
	bool fetches;
	unsigned int i;

	if (!skip_prefix(&at, "atomic_"))
		return false;
	fetches = skip_prefix(&at, "fetch_");
	for (i = 0; i < G_N_ELEMENTS(ops); i++) {
		if (skip_prefix(&at, ops[i].name))
			break;
	}
	if (i == G_N_ELEMENTS(ops))
		return false;
	out->op = ops[i].op;
	out->by_one = ops[i].by_one;
	out->gives = !*at ? (fetches ? GIVES_OLD : GIVES_NOTHING) :
		     !strcmp(at, "_return") ? GIVES_NEW :
		     !strcmp(at, "_and_test") ? GIVES_IS_ZERO :
		     !strcmp(at, "_negative") ? GIVES_IS_NEGATIVE : GIVES_NOTHING;
	return !*at || (!fetches && out->gives != GIVES_NOTHING);
}

/* --- instructions */

struct litmus_insn *parse_c_access(struct parser *p, enum litmus_insn_kind kind, const char *what,
				   unsigned int order, const struct code *address,
				   struct c_type type)
{
	struct litmus_expr at = build_expr(p, address);
	struct litmus_insn *insn = build_insn(p, kind, what);

	insn->address = at;
	insn->order = order;
	insn->size = type.stars ? 8 : type.size;
	insn->is_signed = type.stars || type.is_signed;
	return insn;
}

static void give_register(struct parser *p, struct code *result, int reg)
{
	build_term(p, result, LITMUS_T_REG, reg);
}

static void comma(struct parser *p)
{
	parse_expect(p, ",", "and another argument");
}

/* A pointer as an argument: what it leads to. */
static struct c_type pointer_argument(struct parser *p, struct code *address)
{
	struct c_type type = parse_c_expr(p, address);

	if (!type.stars)
		return type_int;
	type.stars--;
	return type;
}

static struct c_type load(struct parser *p, const struct primitive *prim, struct code *result,
			  unsigned int order)
{
	struct code address = { .n = 0 };
	struct c_type type;
	int t;

	if (prim->shape == LOAD_LVALUE)
		type = parse_c_location(p, &address);
	else
		type = pointer_argument(p, &address);
	t = build_temporary(p);
	parse_c_access(p, LITMUS_LOAD, prim->name, order, &address, type)->to = t;
	give_register(p, result, t);
	return type;
}

static void fence(struct parser *p, const char *what, unsigned int order)
{
	build_insn(p, LITMUS_FENCE, what)->order = order;
}

static void store(struct parser *p, const struct primitive *prim, unsigned int order)
{
	struct code address = { .n = 0 }, value = { .n = 0 };
	struct litmus_expr stored;
	struct c_type type;

	if (prim->shape == STORE)
		type = pointer_argument(p, &address);
	else
		type = parse_c_location(p, &address);
	comma(p);
	parse_c_expr(p, &value);
	stored = build_expr(p, &value);
	parse_c_access(p, LITMUS_STORE, prim->name, order, &address, type)->value = stored;
	if (prim->shape == STORE_MB)
		fence(p, prim->name, ORD_MB);
}

static void locking(struct parser *p, const struct primitive *prim, struct code *result)
{
	struct lex_word at = p->word;
	struct code address = { .n = 0 }, locked = { .n = 0 };
	struct c_type type = pointer_argument(p, &address);
	struct litmus_insn *insn;
	int t = -1;

	if (!p->error && (type.stars || !type.is_lock)) {
		parse_fail_at(p, &at, "found '%.*s', expected a pointer to a spinlock_t",
			      (int)MIN(at.len, 40), at.text);
		return;
	}
	if (prim->kind == LITMUS_TRYLOCK || prim->shape == IS_LOCKED)
		t = build_temporary(p);
	insn = parse_c_access(p, prim->kind, prim->name, prim->order, &address, type_lock);
	insn->to = t;
	if (t < 0)
		return;
	if (prim->shape != IS_LOCKED) {
		give_register(p, result, t);
		return;
	}
	build_term(p, &locked, LITMUS_T_REG, t);
	build_term(p, &locked, LITMUS_T_NUMBER, 0);
	build_term(p, &locked, LITMUS_T_NE, 0);
	build_append(p, result, &locked);
}

static struct c_type exchange(struct parser *p, const struct primitive *prim, struct code *result,
			      unsigned int order)
{
	struct code address = { .n = 0 }, value = { .n = 0 };
	struct litmus_expr stored;
	struct litmus_insn *insn;
	struct c_type type;
	int t;

	type = pointer_argument(p, &address);
	comma(p);
	parse_c_expr(p, &value);
	stored = build_expr(p, &value);
	t = build_temporary(p);
	insn = parse_c_access(p, LITMUS_XCHG, prim->name, order, &address, type);
	insn->value = stored;
	insn->to = t;
	give_register(p, result, t);
	return type;
}

/* "&r0": a local whose contents are compared and may change. */
static int old_by_address(struct parser *p, struct code *old)
{
	char *name;
	int reg;

	parse_expect(p, "&", "and a local variable");
	name = parse_name(p, "a local variable");
	if (!name)
		return 0;
	reg = build_reg(p, p->proc_number, name, true);
	build_term(p, old, LITMUS_T_REG, reg);
	g_free(name);
	return reg;
}

static struct c_type compare_exchange(struct parser *p, const struct primitive *prim,
				      struct code *result, unsigned int order)
{
	bool tries = prim->shape == TRY_CMPXCHG;
	struct code address = { .n = 0 }, old = { .n = 0 }, value = { .n = 0 }, got = { .n = 0 };
	struct litmus_expr stored, expected;
	struct litmus_insn *insn;
	struct c_type type;
	int t, u, reg = -1;

	type = pointer_argument(p, &address);
	comma(p);
	if (tries)
		reg = old_by_address(p, &old);
	else
		parse_c_expr(p, &old);
	comma(p);
	parse_c_expr(p, &value);
	expected = build_expr(p, &old);
	stored = build_expr(p, &value);
	t = build_temporary(p);
	insn = parse_c_access(p, LITMUS_CMPXCHG, prim->name, order, &address, type);
	insn->value = stored;
	insn->expected = expected;
	insn->to = t;
	build_term(p, &got, LITMUS_T_REG, t);
	if (!tries) {
		give_register(p, result, t);
		return type;
	}
	u = build_temporary(p);
	build_append(p, &old, &got);
	build_term(p, &old, LITMUS_T_EQ, 0);
	build_set(p, u, &old);
	build_set(p, reg, &got);
	give_register(p, result, u);
	return type_int;
}

/* new = what was there, op value */
static void new_value(struct parser *p, struct code *c, int was, int op, const struct code *value)
{
	static const uint8_t ops[] = {
		[OP_ADD] = LITMUS_T_ADD, [OP_SUB] = LITMUS_T_SUB, [OP_AND] = LITMUS_T_AND,
		[OP_ANDNOT] = LITMUS_T_AND, [OP_OR] = LITMUS_T_OR, [OP_XOR] = LITMUS_T_XOR,
	};

	build_term(p, c, LITMUS_T_REG, was);
	build_append(p, c, value);
	if (op == OP_ANDNOT)
		build_term(p, c, LITMUS_T_NOT, 0);
	build_term(p, c, ops[op], 0);
}

/*
 * What no single event does, as the kernel's generic code has it:
 *	again: t = *p; if (t == unless) goto behind; if (cmpxchg(p, t, new) != t) goto again;
 * behind. Returns the register t.
 */
static int cmpxchg_loop(struct parser *p, const char *what, unsigned int order,
			const struct code *address, struct c_type type,
			const struct arithmetic *a, const struct code *value,
			const struct code *unless)
{
	struct code test = { .n = 0 }, value_now = { .n = 0 }, was = { .n = 0 };
	int t = build_temporary(p), u = build_temporary(p);
	unsigned int again = p->proc->n_insns, leave = 0;
	struct litmus_expr stored, expected;
	struct litmus_insn *insn;

	parse_c_access(p, LITMUS_LOAD, what, ORD_ONCE, address, type)->to = t;
	if (unless) {
		build_term(p, &test, LITMUS_T_REG, t);
		build_append(p, &test, unless);
		build_term(p, &test, LITMUS_T_NE, 0);
		leave = p->proc->n_insns;
		build_insn(p, LITMUS_BRANCH, "if")->value = build_expr(p, &test);
	}
	new_value(p, &value_now, t, a->op, value);
	stored = build_expr(p, &value_now);
	build_term(p, &was, LITMUS_T_REG, t);
	expected = build_expr(p, &was);
	insn = parse_c_access(p, LITMUS_CMPXCHG, what, order, address, type);
	insn->value = stored;
	insn->expected = expected;
	insn->to = u;
	build_term(p, &was, LITMUS_T_REG, u);
	build_term(p, &was, LITMUS_T_EQ, 0);
	stored = build_expr(p, &was);
	insn = build_insn(p, LITMUS_BRANCH, "if");
	insn->value = stored;
	insn->target = again;
	if (unless && !p->error)
		p->proc->insn[leave].target = p->proc->n_insns;
	return t;
}

static void add_unless(struct parser *p, const struct primitive *prim, struct code *result,
		       unsigned int order)
{
	const struct arithmetic add = { .op = OP_ADD };
	struct code address = { .n = 0 }, value = { .n = 0 }, unless = { .n = 0 };
	struct c_type type = pointer_argument(p, &address);
	int t;

	if (prim->shape == ADD_UNLESS) {
		comma(p);
		parse_c_expr(p, &value);
		comma(p);
		parse_c_expr(p, &unless);
	} else {
		build_term(p, &value, LITMUS_T_NUMBER, 1);
		build_term(p, &unless, LITMUS_T_NUMBER, 0);
	}
	if (p->error)
		return;
	t = cmpxchg_loop(p, prim->name, order, &address, type, &add, &value, &unless);
	give_register(p, result, t);
	build_append(p, result, &unless);
	build_term(p, result, LITMUS_T_NE, 0);
}

/* atomic_add and its kin as one event; to: register for what was there, or -1. */
static void one_event(struct parser *p, const struct arithmetic *a, const char *what,
		      unsigned int order, const struct code *address, struct c_type type,
		      const struct code *value, int to)
{
	static const uint8_t kinds[] = {
		[OP_ADD] = LITMUS_ADD, [OP_SUB] = LITMUS_ADD, [OP_AND] = LITMUS_AND,
		[OP_ANDNOT] = LITMUS_AND, [OP_OR] = LITMUS_OR,
	};
	struct code operand = *value;
	struct litmus_expr stored;
	struct litmus_insn *insn;

	if (a->op == OP_SUB)
		build_term(p, &operand, LITMUS_T_NEG, 0);
	if (a->op == OP_ANDNOT)
		build_term(p, &operand, LITMUS_T_NOT, 0);
	stored = build_expr(p, &operand);
	insn = parse_c_access(p, kinds[a->op], what, order, address, type);
	insn->value = stored;
	insn->to = to;
}

static void arithmetic(struct parser *p, const struct arithmetic *a, const char *what,
		       unsigned int order, struct code *result)
{
	struct code address = { .n = 0 }, value = { .n = 0 }, now = { .n = 0 };
	struct c_type type;
	int t = -1;

	if (a->by_one) {
		build_term(p, &value, LITMUS_T_NUMBER, 1);
	} else {
		parse_c_expr(p, &value);
		comma(p);
	}
	type = pointer_argument(p, &address);
	if (p->error)
		return;
	if (a->gives != GIVES_NOTHING || a->op == OP_XOR)
		t = build_temporary(p);
	if (a->op == OP_XOR)
		t = cmpxchg_loop(p, what, order, &address, type, a, &value, NULL);
	else
		one_event(p, a, what, order, &address, type, &value, t);
	if (a->gives == GIVES_NOTHING)
		return;
	new_value(p, &now, t, a->op, &value);
	if (a->gives == GIVES_OLD) {
		give_register(p, result, t);
		return;
	}
	if (a->gives != GIVES_NEW) {
		build_term(p, &now, LITMUS_T_NUMBER, 0);
		build_term(p, &now, a->gives == GIVES_IS_ZERO ? LITMUS_T_EQ : LITMUS_T_LT, 0);
	}
	build_append(p, result, &now);
}

/* --- calls */

static void refuse_call(struct parser *p, const struct lex_word *name)
{
	if (g_strstr_len(name->text, name->len, "srcu"))
		parse_refuse(p, name, "%.*s: SRCU is not simulated", (int)MIN(name->len, 60),
			     name->text);
	else
		parse_refuse(p, name, "%.*s() is no primitive that this program knows",
			     (int)MIN(name->len, 60), name->text);
}

static struct c_type primitive(struct parser *p, const struct primitive *prim, unsigned int order,
			       struct code *result)
{
	switch (prim->shape) {
	case LOAD:
	case LOAD_LVALUE:
		return load(p, prim, result, order);
	case STORE:
	case STORE_LVALUE:
	case STORE_MB:
		store(p, prim, order);
		break;
	case FENCE:
		fence(p, prim->name, order);
		break;
	case EVENT:
		build_insn(p, prim->kind, prim->name);
		break;
	case LOCKING:
	case IS_LOCKED:
		locking(p, prim, result);
		break;
	case XCHG:
		return exchange(p, prim, result, order);
	case CMPXCHG:
	case TRY_CMPXCHG:
		return compare_exchange(p, prim, result, order);
	case ADD_UNLESS:
	case INC_NOT_ZERO:
		add_unless(p, prim, result, order);
		break;
	case NOTHING:
	case ARITHMETIC:
		break;
	}
	return type_int;
}

struct c_type parse_c_call(struct parser *p, const struct lex_word *word, struct code *result)
{
	char *name = canonical_name(word);
	const struct primitive *prim = find_primitive(name);
	int order = prim ? -1 : cut_order(name);
	struct c_type type = type_int;
	struct arithmetic a;

	if (!prim && order >= 0)
		prim = find_primitive(name);
	parse_expect(p, "(", "and the arguments");
	if (prim && (order < 0 || prim->suffixed))
		type = primitive(p, prim, order < 0 ? prim->order : (unsigned int)order, result);
	else if (find_arithmetic(name, &a))
		arithmetic(p, &a, "an atomic operation",
			   order >= 0 ? (unsigned int)order :
			   a.gives == GIVES_NOTHING ? ORD_RELAXED : ORD_FULL, result);
	else
		refuse_call(p, word);
	parse_expect(p, ")", "behind the arguments");
	g_free(name);
	return type;
}
