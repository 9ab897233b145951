/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is the same in all flavours: types, values, names of locations and
 * registers, and the initial state in braces.
 */
#include <string.h>
#include "sim/litmus/parse.h"

/* --- types */

struct type_name {
	const char *name;
	uint8_t size;
	bool is_signed;
	bool is_lock;
};

/* int and long are as wide as a pointer here: tests keep pointers in both. */
static const struct type_name type_names[] = {
	{ "int", 8, true, false },	 { "long", 8, true, false },
	{ "char", 1, true, false },	 { "short", 2, true, false },
	{ "void", 8, true, false },	 { "bool", 1, false, false },
	{ "_Bool", 1, false, false },	 { "atomic_t", 8, true, false },
	{ "atomic_long_t", 8, true, false }, { "atomic64_t", 8, true, false },
	{ "int8_t", 1, true, false },	 { "uint8_t", 1, false, false },
	{ "int16_t", 2, true, false },	 { "uint16_t", 2, false, false },
	{ "int32_t", 4, true, false },	 { "uint32_t", 4, false, false },
	{ "int64_t", 8, true, false },	 { "uint64_t", 8, false, false },
	{ "u8", 1, false, false },	 { "u16", 2, false, false },
	{ "u32", 4, false, false },	 { "u64", 8, false, false },
	{ "s8", 1, true, false },	 { "s16", 2, true, false },
	{ "s32", 4, true, false },	 { "s64", 8, true, false },
	{ "intptr_t", 8, true, false },	 { "uintptr_t", 8, false, false },
	{ "size_t", 8, false, false },	 { "spinlock_t", 4, false, true },
	{ "raw_spinlock_t", 4, false, true },
};

static const struct type_name *type_named(const struct lex_word *word)
{
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(type_names); i++) {
		if (lex_is(word, type_names[i].name))
			return &type_names[i];
	}
	return NULL;
}

/* struct srcu_struct and the like: known, and why they cannot be run. */
static void refuse_type(struct parser *p)
{
	char *name;

	parse_next(p);
	name = parse_name(p, "the name of a struct");
	if (name && !strcmp(name, "srcu_struct"))
		parse_refuse(p, &p->word, "SRCU is not simulated");
	else if (name)
		parse_refuse(p, &p->word, "struct %.40s; locations are integers, pointers and "
			     "spinlocks", name);
	g_free(name);
}

static bool qualifier(struct parser *p)
{
	static const char *const words[] = { "const", "volatile", "static", "register", "__rcu" };
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(words); i++) {
		if (parse_accept(p, words[i]))
			return true;
	}
	return false;
}

/* One word of a type; false: it belongs to none. */
static bool type_word(struct parser *p, struct c_type *type, bool *is_unsigned)
{
	const struct type_name *named = type_named(&p->word);

	if (qualifier(p))
		return true;
	if (parse_at(p, "struct") || parse_at(p, "union") || parse_at(p, "srcu_struct")) {
		refuse_type(p);
		return false;
	}
	if (parse_at(p, "unsigned") || parse_at(p, "signed")) {
		*is_unsigned = parse_at(p, "unsigned");
		type->size = type->size ? type->size : 8;
	} else if (named) {
		/* "short int" is a short; x86's instructions know an int from a long. */
		if (!type->size || type->size == 8)
			type->size = p->prog->arch[0] == 'X' && !strcmp(named->name, "int") ?
				     4 : named->size;
		type->is_signed = named->is_signed;
		type->is_lock = named->is_lock;
		type->is_void = !strcmp(named->name, "void");
	} else {
		return false;
	}
	parse_next(p);
	return true;
}

bool parse_c_type(struct parser *p, struct c_type *type)
{
	bool is_unsigned = false, any = false;

	*type = (struct c_type){ .is_signed = true };
	while (p->word.kind == LEX_NAME && type_word(p, type, &is_unsigned))
		any = true;
	if (!any)
		return false;
	type->size = type->size ? type->size : 8;
	type->is_signed &= !is_unsigned;
	while (parse_accept(p, "*")) {
		type->stars++;
		while (p->word.kind == LEX_NAME && qualifier(p))
			;
	}
	return true;
}

/* --- initial state */

/* "[3]" */
static int64_t index_in_brackets(struct parser *p)
{
	int64_t index;

	parse_expect(p, "[", "and an index");
	index = parse_number(p, "an index");
	parse_expect(p, "]", "behind the index");
	return index;
}

/* A location by name, of an array with an index too. */
int parse_location(struct parser *p, bool create)
{
	struct lex_word at = p->word;
	char *name = parse_name(p, "the name of a location");
	int64_t index;
	int loc;

	if (!name)
		return -1;
	loc = build_loc(p, name, create);
	if (loc >= 0 && parse_at(p, "[")) {
		index = index_in_brackets(p);
		if (index < 0 || index >= p->prog->loc[loc].array_n)
			parse_fail_at(p, &at, "found index %" G_GINT64_FORMAT ", expected 0 to %u",
				      index, p->prog->loc[loc].array_n - 1);
		else
			loc += index;
	}
	g_free(name);
	return p->error ? -1 : loc;
}

struct litmus_value parse_value(struct parser *p)
{
	struct litmus_value v = { 0 };
	int loc;

	if (parse_accept(p, "ATOMIC_INIT")) {
		parse_expect(p, "(", "behind ATOMIC_INIT");
		v = parse_value(p);
		parse_expect(p, ")", "behind the value");
		return v;
	}
	if (p->word.kind == LEX_NUMBER || parse_at(p, "-")) {
		v.number = parse_number(p, "a number");
		return v;
	}
	if (parse_at(p, "NULL")) {
		parse_next(p);
		return v;
	}
	parse_accept(p, "&");
	if (p->word.kind != LEX_NAME) {
		parse_unexpected(p, "a number or the name of a location");
		return v;
	}
	loc = parse_location(p, true);
	if (loc >= 0)
		v = (struct litmus_value){ .is_address = true, .loc = loc };
	return v;
}

/* As many as it holds: an address takes 8 bytes. */
static void set_initial(struct parser *p, int loc, const struct lex_word *at,
			struct litmus_value v)
{
	struct litmus_loc *l = &p->prog->loc[loc];

	if (v.is_address && l->size != 8 && p->loc_typed[loc]) {
		parse_fail_at(p, at, "found an address for %.40s, which has %u bytes, expected a "
			      "number", l->name, l->size);
		return;
	}
	if (v.is_address)
		l->size = 8;
	else
		v.number = litmus_extend(v.number, l->size, l->is_signed);
	l->init = v;
}

static void type_location(struct parser *p, int loc, const struct c_type *type)
{
	struct litmus_loc *l = &p->prog->loc[loc];

	l->size = type->stars ? 8 : type->size;
	l->is_signed = type->stars || type->is_signed;
	l->kind = type->stars ? LITMUS_LOC_POINTER :
		  type->is_lock ? LITMUS_LOC_LOCK : LITMUS_LOC_INT;
	p->loc_type[loc] = *type;
	p->loc_typed[loc] = true;
}

int parse_register(struct parser *p, unsigned int proc)
{
	bool is_x86 = p->prog->arch[0] == 'X';
	struct lex_word at = p->word;
	const char *key;
	uint8_t size = 8;
	char *name;
	int reg;

	parse_accept(p, "%");
	name = parse_name(p, "the name of a register");
	if (!name)
		return -1;
	key = is_x86 ? x86_register(name, !strcmp(p->prog->arch, "X86_64"), &size) : name;
	if (!key)
		parse_fail_at(p, &at, "found '%.40s', expected a register of x86", name);
	reg = p->error ? -1 : build_reg(p, proc, key, true);
	if (!p->error)
		p->prog->proc[proc].reg[reg].size = size;
	g_free(name);
	return p->error ? -1 : reg;
}

/* "0:" or "P0:", if what follows is a register; the process's number. */
int parse_process_prefix(struct parser *p)
{
	struct lex ahead = p->lex;
	struct lex_word colon;
	int64_t proc = -1;

	lex_next(&ahead, &colon);
	if (!lex_is(&colon, ":"))
		return -1;
	if (p->word.kind == LEX_NUMBER)
		proc = p->word.number;
	else if (p->word.kind == LEX_NAME && p->word.text[0] == 'P' && p->word.len < 5)
		proc = g_ascii_strtoll(p->word.text + 1, NULL, 10);
	if (proc < 0 || proc >= LITMUS_PROCS_MAX) {
		parse_refuse(p, &p->word, "process %" G_GINT64_FORMAT "; they are numbered from 0 "
			     "to %d", proc, LITMUS_PROCS_MAX - 1);
		return -1;
	}
	parse_next(p);
	parse_next(p);
	return proc;
}

static void initial_array(struct parser *p, char *name, const struct c_type *type)
{
	unsigned int first = p->prog->n_locs, i;
	int64_t n = index_in_brackets(p);
	struct lex_word at = p->word;

	build_array(p, name, n < 0 || n > LITMUS_LOCS_MAX ? 0 : n);
	for (i = 0; i < n && !p->error; i++)
		type_location(p, first + i, type);
	if (!parse_accept(p, "="))
		return;
	parse_expect(p, "{", "and the elements");
	for (i = 0; !parse_over(p) && !parse_at(p, "}"); i++) {
		at = p->word;
		if (i == n) {
			parse_unexpected(p, "no more elements than the array has");
			return;
		}
		set_initial(p, first + i, &at, parse_value(p));
		if (!parse_accept(p, ","))
			break;
	}
	parse_expect(p, "}", "behind the elements");
}

static bool stands_before_bracket(const struct parser *p)
{
	struct lex ahead = p->lex;
	struct lex_word next;

	lex_next(&ahead, &next);
	return lex_is(&next, "[");
}

static void initial_location(struct parser *p, const struct c_type *type, bool typed)
{
	struct lex_word at = p->word;
	bool brackets;
	char *name;
	int loc;

	if (p->word.kind == LEX_NAME && stands_before_bracket(p)) {
		name = parse_name(p, "the name of an array");
		initial_array(p, name, type);
		g_free(name);
		return;
	}
	brackets = parse_accept(p, "[");
	loc = parse_location(p, true);
	if (brackets)
		parse_expect(p, "]", "behind the location");
	if (loc < 0)
		return;
	if (typed)
		type_location(p, loc, type);
	if (parse_accept(p, "="))
		set_initial(p, loc, &at, parse_value(p));
}

static void initial_item(struct parser *p)
{
	struct c_type type;
	bool typed = parse_c_type(p, &type);
	int proc, reg;

	if (!typed)
		type.size = p->prog->arch[0] == 'C' ? 8 : 4;
	/* "*p = x" is a pointer of no particular type. */
	while (!typed && parse_accept(p, "*"))
		type.stars++;
	typed |= type.stars > 0;
	if (p->error)
		return;
	proc = parse_process_prefix(p);
	if (p->error)
		return;
	if (proc < 0) {
		initial_location(p, &type, typed);
		return;
	}
	reg = parse_register(p, proc);
	if (reg >= 0 && parse_accept(p, "="))
		p->prog->proc[proc].reg[reg].init = parse_value(p);
}

void parse_initial_state(struct parser *p)
{
	parse_expect(p, "{", "of the initial state");
	while (!parse_over(p) && !parse_at(p, "}")) {
		if (parse_accept(p, ";"))
			continue;
		initial_item(p);
		if (!parse_at(p, "}") && !parse_accept(p, ";"))
			parse_unexpected(p, "';' or '}'");
	}
	parse_expect(p, "}", "behind the initial state");
}
