/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of [expect]: reading and printing. */
#include <string.h>
#include "expect.h"
#include "keys.h"

#define EXPECT_COUNT_MAX 1000000000000

static const char *const commands[] = { "run", "verify", NULL };
static const char *const models[] = { "sc", "tso", "pso", "weak", NULL };

static gboolean read_key(const char *key, struct plan_expect *expect, char **why)
{
	char **part = g_strsplit(key, ".", 2);
	gboolean ok = g_strv_length(part) == 2 && keys_word(commands, part[0]) >= 0 &&
		      keys_word(models, part[1]) >= 0;

	if (ok) {
		expect->command = g_strdup(part[0]);
		expect->model = g_strdup(part[1]);
	} else {
		*why = g_strdup("unknown key; valid: COMMAND.MODEL with run, verify and sc, tso, "
				"pso, weak");
	}
	g_strfreev(part);
	return ok;
}

static gboolean is_check(const struct scenario_vocabulary *voc, const char *name)
{
	return keys_word(voc->checks, name) >= 0 || keys_word(voc->checks_always, name) >= 0;
}

static char *valid_verdicts(const struct scenario_vocabulary *voc)
{
	GString *s = g_string_new("clean, incomplete, or checks:");
	const char *const *name;

	for (name = voc->checks; name && *name; name++)
		g_string_append_printf(s, " %s", *name);
	for (name = voc->checks_always; name && *name; name++) {
		if (keys_word(voc->checks, *name) < 0)
			g_string_append_printf(s, " %s", *name);
	}
	return g_string_free(s, FALSE);
}

static gboolean bad_verdict(const struct scenario_vocabulary *voc, const char *word,
			    const char *problem, char **why)
{
	char *quoted = keyfile_quote(word, -1), *valid = valid_verdicts(voc);

	*why = g_strdup_printf("\"%s\" %s; valid: %s", quoted, problem, valid);
	g_free(quoted);
	g_free(valid);
	return FALSE;
}

static gboolean read_verdicts(const char *text, const struct scenario_vocabulary *voc,
			      struct plan_expect *expect, char **why)
{
	guint i, n;

	expect->verdicts = g_strsplit(text, ",", 64);
	n = g_strv_length(expect->verdicts);
	if (!n)
		return bad_verdict(voc, text, "is no verdict", why);
	for (i = 0; i < n; i++) {
		char *word = g_strstrip(expect->verdicts[i]);
		gboolean alone = !strcmp(word, "clean") || !strcmp(word, "incomplete");

		if (!alone && !is_check(voc, word))
			return bad_verdict(voc, word, "is no verdict", why);
		if (alone && n > 1)
			return bad_verdict(voc, word, "cannot stand beside others", why);
		if (keys_word((const char *const *)expect->verdicts, word) != (int)i)
			return bad_verdict(voc, word, "stands there twice", why);
	}
	return TRUE;
}

/* "seeds = N" or "states = N", each once. */
static gboolean read_bound(char *text, struct plan_expect *expect, char **why)
{
	char *copy = keyfile_quote(g_strstrip(text), -1);
	char *equals = strchr(text, '=');
	guint64 *field = NULL;
	gint64 n;

	if (equals) {
		*equals = '\0';
		if (!strcmp(g_strchomp(text), "seeds"))
			field = &expect->seeds;
		else if (!strcmp(text, "states"))
			field = &expect->states;
	}
	if (!field || *field || !keys_number(g_strstrip(equals + 1), 1, EXPECT_COUNT_MAX, &n)) {
		*why = g_strdup_printf("\"%s\" is no bound; valid: seeds = N and states = N, each "
				       "once, with N from 1", copy);
		g_free(copy);
		return FALSE;
	}
	*field = n;
	g_free(copy);
	return TRUE;
}

gboolean expect_read(const char *key, const char *value, const struct scenario_vocabulary *voc,
		     struct plan_expect *expect, char **why)
{
	char **part;
	gboolean ok;
	guint i;

	if (!read_key(key, expect, why))
		return FALSE;
	part = g_strsplit(value, ";", 8);
	ok = read_verdicts(part[0] ? part[0] : "", voc, expect, why);
	for (i = 1; ok && part[i]; i++)
		ok = read_bound(part[i], expect, why);
	g_strfreev(part);
	return ok;
}

void expect_print(GString *out, const struct plan_expect *expect)
{
	char *verdicts = g_strjoinv(", ", expect->verdicts);

	g_string_append_printf(out, "%s.%s = %s", expect->command, expect->model, verdicts);
	if (expect->seeds)
		g_string_append_printf(out, "; seeds = %" G_GUINT64_FORMAT, expect->seeds);
	if (expect->states)
		g_string_append_printf(out, "; states = %" G_GUINT64_FORMAT, expect->states);
	g_string_append_c(out, '\n');
	g_free(verdicts);
}

void expect_clear(struct plan_expect *expect)
{
	g_free(expect->command);
	g_free(expect->model);
	g_strfreev(expect->verdicts);
	*expect = (struct plan_expect){ .line = 0 };
}
