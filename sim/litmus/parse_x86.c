/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bodies of the x86 flavours: one column for each process, one row for each
 * instruction. X86 names the destination first, as Intel does; X86_64 last, as
 * AT&T does, with the width as the mnemonic's last letter. The columns are
 * parsed one after the other, when all cells' places are known.
 *
 * Flags are two registers of ours, the operands of the last comparison; behind
 * an arithmetic instruction its result and 0.
 */
#include <string.h>
#include "sim/litmus/parse_x86.h"

#define ROWS_MAX	LITMUS_INSNS_MAX

/* Where a cell begins. */
struct cell {
	struct lex lex;
	struct lex_word word;
};

struct label {
	char *name;
	unsigned int at;	/* instruction */
	struct lex_word word;	/* of a jump to it */
};

static void label_clear(gpointer label)
{
	g_free(((struct label *)label)->name);
}

static void add_label(GArray *to, const struct lex_word *word, unsigned int at)
{
	struct label label = { g_strndup(word->text, word->len), at, *word };

	g_array_append_val(to, label);
}

static void note_jump(struct x86 *x, const struct lex_word *to, unsigned int at)
{
	add_label(x->jumps, to, at);
}

void x86_jump(struct x86 *x, enum litmus_insn_kind kind, const struct code *unless)
{
	struct parser *p = x->p;
	struct litmus_expr value = { 0 };
	unsigned int at;

	if (p->word.kind != LEX_NAME) {
		parse_unexpected(p, "a label");
		return;
	}
	if (unless)
		value = build_expr(p, unless);
	at = p->proc->n_insns;
	build_insn(p, kind, "jump")->value = value;
	note_jump(x, &p->word, at);
	parse_next(p);
}

static const struct label *find_label(const GArray *labels, const char *name)
{
	const struct label *all = (const struct label *)(void *)labels->data;
	unsigned int i;

	for (i = 0; i < labels->len; i++) {
		if (!strcmp(all[i].name, name))
			return &all[i];
	}
	return NULL;
}

static void aim_jumps(struct x86 *x)
{
	const struct label *all = (const struct label *)(void *)x->jumps->data, *to;
	unsigned int i;

	for (i = 0; i < x->jumps->len && !x->p->error; i++) {
		to = find_label(x->labels, all[i].name);
		if (to)
			x->p->proc->insn[all[i].at].target = to->at;
		else
			parse_fail_at(x->p, &all[i].word, "found a jump to '%.40s', expected a "
				      "label of this process", all[i].name);
	}
}

static bool cell_ends(const struct parser *p)
{
	return parse_over(p) || parse_at(p, "|") || parse_at(p, ";");
}

static bool is_label(const struct parser *p)
{
	struct lex ahead = p->lex;
	struct lex_word next;

	lex_next(&ahead, &next);
	return p->word.kind == LEX_NAME && lex_is(&next, ":");
}

static void parse_cell(struct x86 *x)
{
	struct parser *p = x->p;

	while (is_label(p)) {
		add_label(x->labels, &p->word, p->proc->n_insns);
		parse_next(p);
		parse_next(p);
	}
	p->temporaries_used = 2;	/* the flags stay */
	if (!cell_ends(p))
		x86_instruction(x);
	if (!cell_ends(p))
		parse_unexpected(p, "'|' or ';' behind the instruction");
}

static void parse_column(struct parser *p, const GArray *cells, unsigned int column,
			 unsigned int columns)
{
	const struct cell *cell = (const struct cell *)(void *)cells->data;
	struct x86 x = { .p = p, .is_64 = !strcmp(p->prog->arch, "X86_64") };
	unsigned int i;

	x.labels = g_array_new(FALSE, FALSE, sizeof(struct label));
	x.jumps = g_array_new(FALSE, FALSE, sizeof(struct label));
	g_array_set_clear_func(x.labels, label_clear);
	g_array_set_clear_func(x.jumps, label_clear);
	build_body_begin(p);
	x.flag_a = build_temporary(p);
	x.flag_b = build_temporary(p);
	for (i = column; i < cells->len && !p->error; i += columns) {
		p->lex = cell[i].lex;
		p->word = cell[i].word;
		parse_cell(&x);
	}
	aim_jumps(&x);
	build_body_end(p);
	g_array_unref(x.labels);
	g_array_unref(x.jumps);
}

/* "P0 | P1 ;": how many there are. */
static unsigned int parse_heading(struct parser *p)
{
	unsigned int n = 0;
	char expected[24];

	do {
		g_snprintf(expected, sizeof(expected), "P%u", n);
		if (n == LITMUS_PROCS_MAX)
			parse_refuse(p, &p->word, "more than %d processes", LITMUS_PROCS_MAX);
		else if (!parse_accept(p, expected))
			parse_unexpected(p, expected);
		n++;
	} while (parse_accept(p, "|"));
	parse_expect(p, ";", "behind the processes");
	return n;
}

static bool rows_end(const struct parser *p)
{
	static const char *const words[] = {
		"exists", "forall", "~", "locations", "filter", "final", "(",
	};
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(words); i++) {
		if (parse_at(p, words[i]) && !is_label(p))
			return true;
	}
	return parse_over(p);
}

static void skip_cell(struct parser *p, GArray *cells)
{
	struct cell cell = { p->lex, p->word };

	g_array_append_val(cells, cell);
	while (!cell_ends(p))
		parse_next(p);
}

static void skip_row(struct parser *p, GArray *cells, unsigned int columns)
{
	unsigned int n = 0;

	do {
		if (n++ == columns) {
			parse_unexpected(p, "';', since there are no more processes");
			return;
		}
		skip_cell(p, cells);
	} while (parse_accept(p, "|"));
	if (n < columns)
		parse_unexpected(p, "'|' and the next process's instruction");
	parse_expect(p, ";", "behind the row");
}

void parse_x86_bodies(struct parser *p)
{
	GArray *cells = g_array_new(FALSE, FALSE, sizeof(struct cell));
	struct lex_word word;
	unsigned int i, rows, columns;
	struct lex lex;

	parse_accept(p, ";");
	columns = parse_heading(p);
	for (rows = 0; !rows_end(p); rows++) {
		if (rows == ROWS_MAX)
			parse_refuse(p, &p->word, "more than %d rows", ROWS_MAX);
		else
			skip_row(p, cells, columns);
	}
	lex = p->lex;
	word = p->word;
	for (i = 0; i < columns && !p->error; i++)
		parse_column(p, cells, i, columns);
	if (!p->error) {
		p->lex = lex;
		p->word = word;
	}
	g_array_unref(cells);
}
