/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties of a final state: whether they hold, and how herd7 prints them.
 * They are postfix and were made by the parser, which has counted the stack.
 */
#include <string.h>
#include "sim/litmus/program.h"

static int order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

int litmus_value_compare(const struct litmus_program *program, struct litmus_value a,
			 struct litmus_value b)
{
	int c;

	if (a.is_address != b.is_address)
		return a.is_address - b.is_address;
	if (!a.is_address)
		return order(a.number, b.number);
	c = strcmp(program->loc[a.loc].name, program->loc[b.loc].name);
	return c ? c : order(a.number, b.number);
}

static bool same(struct litmus_value a, struct litmus_value b)
{
	return a.is_address == b.is_address && a.number == b.number &&
	       (!a.is_address || a.loc == b.loc);
}

bool litmus_holds(const struct litmus_prop *prop,
		  struct litmus_value (*get)(struct litmus_item item, void *data), void *data)
{
	bool *stack = g_newa(bool, prop->n + 1);
	unsigned int i, n = 0;

	stack[0] = true;
	for (i = 0; i < prop->n; i++) {
		const struct litmus_prop_term *t = &prop->term[i];

		switch (t->op) {
		case LITMUS_P_TRUE:
		case LITMUS_P_FALSE:
			stack[n++] = t->op == LITMUS_P_TRUE;
			break;
		case LITMUS_P_EQUAL:
			stack[n++] = same(get(t->item, data), t->value);
			break;
		case LITMUS_P_ITEMS_EQUAL:
			stack[n++] = same(get(t->item, data), get(t->other, data));
			break;
		case LITMUS_P_NOT:
			stack[n - 1] = !stack[n - 1];
			break;
		case LITMUS_P_AND:
			n--;
			stack[n - 1] &= stack[n];
			break;
		case LITMUS_P_OR:
			n--;
			stack[n - 1] |= stack[n];
			break;
		case LITMUS_P_IMPLIES:
			n--;
			stack[n - 1] = !stack[n - 1] | stack[n];
			break;
		}
	}
	return stack[0];
}

char *litmus_item_name(const struct litmus_program *program, struct litmus_item item)
{
	const struct litmus_loc *l = &program->loc[item.number];

	if (item.proc < 0)
		return g_strconcat(l->name, l->array_n > 1 && l->array == item.number ? "[0]" : "",
				   NULL);
	return g_strdup_printf("%d:%s", item.proc,
			       program->proc[item.proc].reg[item.number].name);
}

char *litmus_value_text(const struct litmus_program *program, struct litmus_value value)
{
	if (!value.is_address)
		return g_strdup_printf("%" G_GINT64_FORMAT, value.number);
	if (!value.number)
		return g_strdup(program->loc[value.loc].name);
	return g_strdup_printf("%s+%" G_GINT64_FORMAT, program->loc[value.loc].name, value.number);
}

static char *atom_text(const struct litmus_program *program, const struct litmus_prop_term *t)
{
	char *item = litmus_item_name(program, t->item), *other, *text;

	if (t->op == LITMUS_P_EQUAL)
		other = litmus_value_text(program, t->value);
	else
		other = litmus_item_name(program, t->other);
	text = g_strdup_printf("%s=%s", item, other);
	g_free(item);
	g_free(other);
	return text;
}

/* What was put together last in a text decides whether it needs parentheses. */
struct part {
	char *text;
	enum litmus_prop_op op;
};

/* herd7's rules: an \/ below an /\, and whatever is below or beside a =>. */
static char *in_parentheses(struct part *part, enum litmus_prop_op above)
{
	bool paren = false;
	char *text = part->text;

	if (above == LITMUS_P_AND)
		paren = part->op == LITMUS_P_OR || part->op == LITMUS_P_IMPLIES;
	else if (above == LITMUS_P_OR)
		paren = part->op == LITMUS_P_IMPLIES;
	else
		paren = part->op == LITMUS_P_AND || part->op == LITMUS_P_OR;
	if (!paren)
		return g_steal_pointer(&part->text);
	text = g_strdup_printf("(%s)", part->text);
	g_clear_pointer(&part->text, g_free);
	return text;
}

static void join(struct part *left, struct part *right, enum litmus_prop_op op)
{
	const char *between = op == LITMUS_P_AND ? "/\\" : op == LITMUS_P_OR ? "\\/" : "=>";
	char *a = in_parentheses(left, op), *b = in_parentheses(right, op);

	left->text = g_strdup_printf("%s %s %s", a, between, b);
	left->op = op;
	g_free(a);
	g_free(b);
}

static char *prop_text(const struct litmus_program *program, const struct litmus_prop *prop)
{
	struct part *stack = g_new0(struct part, prop->n + 1);
	unsigned int i, n = 0;
	char *text;

	for (i = 0; i < prop->n; i++) {
		const struct litmus_prop_term *t = &prop->term[i];

		switch (t->op) {
		case LITMUS_P_TRUE:
		case LITMUS_P_FALSE:
			text = g_strdup(t->op == LITMUS_P_TRUE ? "true" : "false");
			stack[n++] = (struct part){ text, t->op };
			break;
		case LITMUS_P_EQUAL:
		case LITMUS_P_ITEMS_EQUAL:
			stack[n++] = (struct part){ atom_text(program, t), t->op };
			break;
		case LITMUS_P_NOT:
			text = g_strdup_printf("not (%s)", stack[n - 1].text);
			g_free(stack[n - 1].text);
			stack[n - 1] = (struct part){ text, t->op };
			break;
		default:
			n--;
			join(&stack[n - 1], &stack[n], t->op);
		}
	}
	text = stack[0].text ? stack[0].text : g_strdup("true");
	g_free(stack);
	return text;
}

char *litmus_condition_text(const struct litmus_program *program)
{
	static const char *const words[] = { "exists", "~exists", "forall" };
	char *prop = prop_text(program, &program->condition);
	char *text = g_strdup_printf("%s (%s)", words[program->quantifier], prop);

	g_free(prop);
	return text;
}
