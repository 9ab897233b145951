/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Columns of a told run; see trace.h. */
#include <string.h>
#include "output/trace.h"

#define NUMBER_WIDTH	5
#define GAP		2
#define LANE_MIN	37	/* of the last task's column: holds most acts in two lines */
#define NAME_MAX_WIDTH	20
#define HANGING		2	/* indent of a wrapped line */

static void layout_columns(struct trace_layout *l)
{
	if (l->n < 2)
		return;
	l->offset = l->text_width > LANE_MIN ? (l->text_width - LANE_MIN) / (l->n - 1) : 0;
	l->offset = MAX(l->offset, 4);
}

static void layout_names(struct trace_layout *l)
{
	guint i;

	for (i = 0; i < l->n; i++)
		l->name_width = MAX(l->name_width, strlen(l->tasks[i]));
	l->name_width = MIN(l->name_width, NAME_MAX_WIDTH);
	l->text_at += l->name_width + GAP;
	l->text_width -= l->name_width + GAP;
}

void trace_layout_init(struct trace_layout *l, const char *const *tasks, guint n,
		       guint source_width, gboolean colour)
{
	*l = (struct trace_layout){ .tasks = tasks, .n = n, .colour = colour };
	l->source_width = MIN(source_width, TRACE_SOURCE_MAX);
	l->text_at = NUMBER_WIDTH + GAP;
	l->text_width = TRACE_WIDTH - l->text_at - GAP - l->source_width;
	if (n > TRACE_COLUMNS_MAX)
		layout_names(l);
	else
		layout_columns(l);
}

static void pad_to(GString *line, gsize column)
{
	while (line->len < column)
		g_string_append_c(line, ' ');
}

/* Where a task's acts begin and how much room they have. */
static guint lane(const struct trace_layout *l, guint task, guint *width)
{
	guint in = l->name_width ? 0 : task * l->offset;

	*width = l->text_width - in;
	return l->text_at + in;
}

static gboolean names_fit(const struct trace_layout *l)
{
	guint i;

	for (i = 0; i + 1 < l->n; i++) {
		if (strlen(l->tasks[i]) + 1 > l->offset)
			return FALSE;
	}
	return TRUE;
}

static void header_end(const struct trace_layout *l, GString *out, GString *line, gboolean last)
{
	if (last && l->source_width) {
		pad_to(line, l->text_at + l->text_width + GAP);
		g_string_append(line, "source");
	}
	g_string_append_printf(out, "%s\n", line->str);
	g_string_truncate(line, 0);
}

char *trace_header(const struct trace_layout *l)
{
	GString *out = g_string_new(NULL), *line = g_string_new(NULL);
	gboolean fit = names_fit(l);
	guint i, width;

	g_string_printf(line, "%*s", NUMBER_WIDTH, "point");
	if (l->name_width) {
		g_string_append(line, "  task");
		header_end(l, out, line, TRUE);
	}
	for (i = 0; i < l->n && !l->name_width; i++) {
		pad_to(line, lane(l, i, &width));
		g_string_append(line, l->tasks[i]);
		if (!fit || i + 1 == l->n)
			header_end(l, out, line, i + 1 == l->n);
	}
	g_string_free(line, TRUE);
	return g_string_free(out, FALSE);
}

/* Bytes of text that go on a line of width columns. */
static gsize fitting(const char *text, gsize width)
{
	gsize n, blank = 0;

	for (n = 0; text[n] && n < width; n++) {
		if (text[n] == ' ')
			blank = n;
	}
	return text[n] && text[n] != ' ' && blank ? blank : n;
}

/* One more piece of an act: behind the others, or on lines of its own. */
static void add_piece(GPtrArray *lines, const char *piece, gsize width)
{
	GString *line = lines->pdata[lines->len - 1];
	gsize n;

	if (line->len && line->len + 1 + strlen(piece) <= width) {
		g_string_append_printf(line, " %s", piece);
		return;
	}
	if (line->len)
		g_ptr_array_add(lines, line = g_string_new("  "));
	while (*piece) {
		n = fitting(piece, width - line->len);
		g_string_append_len(line, piece, n);
		piece += n + (piece[n] == ' ');
		if (*piece)
			g_ptr_array_add(lines, line = g_string_new("  "));
	}
}

static void free_line(gpointer line)
{
	g_string_free(line, TRUE);
}

static GPtrArray *wrap(const char *text, gsize width)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(free_line);
	char **pieces = g_strsplit(text, TRACE_BREAK, -1), **p;
	char *whole = g_strjoinv(" ", pieces);

	g_ptr_array_add(lines, g_string_new(NULL));
	if (strlen(whole) <= width)
		add_piece(lines, whole, width);
	else
		for (p = pieces; *p; p++)
			add_piece(lines, *p, width);
	g_free(whole);
	g_strfreev(pieces);
	return lines;
}

static void begin_row(const struct trace_layout *l, const struct trace_row *row, GString *line)
{
	if (row->number)
		g_string_printf(line, "%*" G_GUINT64_FORMAT, NUMBER_WIDTH, row->number);
	if (!l->name_width)
		return;
	pad_to(line, NUMBER_WIDTH + GAP);
	g_string_append_printf(line, "%.*s", (int)l->name_width, l->tasks[row->task]);
}

char *trace_row_text(const struct trace_layout *l, const struct trace_row *row)
{
	GString *out = g_string_new(NULL), *line = g_string_new(NULL);
	guint i, width, at = lane(l, row->task, &width);
	GPtrArray *lines = wrap(row->text, width);

	begin_row(l, row, line);
	for (i = 0; i < lines->len; i++) {
		pad_to(line, at);
		g_string_append(line, ((GString *)lines->pdata[i])->str);
		if (!i && row->source) {
			pad_to(line, l->text_at + l->text_width + GAP);
			g_string_append(line, row->source);
		}
		g_string_append_printf(out, "%s\n", line->str);
		g_string_truncate(line, 0);
	}
	g_ptr_array_unref(lines);
	g_string_free(line, TRUE);
	return g_string_free(out, FALSE);
}

char *trace_alarm(const struct trace_layout *l, const char *title, const char *sentence)
{
	const char *on = l->colour ? "\033[1;31m" : "", *off = l->colour ? "\033[0m" : "";
	GPtrArray *lines = wrap(sentence, TRACE_WIDTH - HANGING);
	GString *out = g_string_new(NULL);
	gsize used = strlen(title) + 8;
	guint i;

	g_string_append_printf(out, "%s====== %s ", on, title);
	for (; used < TRACE_WIDTH; used++)
		g_string_append_c(out, '=');
	g_string_append_printf(out, "%s\n", off);
	for (i = 0; i < lines->len; i++)
		g_string_append_printf(out, "%s%*s%s%s\n", on, i ? 0 : HANGING, "",
				       ((GString *)lines->pdata[i])->str, off);
	g_ptr_array_unref(lines);
	return g_string_free(out, FALSE);
}
