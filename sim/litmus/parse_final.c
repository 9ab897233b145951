/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is asked of the final state, behind the bodies: locations, filter,
 * condition. The grammar is herd7's.
 */
#include <string.h>
#include "sim/litmus/parse.h"

#define PROP_TERMS_MAX	4096

static struct litmus_item item(struct parser *p)
{
	struct litmus_item it = { .proc = parse_process_prefix(p) };
	bool brackets;
	int number;

	if (p->error)
		return it;
	if (it.proc >= 0) {
		if ((unsigned int)it.proc >= p->prog->n_procs) {
			parse_unexpected(p, "a register of a process that the test has");
			return it;
		}
		number = parse_register(p, it.proc);
	} else {
		brackets = parse_accept(p, "[");
		parse_accept(p, "*");
		number = parse_location(p, true);
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
		term.value = parse_value(p);
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
