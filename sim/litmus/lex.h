/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of a litmus file, one after the other, each with its place. Lines and
 * columns count from 1, columns in bytes. The text is the caller's and may hold
 * any bytes.
 */
#ifndef SIM_LITMUS_LEX_H
#define SIM_LITMUS_LEX_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum lex_kind {
	LEX_END,	/* of the text */
	LEX_NAME,
	LEX_NUMBER,
	LEX_MARK,	/* operators and punctuation, one to three bytes */
	LEX_STRING,	/* "...", with its quotes */
	LEX_BAD,	/* nothing of these; why says what is wrong */
};

struct lex_word {
	enum lex_kind kind;
	const char *text;
	size_t len;
	unsigned int line, column;
	int64_t number;		/* of a LEX_NUMBER; its lowest 64 bits */
	const char *why;	/* of a LEX_BAD */
};

struct lex {
	const char *at, *end;
	unsigned int line;
	const char *line_start;
	/* In a body of C, (* opens no comment: READ_ONCE(*x). */
	bool c_body;
};

void lex_init(struct lex *lex, const char *text, size_t len);
void lex_next(struct lex *lex, struct lex_word *word);
/*
 * The rest of the line, without the blanks around it; comments are not looked
 * for. The lexer then stands at the line's end.
 */
void lex_line(struct lex *lex, struct lex_word *word);
/* A comment, if one begins here: its text; or NULL. why: it has no end. */
char *lex_comment(struct lex *lex, const char **why);

bool lex_is(const struct lex_word *word, const char *text);
/* "'foo'", "the end of the file", as messages say it; to be freed. */
char *lex_describe(const struct lex_word *word);

#endif
