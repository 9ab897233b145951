/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A value of a plan's text; see plan_text.h. */
#include <glib.h>
#include <string.h>
#include "output/plot/plan_text.h"

static const char *next_line(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : NULL;
}

static gboolean is_group(const char *line, const char *name, gsize n)
{
	return line[0] == '[' && !strncmp(line + 1, name, n) && line[1 + n] == ']';
}

/* "KEY = VALUE" */
static char *value_in(const char *line, const char *key)
{
	gsize n = strlen(key);
	const char *c = line + n;

	if (strncmp(line, key, n))
		return NULL;
	c += strspn(c, " ");
	if (*c++ != '=')
		return NULL;
	return g_strstrip(g_strndup(c, strcspn(c, "\n")));
}

char *plan_text_value(const char *text, const char *key)
{
	const char *dot = strrchr(key, '.'), *line;
	gboolean inside = FALSE;
	char *value = NULL;

	if (!text || !dot)
		return NULL;
	for (line = text; line && *line && !value; line = next_line(line)) {
		if (*line == '[')
			inside = is_group(line, key, dot - key);
		else if (inside)
			value = value_in(line, dot + 1);
	}
	return value;
}
