/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A litmus file as a whole: a line with architecture and name; comments, texts
 * in quotes and lines KEY=VALUE; the initial state in braces; the bodies; what
 * is asked of the final state.
 */
#include <stdio.h>
#include <string.h>
#include "sim/litmus/parse.h"

static void stop(struct parser *p)
{
	p->lex.at = p->lex.end;
	p->word = (struct lex_word){ .kind = LEX_END, .text = p->lex.end };
}

static void complain(struct parser *p, enum litmus_error code, const struct lex_word *at,
		     const char *fmt, va_list ap)
{
	char *text;

	if (!p->error) {
		text = g_strdup_vprintf(fmt, ap);
		g_set_error(&p->error, LITMUS_ERROR, code, "%s:%u:%u: %s", p->path, at->line,
			    at->column, text);
		g_free(text);
	}
	stop(p);
}

void parse_fail_at(struct parser *p, const struct lex_word *at, const char *fmt, ...)
{
	const struct lex_word where = *at;
	va_list ap;

	va_start(ap, fmt);
	complain(p, LITMUS_ERROR_SYNTAX, &where, fmt, ap);
	va_end(ap);
}

void parse_refuse(struct parser *p, const struct lex_word *at, const char *fmt, ...)
{
	const struct lex_word where = *at;
	va_list ap;

	va_start(ap, fmt);
	complain(p, LITMUS_ERROR_REFUSED, &where, fmt, ap);
	va_end(ap);
}

void parse_unexpected(struct parser *p, const char *expected)
{
	char *found = lex_describe(&p->word);

	parse_fail_at(p, &p->word, "found %s, expected %s", found, expected);
	g_free(found);
}

void parse_next(struct parser *p)
{
	if (p->error)
		return;
	lex_next(&p->lex, &p->word);
	if (p->word.kind == LEX_BAD)
		parse_unexpected(p, "a word of a litmus test");
}

bool parse_accept(struct parser *p, const char *text)
{
	if (!parse_at(p, text))
		return false;
	parse_next(p);
	return true;
}

void parse_expect(struct parser *p, const char *text, const char *what)
{
	char *expected;

	if (parse_accept(p, text))
		return;
	expected = g_strdup_printf("'%s' %s", text, what);
	parse_unexpected(p, expected);
	g_free(expected);
}

bool parse_enter(struct parser *p)
{
	if (p->depth++ < PARSE_DEPTH_MAX)
		return true;
	parse_refuse(p, &p->word, "nested more than %d deep", PARSE_DEPTH_MAX);
	return false;
}

void parse_leave(struct parser *p)
{
	p->depth--;
}

char *parse_name(struct parser *p, const char *what)
{
	char *name;

	if (p->word.kind != LEX_NAME) {
		parse_unexpected(p, what);
		return NULL;
	}
	name = g_strndup(p->word.text, p->word.len);
	parse_next(p);
	return name;
}

int64_t parse_number(struct parser *p, const char *what)
{
	bool negative = parse_accept(p, "-");
	uint64_t number = p->word.number;

	if (p->word.kind != LEX_NUMBER) {
		parse_unexpected(p, what);
		return 0;
	}
	parse_next(p);
	return (int64_t)(negative ? -number : number);
}

/* "C name", "X86 name": the first line that is not empty. */
static void parse_first_line(struct parser *p)
{
	struct lex_word line;
	size_t arch;

	while (p->lex.at < p->lex.end && g_ascii_isspace(*p->lex.at)) {
		if (*p->lex.at++ == '\n') {
			p->lex.line++;
			p->lex.line_start = p->lex.at;
		}
	}
	lex_line(&p->lex, &line);
	for (arch = 0; arch < line.len && !g_ascii_isspace(line.text[arch]); arch++)
		;
	p->prog->arch = g_utf8_make_valid(line.text, arch);
	while (arch < line.len && g_ascii_isspace(line.text[arch]))
		arch++;
	p->prog->name = g_utf8_make_valid(line.text + arch, line.len - arch);
	if (!line.len || !*p->prog->name)
		parse_fail_at(p, &line, "found %s, expected an architecture and a name, as in "
			      "'C SB+poonceonces'", line.len ? "no name" : "nothing");
}

static void keep_comment(struct parser *p, GString *all)
{
	struct lex_word here = { .line = p->lex.line,
				 .column = p->lex.at - p->lex.line_start + 1 };
	const char *why;
	char *text = lex_comment(&p->lex, &why), *valid;

	valid = g_utf8_make_valid(text, -1);
	g_string_append(all, valid);
	g_string_append_c(all, '\n');
	g_free(valid);
	g_free(text);
	if (why)
		parse_fail_at(p, &here, "found %s, expected its end", why);
}

static void keep_line(struct parser *p)
{
	struct lex_word line;

	lex_line(&p->lex, &line);
	if (!p->prog->hash && line.len > 5 && !strncmp(line.text, "Hash=", 5))
		p->prog->hash = g_utf8_make_valid(line.text + 5, line.len - 5);
}

/* Up to the initial state's brace. */
static void parse_header(struct parser *p)
{
	GString *all = g_string_new(NULL);
	struct lex_word word;

	while (p->lex.at < p->lex.end && *p->lex.at != '{') {
		if (*p->lex.at == '\n') {
			p->lex.at++;
			p->lex.line++;
			p->lex.line_start = p->lex.at;
		} else if (g_ascii_isspace(*p->lex.at)) {
			p->lex.at++;
		} else if ((*p->lex.at == '(' || *p->lex.at == '/') && p->lex.end - p->lex.at > 1 &&
			   (p->lex.at[1] == '*' || p->lex.at[1] == '/')) {
			keep_comment(p, all);
		} else if (*p->lex.at == '"') {
			lex_next(&p->lex, &word);
			if (word.kind == LEX_BAD)
				parse_fail_at(p, &word, "found %s, expected its end", word.why);
		} else {
			keep_line(p);
		}
	}
	p->prog->comment = g_string_free(all, FALSE);
	parse_next(p);
}

static void parse_bodies(struct parser *p)
{
	const char *arch = p->prog->arch;
	struct lex_word first = { .line = 1, .column = 1 };

	if (!strcmp(arch, "C"))
		parse_c_bodies(p);
	else if (!strcmp(arch, "X86") || !strcmp(arch, "X86_64"))
		parse_x86_bodies(p);
	else
		parse_refuse(p, &first, "a test for %.40s; C, X86 and X86_64 are understood", arch);
	if (!p->error && !p->prog->n_procs)
		parse_unexpected(p, "a process");
}

static void parse_file(struct parser *p)
{
	parse_first_line(p);
	if (p->error)
		return;
	parse_header(p);
	parse_initial_state(p);
	if (!p->error)
		parse_bodies(p);
	if (!p->error)
		parse_final(p);
}

struct litmus_program *litmus_parse(const char *path, const char *text, size_t len, GError **error)
{
	struct parser *p = g_new0(struct parser, 1);
	struct litmus_program *prog = g_new0(struct litmus_program, 1);

	p->path = path;
	p->prog = prog;
	prog->path = g_strdup(path);
	lex_init(&p->lex, text, len);
	parse_file(p);
	if (p->error) {
		g_propagate_error(error, p->error);
		litmus_program_free(prog);
		prog = NULL;
	} else {
		live_find(prog);
	}
	g_free(p);
	return prog;
}
