/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is the same in all flavours: the initial state in braces, and behind the
 * bodies what is asked of the final one: locations, filter, condition.
 */
#include <string.h>
#include "sim/litmus/parse.h"

#define PROP_TERMS_MAX	4096

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
static int location(struct parser *p, bool create)
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

static struct litmus_value value(struct parser *p)
{
	struct litmus_value v = { 0 };
	int loc;

	if (parse_accept(p, "ATOMIC_INIT")) {
		parse_expect(p, "(", "behind ATOMIC_INIT");
		v = value(p);
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
	loc = location(p, true);
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

static int register_number(struct parser *p, unsigned int proc)
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
static int process_prefix(struct parser *p)
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
		set_initial(p, first + i, &at, value(p));
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
	loc = location(p, true);
	if (brackets)
		parse_expect(p, "]", "behind the location");
	if (loc < 0)
		return;
	if (typed)
		type_location(p, loc, type);
	if (parse_accept(p, "="))
		set_initial(p, loc, &at, value(p));
}

static void initial_item(struct parser *p)
{
	struct c_type type = { .is_signed = true, .size = p->prog->arch[0] == 'C' ? 8 : 4 };
	bool typed = parse_c_type(p, &type);
	int proc, reg;

	/* "*p = x" is a pointer of no particular type. */
	while (!typed && parse_accept(p, "*"))
		type.stars++;
	typed |= type.stars > 0;
	if (p->error)
		return;
	proc = process_prefix(p);
	if (p->error)
		return;
	if (proc < 0) {
		initial_location(p, &type, typed);
		return;
	}
	reg = register_number(p, proc);
	if (reg >= 0 && parse_accept(p, "="))
		p->prog->proc[proc].reg[reg].init = value(p);
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

/* --- the final state */

static struct litmus_item item(struct parser *p)
{
	struct litmus_item it = { .proc = process_prefix(p) };
	bool brackets;
	int number;

	if (p->error)
		return it;
	if (it.proc >= 0) {
		if ((unsigned int)it.proc >= p->prog->n_procs) {
			parse_unexpected(p, "a register of a process that the test has");
			return it;
		}
		number = register_number(p, it.proc);
	} else {
		brackets = parse_accept(p, "[");
		parse_accept(p, "*");
		number = location(p, true);
		if (brackets)
			parse_expect(p, "]", "behind the location");
	}
	it.number = MAX(number, 0);
	return it;
}

static void add_term(struct parser *p, struct litmus_prop *prop, struct litmus_prop_term term)
{
	if (prop->n == PROP_TERMS_MAX) {
		parse_refuse(p, &p->word, "a condition of more than %d terms", PROP_TERMS_MAX);
		return;
	}
	/* At powers of two it is full. */
	if (!(prop->n & (prop->n - 1)))
		prop->term = g_renew(struct litmus_prop_term, prop->term, MAX(1, 2 * prop->n));
	prop->term[prop->n++] = term;
}

static void add_op(struct parser *p, struct litmus_prop *prop, enum litmus_prop_op op)
{
	add_term(p, prop, (struct litmus_prop_term){ .op = op });
}

static void atom(struct parser *p, struct litmus_prop *prop)
{
	struct litmus_prop_term term = { .op = LITMUS_P_EQUAL, .item = item(p) };
	bool differs = parse_at(p, "!="), is_item;
	struct lex ahead = p->lex;
	struct lex_word next;

	if (!parse_accept(p, "=") && !parse_accept(p, "==") && !parse_accept(p, "!=")) {
		parse_unexpected(p, "'=' or '!='");
		return;
	}
	ahead = p->lex;
	lex_next(&ahead, &next);
	/* "0:r0=1:r1" compares registers, "[x]=[y]" and "x=*y" locations. */
	is_item = lex_is(&next, ":") || parse_at(p, "[") || parse_at(p, "*");
	if (is_item) {
		term.op = LITMUS_P_ITEMS_EQUAL;
		term.other = item(p);
	} else {
		term.value = value(p);
	}
	add_term(p, prop, term);
	if (differs)
		add_op(p, prop, LITMUS_P_NOT);
}

static void disjunction(struct parser *p, struct litmus_prop *prop);

static void primary(struct parser *p, struct litmus_prop *prop)
{
	if (!parse_enter(p))
		return;
	if (parse_accept(p, "~") || parse_accept(p, "not")) {
		primary(p, prop);
		add_op(p, prop, LITMUS_P_NOT);
	} else if (parse_accept(p, "(")) {
		disjunction(p, prop);
		parse_expect(p, ")", "behind the property");
	} else if (parse_accept(p, "true")) {
		add_op(p, prop, LITMUS_P_TRUE);
	} else if (parse_accept(p, "false")) {
		add_op(p, prop, LITMUS_P_FALSE);
	} else {
		atom(p, prop);
	}
	parse_leave(p);
}

/* To the right, and tighter than the others: that is herd7's grammar. */
static void implication(struct parser *p, struct litmus_prop *prop)
{
	primary(p, prop);
	if (!parse_at(p, "=>") || !parse_enter(p))
		return;
	parse_next(p);
	implication(p, prop);
	add_op(p, prop, LITMUS_P_IMPLIES);
	parse_leave(p);
}

static void conjunction(struct parser *p, struct litmus_prop *prop)
{
	implication(p, prop);
	while (parse_accept(p, "/\\")) {
		implication(p, prop);
		add_op(p, prop, LITMUS_P_AND);
	}
}

static void disjunction(struct parser *p, struct litmus_prop *prop)
{
	conjunction(p, prop);
	while (parse_accept(p, "\\/")) {
		conjunction(p, prop);
		add_op(p, prop, LITMUS_P_OR);
	}
}

/* --- what the state lines show */

static const char *item_key(const struct litmus_program *prog, const struct litmus_item *it)
{
	return it->proc < 0 ? prog->loc[it->number].name :
			      prog->proc[it->proc].reg[it->number].name;
}

static int compare_items(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct litmus_item *x = a, *y = b;

	if (x->proc != y->proc)
		return x->proc < 0 ? 1 : y->proc < 0 ? -1 : x->proc - y->proc;
	return strcmp(item_key(data, x), item_key(data, y));
}

static void show(struct parser *p, GArray *items, struct litmus_item it)
{
	const struct litmus_item *all = (const struct litmus_item *)(void *)items->data;
	unsigned int i;

	if (p->error)
		return;
	for (i = 0; i < items->len; i++) {
		if (all[i].proc == it.proc && all[i].number == it.number)
			return;
	}
	g_array_append_val(items, it);
}

static void show_prop(struct parser *p, GArray *items, const struct litmus_prop *prop)
{
	unsigned int i;

	for (i = 0; i < prop->n && !p->error; i++) {
		const struct litmus_prop_term *t = &prop->term[i];

		if (t->op == LITMUS_P_EQUAL || t->op == LITMUS_P_ITEMS_EQUAL)
			show(p, items, t->item);
		if (t->op == LITMUS_P_ITEMS_EQUAL)
			show(p, items, t->other);
	}
}

static void locations(struct parser *p, GArray *items)
{
	struct litmus_item it;
	struct c_type type;
	unsigned int i;

	parse_expect(p, "[", "behind 'locations'");
	while (!parse_over(p) && !parse_at(p, "]")) {
		it = item(p);
		if (it.proc < 0 && !p->error) {
			/* An array is shown whole. */
			for (i = 1; i < p->prog->loc[it.number].array_n; i++)
				show(p, items, (struct litmus_item){ -1, it.number + i });
		}
		show(p, items, it);
		while (parse_accept(p, "*") || parse_c_type(p, &type))
			;
		if (!parse_at(p, "]") && !parse_accept(p, ";"))
			parse_unexpected(p, "';' or ']'");
	}
	parse_expect(p, "]", "behind the locations");
}

static void condition(struct parser *p)
{
	struct litmus_program *prog = p->prog;

	if (parse_accept(p, "exists") || parse_accept(p, "final")) {
		prog->quantifier = LITMUS_EXISTS;
	} else if (parse_accept(p, "forall")) {
		prog->quantifier = LITMUS_FORALL;
	} else if (parse_accept(p, "~")) {
		parse_expect(p, "exists", "behind '~'");
		prog->quantifier = LITMUS_NOT_EXISTS;
	} else if (p->word.kind == LEX_END) {
		prog->quantifier = LITMUS_FORALL;	/* of everything */
		return;
	} else if (!parse_at(p, "(")) {
		parse_unexpected(p, "'locations', 'filter', 'exists', '~exists', 'forall' or the "
				    "end of the file");
	}
	disjunction(p, &prog->condition);
}

/* Text behind the condition that some collections have: "with model: kind". */
static void skip_rest(struct parser *p)
{
	parse_accept(p, ";");
	if (parse_at(p, "with")) {
		p->lex.at = p->lex.end;
		parse_next(p);
	}
	if (p->word.kind != LEX_END)
		parse_unexpected(p, "the end of the file, '/\\' or '\\/'");
}

void parse_final(struct parser *p)
{
	GArray *items = g_array_new(FALSE, FALSE, sizeof(struct litmus_item));

	while (parse_accept(p, "locations"))
		locations(p, items);
	if (parse_accept(p, "filter"))
		disjunction(p, &p->prog->filter);
	condition(p);
	skip_rest(p);
	show_prop(p, items, &p->prog->condition);
	if (!p->error) {
		g_array_sort_with_data(items, compare_items, p->prog);
		p->prog->condition_text = litmus_condition_text(p->prog);
	}
	p->prog->n_items = items->len;
	p->prog->item = (struct litmus_item *)(void *)g_array_free(items, FALSE);
}
