/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a line of a file of ours word by word, strictly. What does not fit is
 * refused with file, line and reason; every function then returns FALSE or NULL
 * with the error set, unless it says otherwise.
 */
#ifndef OUTPUT_LINE_READER_H
#define OUTPUT_LINE_READER_H

#include <glib.h>

struct line_reader {
	const char *path;
	guint line;		/* number of the present one */
	char *at;		/* what is left of it; it is cut into words */
	GError **error;
};

/* Always FALSE. */
gboolean line_refuse(struct line_reader *r, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* The next word; NULL, and no error, at the line's end or a comment. */
char *line_word(struct line_reader *r);
gboolean line_ends(struct line_reader *r);

/* word as a number, decimal or 0x and hexadecimal; what: its name in messages. */
gboolean line_number(struct line_reader *r, const char *what, const char *word, guint64 max,
		     guint64 *out);
/* "field number" */
gboolean line_field(struct line_reader *r, const char *field, guint64 max, guint64 *out);
/* A text in double quotes; free it. */
char *line_quoted(struct line_reader *r);

#endif
