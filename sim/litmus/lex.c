/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of a litmus file. Comments are (* ... *), which nest, C's and C++'s; no
 * recursion, whatever the text.
 */
#include <errno.h>
#include <string.h>
#include "sim/litmus/lex.h"

#define SHOWN_MAX	40	/* bytes of a word in a message */

void lex_init(struct lex *lex, const char *text, size_t len)
{
	*lex = (struct lex){ .at = text, .end = text + len, .line = 1, .line_start = text };
}

static bool stands_at(const struct lex *lex, const char *mark)
{
	size_t n = strlen(mark);

	return (size_t)(lex->end - lex->at) >= n && !memcmp(lex->at, mark, n);
}

static void step(struct lex *lex)
{
	if (*lex->at++ != '\n')
		return;
	lex->line++;
	lex->line_start = lex->at;
}

static void place(const struct lex *lex, struct lex_word *word)
{
	*word = (struct lex_word){
		.kind = LEX_END, .text = lex->at, .line = lex->line,
		.column = lex->at - lex->line_start + 1,
	};
}

/* Behind the opening of a comment; false: it has no end. */
static bool skip_block(struct lex *lex, const char *open, const char *close)
{
	unsigned int depth = 1;

	while (lex->at < lex->end) {
		if (stands_at(lex, close)) {
			lex->at += strlen(close);
			if (!--depth)
				return true;
		} else if (open && stands_at(lex, open)) {
			lex->at += strlen(open);
			depth++;
		} else {
			step(lex);
		}
	}
	return false;
}

static void skip_line(struct lex *lex)
{
	while (lex->at < lex->end && *lex->at != '\n')
		lex->at++;
}

char *lex_comment(struct lex *lex, const char **why)
{
	const char *from = lex->at;
	bool closed = true;

	*why = NULL;
	if (stands_at(lex, "//")) {
		skip_line(lex);
		return g_strndup(from + 2, lex->at - from - 2);
	}
	if (!lex->c_body && stands_at(lex, "(*")) {
		lex->at += 2;
		closed = skip_block(lex, "(*", "*)");
	} else if (stands_at(lex, "/*")) {
		lex->at += 2;
		closed = skip_block(lex, NULL, "*/");
	} else {
		return NULL;
	}
	if (!closed)
		*why = "a comment that is never closed";
	return g_strndup(from + 2, lex->at - from - (closed ? 4 : 2));
}

/* Blanks and comments; false: word says what is wrong. */
static bool skip_blanks(struct lex *lex, struct lex_word *word)
{
	const char *why;

	while (lex->at < lex->end) {
		if (g_ascii_isspace(*lex->at)) {
			step(lex);
			continue;
		}
		place(lex, word);
		if (stands_at(lex, "//")) {
			skip_line(lex);
		} else if (stands_at(lex, "/*") || (!lex->c_body && stands_at(lex, "(*"))) {
			g_free(lex_comment(lex, &why));
			if (why) {
				word->kind = LEX_BAD;
				word->why = why;
				return false;
			}
		} else {
			return true;
		}
	}
	place(lex, word);
	return false;
}

static bool in_name(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

/* Decimal, hexadecimal or octal as in C; one that has no end in sight is bad. */
static void lex_number(struct lex *lex, struct lex_word *word)
{
	char digits[72], *end;

	while (lex->at < lex->end && in_name(*lex->at))
		lex->at++;
	word->len = lex->at - word->text;
	word->kind = LEX_BAD;
	if (word->len >= sizeof(digits)) {
		word->why = "a number that does not fit 64 bits";
		return;
	}
	memcpy(digits, word->text, word->len);
	digits[word->len] = 0;
	errno = 0;
	word->number = g_ascii_strtoull(digits, &end, 0);
	if (errno) {
		word->why = "a number that does not fit 64 bits";
		return;
	}
	end += strspn(end, "uUlL");
	word->why = "no number";
	if (!*end)
		word->kind = LEX_NUMBER;
}

static void lex_string(struct lex *lex, struct lex_word *word)
{
	do {
		step(lex);
	} while (lex->at < lex->end && *lex->at != '"');
	word->kind = lex->at < lex->end ? LEX_STRING : LEX_BAD;
	word->why = "a string that is never closed";
	if (lex->at < lex->end)
		lex->at++;
	word->len = lex->at - word->text;
}

static void lex_mark(struct lex *lex, struct lex_word *word)
{
	static const char *const marks[] = {
		"<<=", ">>=", "/\\", "\\/", "&&", "||", "==", "!=", "<=", ">=", "<<", ">>", "=>",
		"+=", "-=", "*=", "/=", "&=", "|=", "^=", "++", "--", "->",
	};
	unsigned int i;

	word->kind = LEX_MARK;
	word->len = 1;
	for (i = 0; i < G_N_ELEMENTS(marks); i++) {
		if (stands_at(lex, marks[i])) {
			word->len = strlen(marks[i]);
			break;
		}
	}
	if (i == G_N_ELEMENTS(marks) && !strchr("{}()[];,:=*&|^~!<>+-/%.$?@#\\'", *lex->at)) {
		word->kind = LEX_BAD;
		word->why = "a byte that no litmus test has";
	}
	lex->at += word->len;
}

void lex_next(struct lex *lex, struct lex_word *word)
{
	if (!skip_blanks(lex, word))
		return;
	if (!*lex->at) {
		word->kind = LEX_BAD;
		word->why = "a zero byte";
		word->len = 1;
		lex->at++;
	} else if (g_ascii_isdigit(*lex->at)) {
		lex_number(lex, word);
	} else if (in_name(*lex->at)) {
		word->kind = LEX_NAME;
		while (lex->at < lex->end && in_name(*lex->at))
			lex->at++;
		word->len = lex->at - word->text;
	} else if (*lex->at == '"') {
		lex_string(lex, word);
	} else {
		lex_mark(lex, word);
	}
}

void lex_line(struct lex *lex, struct lex_word *word)
{
	while (lex->at < lex->end && *lex->at != '\n' && g_ascii_isspace(*lex->at))
		lex->at++;
	place(lex, word);
	skip_line(lex);
	word->len = lex->at - word->text;
	while (word->len && g_ascii_isspace(word->text[word->len - 1]))
		word->len--;
	word->kind = word->len ? LEX_STRING : LEX_END;
}

bool lex_is(const struct lex_word *word, const char *text)
{
	return word->kind != LEX_STRING && strlen(text) == word->len &&
	       !memcmp(word->text, text, word->len);
}

char *lex_describe(const struct lex_word *word)
{
	char *shown, *escaped, *text;

	if (word->kind == LEX_END)
		return g_strdup("the end of the file");
	if (word->kind == LEX_BAD && word->why && !word->len)
		return g_strdup(word->why);
	shown = g_strndup(word->text, MIN(word->len, SHOWN_MAX));
	escaped = g_strescape(shown, NULL);
	text = g_strdup_printf("'%s%s'%s%s", escaped, word->len > SHOWN_MAX ? "..." : "",
			       word->kind == LEX_BAD ? ", " : "",
			       word->kind == LEX_BAD ? word->why : "");
	g_free(shown);
	g_free(escaped);
	return text;
}
