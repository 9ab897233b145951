/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a line of text word by word; see line_reader.h. */
#include <stdarg.h>
#include <string.h>
#include "output/line_reader.h"
#include "output/schedule.h"

gboolean line_refuse(struct line_reader *r, const char *fmt, ...)
{
	char *reason;
	va_list ap;

	va_start(ap, fmt);
	reason = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	g_set_error(r->error, SCHEDULE_ERROR, SCHEDULE_ERROR_FORMAT, "%s:%u: %s", r->path, r->line,
		    reason);
	g_free(reason);
	return FALSE;
}

static void skip_blanks(struct line_reader *r)
{
	while (*r->at == ' ' || *r->at == '\t')
		r->at++;
	if (*r->at == '#')
		r->at += strlen(r->at);
}

char *line_word(struct line_reader *r)
{
	char *word;

	skip_blanks(r);
	if (!*r->at)
		return NULL;
	word = r->at;
	r->at += strcspn(r->at, " \t");
	if (*r->at)
		*r->at++ = 0;
	return word;
}

gboolean line_ends(struct line_reader *r)
{
	skip_blanks(r);
	if (!*r->at)
		return TRUE;
	return line_refuse(r, "'%.40s' is too much at the end of the line", r->at);
}

gboolean line_number(struct line_reader *r, const char *what, const char *word, guint64 max,
		     guint64 *out)
{
	gboolean hex = word && g_str_has_prefix(word, "0x");
	GError *err = NULL;

	if (!word)
		return line_refuse(r, "%s is missing", what);
	if (g_ascii_string_to_unsigned(hex ? word + 2 : word, hex ? 16 : 10, 0, max, out, &err))
		return TRUE;
	if (g_error_matches(err, G_NUMBER_PARSER_ERROR, G_NUMBER_PARSER_ERROR_OUT_OF_BOUNDS))
		line_refuse(r, "%s '%.40s' is larger than %" G_GUINT64_FORMAT, what, word, max);
	else
		line_refuse(r, "%s '%.40s' is no number", what, word);
	g_error_free(err);
	return FALSE;
}

/* "word number" */
gboolean line_field(struct line_reader *r, const char *field, guint64 max, guint64 *out)
{
	const char *word = line_word(r);

	if (!word || strcmp(word, field))
		return line_refuse(r, "'%s' is expected here, not '%.40s'", field,
				   word ? word : "the end of the line");
	return line_number(r, field, line_word(r), max, out);
}

static gboolean unescape(struct line_reader *r, GString *out)
{
	char hex[3] = { 0 };

	switch (*++r->at) {
	case '"':
	case '\\':
		g_string_append_c(out, *r->at++);
		return TRUE;
	case 'n':
		r->at++;
		g_string_append_c(out, '\n');
		return TRUE;
	case 'x':
		if (!g_ascii_isxdigit(r->at[1]) || !g_ascii_isxdigit(r->at[2]))
			break;
		memcpy(hex, r->at + 1, 2);
		if (!strcmp(hex, "00"))
			break;
		g_string_append_c(out, g_ascii_strtoull(hex, NULL, 16));
		r->at += 3;
		return TRUE;
	}
	return line_refuse(r, "'\\%.1s' is no escape; valid are \\\" \\\\ \\n \\x01 to \\xff",
			   r->at);
}

char *line_quoted(struct line_reader *r)
{
	GString *out;

	skip_blanks(r);
	if (*r->at != '"') {
		line_refuse(r, "a text in double quotes is expected here");
		return NULL;
	}
	out = g_string_new(NULL);
	r->at++;
	while (*r->at && *r->at != '"') {
		if (*r->at != '\\')
			g_string_append_c(out, *r->at++);
		else if (!unescape(r, out))
			goto fail;
	}
	if (*r->at == '"') {
		r->at++;
		return g_string_free(out, FALSE);
	}
	line_refuse(r, "the text has no closing double quote");
fail:
	g_string_free(out, TRUE);
	return NULL;
}
