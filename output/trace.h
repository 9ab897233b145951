/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run told line by line: the number of the point, a column for each task in
 * which its acts stand, the place in the source. With more tasks than columns
 * fit, the task's name stands before its act instead.
 *
 * Knows nothing of what is told: the caller has the words. All lines fit
 * TRACE_WIDTH; what does not is wrapped in its column.
 */
#ifndef OUTPUT_TRACE_H
#define OUTPUT_TRACE_H

#include <glib.h>

#define TRACE_WIDTH		100
#define TRACE_COLUMNS_MAX	4
#define TRACE_SOURCE_MAX	40

/* In a row's text: a good place to begin a new line, else a blank. */
#define TRACE_BREAK		"\v"

struct trace_layout {
	const char *const *tasks;	/* names, n of them; the caller's */
	guint n;
	guint source_width;
	guint text_at, text_width;	/* where acts stand */
	guint offset;			/* from a task's column to the next one's */
	guint name_width;		/* of the names' column, 0: a column for each */
	gboolean colour;		/* the terminal can highlight */
};

struct trace_row {
	guint64 number;		/* 0: it has none */
	guint task;
	const char *text;
	const char *source;	/* "file:line" or NULL */
};

/* source_width: of the longest source that will be shown. */
void trace_layout_init(struct trace_layout *l, const char *const *tasks, guint n,
		       guint source_width, gboolean colour);

/* All return text of whole lines; free it. */
char *trace_header(const struct trace_layout *l);
char *trace_row_text(const struct trace_layout *l, const struct trace_row *row);
/* The moment at which something is found: title and sentence, highlighted. */
char *trace_alarm(const struct trace_layout *l, const char *title, const char *sentence);

#endif
