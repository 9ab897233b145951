/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A parsed litmus test: reading the file, what its comment expects, its end. */
#include <string.h>
#include "sim/litmus/program.h"

#define FILE_BYTES_MAX	(1024 * 1024)

G_DEFINE_QUARK(rmapsim-litmus-error, litmus_error)

struct litmus_program *litmus_read(const char *path, GError **error)
{
	struct litmus_program *program = NULL;
	GError *err = NULL;
	char *text;
	gsize len;

	if (!g_file_get_contents(path, &text, &len, &err)) {
		g_set_error(error, LITMUS_ERROR, LITMUS_ERROR_FILE, "%s", err->message);
		g_error_free(err);
		return NULL;
	}
	if (len > FILE_BYTES_MAX)
		g_set_error(error, LITMUS_ERROR, LITMUS_ERROR_REFUSED,
			    "%s: %" G_GSIZE_FORMAT " bytes; a litmus test has at most %d", path,
			    len, FILE_BYTES_MAX);
	else if (memchr(text, 0, len))
		g_set_error(error, LITMUS_ERROR, LITMUS_ERROR_REFUSED,
			    "%s: holds bytes of value 0; a litmus test is text", path);
	else
		program = litmus_parse(path, text, len, error);
	g_free(text);
	return program;
}

static void proc_clear(struct litmus_proc *proc)
{
	unsigned int i;

	g_free(proc->insn);
	g_free(proc->term);
	for (i = 0; i < proc->n_regs; i++)
		g_free(proc->reg[i].name);
}

void litmus_program_free(struct litmus_program *program)
{
	unsigned int i;

	if (!program)
		return;
	for (i = 0; i < LITMUS_PROCS_MAX; i++)
		proc_clear(&program->proc[i]);
	for (i = 0; i < program->n_locs; i++)
		g_free(program->loc[i].name);
	g_free(program->condition.term);
	g_free(program->filter.term);
	g_free(program->condition_text);
	g_free(program->item);
	g_free(program->path);
	g_free(program->arch);
	g_free(program->name);
	g_free(program->comment);
	g_free(program->hash);
	g_free(program);
}

static const char *observation_named(const char *at)
{
	static const char *const names[] = { "Never", "Sometimes", "Always", "DEADLOCK" };
	unsigned int i;

	for (i = 0; i < G_N_ELEMENTS(names); i++) {
		if (g_str_has_prefix(at, names[i]) && !g_ascii_isalnum(at[strlen(names[i])]))
			return names[i];
	}
	return NULL;
}

/* "model=" as a word of the line at from. */
static const char *expected_in_line(const char *from, const char *model)
{
	size_t line = strcspn(from, "\n"), n = strlen(model);
	const char *at = from;

	while ((at = g_strstr_len(at, from + line - at, model))) {
		if (at > from && g_ascii_isspace(at[-1]) && at[n] == '=')
			return observation_named(at + n + 1);
		at++;
	}
	return NULL;
}

const char *litmus_expected(const struct litmus_program *program, const char *model)
{
	static const char ours[] = "rmapsim:", kernels[] = "Result:";
	const char *at, *found = NULL;

	for (at = program->comment; !found && (at = strstr(at, ours)); )
		found = expected_in_line(at += strlen(ours), model);
	if (found || strcmp(model, "lkmm"))
		return found;
	at = strstr(program->comment, kernels);
	if (!at)
		return NULL;
	at += strlen(kernels);
	return observation_named(at + strspn(at, " \t"));
}
