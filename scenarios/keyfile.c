/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a scenario: scanning it, overriding it, pointing into it. */
#include <string.h>
#include "scenario.h"
#include "keyfile.h"

#define QUOTE_MAX 60

static void entry_free(gpointer p)
{
	struct keyfile_entry *entry = p;

	g_free(entry->key);
	g_free(entry->value);
	g_free(entry);
}

static void group_free(gpointer p)
{
	struct keyfile_group *group = p;

	g_ptr_array_unref(group->entries);
	g_free(group->name);
	g_free(group);
}

void keyfile_free(struct keyfile *kf)
{
	if (!kf)
		return;
	g_ptr_array_unref(kf->groups);
	g_free(kf->path);
	g_free(kf);
}

char *keyfile_quote(const char *text, gssize len)
{
	GString *s = g_string_new(NULL);
	gsize n = len < 0 ? strlen(text) : (gsize)len, i;

	for (i = 0; i < n && s->len < QUOTE_MAX; i++) {
		guchar c = text[i];

		if (c < 0x20 || c == 0x7f)
			g_string_append_printf(s, "\\x%02x", c);
		else
			g_string_append_c(s, c);
	}
	if (i < n) {
		/* Not in the middle of a character. */
		while (s->len && ((guchar)text[i] & 0xc0) == 0x80) {
			g_string_truncate(s, s->len - 1);
			i--;
		}
		g_string_append(s, "...");
	}
	return g_string_free(s, FALSE);
}

static void error_at_line(GError **error, const struct keyfile *kf, guint line,
			  const char *fmt, ...) G_GNUC_PRINTF(4, 5);

static void error_at_line(GError **error, const struct keyfile *kf, guint line,
			  const char *fmt, ...)
{
	char *what;
	va_list ap;

	va_start(ap, fmt);
	what = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX, "%s:%u: %s", kf->path, line,
		    what);
	g_free(what);
}

void keyfile_error_entry(GError **error, gint code, const struct keyfile *kf,
			 const struct keyfile_entry *entry, const char *fmt, ...)
{
	char *what, *value = keyfile_quote(entry->value, -1);
	va_list ap;

	va_start(ap, fmt);
	what = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	if (entry->set)
		g_set_error(error, SCENARIO_ERROR, code, "%s: --set %s.%s=%s: %s", kf->path,
			    entry->group->name, entry->key, value, what);
	else
		g_set_error(error, SCENARIO_ERROR, code, "%s:%u: [%s] %s = %s: %s", kf->path,
			    entry->line, entry->group->name, entry->key, value, what);
	g_free(value);
	g_free(what);
}

static const char *keyfile_key(const struct keyfile_group *group, guint i)
{
	return ((const struct keyfile_entry *)group->entries->pdata[i])->key;
}

void keyfile_error_group(GError **error, gint code, const struct keyfile *kf,
			 const struct keyfile_group *group, const char *fmt, ...)
{
	char *what;
	va_list ap;

	va_start(ap, fmt);
	what = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	if (group && group->line)
		g_set_error(error, SCENARIO_ERROR, code, "%s:%u: [%s] %s", kf->path, group->line,
			    group->name, what);
	else if (group && group->entries->len)
		g_set_error(error, SCENARIO_ERROR, code, "%s: --set %s.%s: [%s] %s", kf->path,
			    group->name, keyfile_key(group, 0), group->name, what);
	else
		g_set_error(error, SCENARIO_ERROR, code, "%s: %s", kf->path, what);
	g_free(what);
}

struct keyfile_group *keyfile_group(const struct keyfile *kf, const char *name)
{
	guint i;

	for (i = 0; i < kf->groups->len; i++) {
		struct keyfile_group *group = kf->groups->pdata[i];

		if (!strcmp(group->name, name))
			return group;
	}
	return NULL;
}

struct keyfile_entry *keyfile_entry(const struct keyfile_group *group, const char *key)
{
	guint i;

	for (i = 0; group && i < group->entries->len; i++) {
		struct keyfile_entry *entry = group->entries->pdata[i];

		if (!strcmp(entry->key, key))
			return entry;
	}
	return NULL;
}

static struct keyfile_group *group_add(struct keyfile *kf, char *name, guint line)
{
	struct keyfile_group *group = g_new0(struct keyfile_group, 1);

	group->name = name;
	group->line = line;
	group->entries = g_ptr_array_new_with_free_func(entry_free);
	g_ptr_array_add(kf->groups, group);
	return group;
}

static struct keyfile_entry *entry_add(struct keyfile_group *group, const char *key,
				       const char *value, guint line)
{
	struct keyfile_entry *entry = g_new0(struct keyfile_entry, 1);

	entry->group = group;
	entry->key = g_strdup(key);
	entry->value = g_strdup(value);
	entry->line = line;
	g_ptr_array_add(group->entries, entry);
	return entry;
}

/* "task  a" and "task a" are one name. */
static char *group_name(const char *inner)
{
	char *copy = g_strstrip(g_strdup(inner)), *name;

	if (!g_str_has_prefix(copy, "task ") && !g_str_has_prefix(copy, "task\t"))
		return copy;
	name = g_strconcat("task ", g_strchug(copy + strlen("task ")), NULL);
	g_free(copy);
	return name;
}

/* line is stripped and begins with '['. */
static struct keyfile_group *scan_group(struct keyfile *kf, char *line, guint number,
					GError **error)
{
	gsize len = strlen(line);
	const struct keyfile_group *old;
	char *name;

	if (len < 3 || len > KEYFILE_NAME_MAX + 2 || line[len - 1] != ']' ||
	    strcspn(line + 1, "[]") != len - 2) {
		char *quoted = keyfile_quote(line, len);

		error_at_line(error, kf, number, "\"%s\" is no group; valid: [NAME], with a name "
			      "of at most %d bytes", quoted, KEYFILE_NAME_MAX);
		g_free(quoted);
		return NULL;
	}
	line[len - 1] = '\0';
	name = group_name(line + 1);
	old = keyfile_group(kf, name);
	if (old)
		error_at_line(error, kf, number, "[%s] is a duplicate of the group in line %u; "
			      "valid: each group once", name, old->line);
	else if (kf->groups->len >= KEYFILE_GROUPS_MAX)
		error_at_line(error, kf, number, "[%s] is one group too many; valid: at most %d",
			      name, KEYFILE_GROUPS_MAX);
	else
		return group_add(kf, name, number);
	g_free(name);
	return NULL;
}

static gboolean scan_entry(struct keyfile *kf, struct keyfile_group *group, char *line,
			   guint number, GError **error)
{
	char *equals = strchr(line, '='), *quoted = NULL;
	const struct keyfile_entry *old;

	if (!equals || equals == line || equals - line > KEYFILE_NAME_MAX) {
		quoted = keyfile_quote(line, -1);
		error_at_line(error, kf, number, "\"%s\" is neither a group nor a key; valid: "
			      "[GROUP], KEY = VALUE, # COMMENT", quoted);
		goto fail;
	}
	*equals = '\0';
	g_strchomp(line);
	quoted = keyfile_quote(line, -1);
	if (!group) {
		error_at_line(error, kf, number, "key %s stands before the first group; valid: "
			      "a line [GROUP] above it", quoted);
		goto fail;
	}
	old = keyfile_entry(group, line);
	if (old) {
		error_at_line(error, kf, number, "[%s] %s is a duplicate of the key in line %u; "
			      "valid: each key once", group->name, quoted, old->line);
		goto fail;
	}
	if (group->entries->len >= KEYFILE_KEYS_MAX) {
		error_at_line(error, kf, number, "[%s] %s is one key too many; valid: at most %d "
			      "in a group", group->name, quoted, KEYFILE_KEYS_MAX);
		goto fail;
	}
	entry_add(group, line, g_strchug(equals + 1), number);
	g_free(quoted);
	return TRUE;

fail:
	g_free(quoted);
	return FALSE;
}

/* What no line may hold; line is len bytes long. */
static gboolean check_line(const struct keyfile *kf, const char *line, gsize len, guint number,
			   GError **error)
{
	gsize i;

	if (len > KEYFILE_LINE_MAX) {
		error_at_line(error, kf, number, "the line has %" G_GSIZE_FORMAT " bytes; valid: "
			      "at most %d", len, KEYFILE_LINE_MAX);
		return FALSE;
	}
	for (i = 0; i < len; i++) {
		guchar c = line[i];

		if ((c >= 0x20 && c != 0x7f) || c == '\t' || (c == '\r' && i == len - 1))
			continue;
		error_at_line(error, kf, number, "column %" G_GSIZE_FORMAT " is the control "
			      "character 0x%02x; valid: text and tabs", i + 1, c);
		return FALSE;
	}
	if (g_utf8_validate(line, len, NULL))
		return TRUE;
	error_at_line(error, kf, number, "the line is not UTF-8; valid: text in UTF-8");
	return FALSE;
}

static gboolean scan_line(struct keyfile *kf, struct keyfile_group **group, const char *line,
			  gsize len, guint number, GError **error)
{
	gboolean ok = TRUE;
	char *copy;

	if (!check_line(kf, line, len, number, error))
		return FALSE;
	copy = g_strstrip(g_strndup(line, len));
	if (copy[0] == '[')
		ok = (*group = scan_group(kf, copy, number, error)) != NULL;
	else if (copy[0] && copy[0] != '#')
		ok = scan_entry(kf, *group, copy, number, error);
	g_free(copy);
	return ok;
}

struct keyfile *keyfile_scan(const char *text, gsize len, const char *path, GError **error)
{
	struct keyfile *kf = g_new0(struct keyfile, 1);
	struct keyfile_group *group = NULL;
	const char *p, *end, *newline;
	guint number = 1;

	kf->path = g_strdup(path);
	kf->groups = g_ptr_array_new_with_free_func(group_free);
	if (len > KEYFILE_BYTES_MAX) {
		g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX, "%s: the file has more "
			    "than %d bytes; valid: at most as many", path, KEYFILE_BYTES_MAX);
		goto fail;
	}
	for (p = text, end = text + len; p < end; p = newline + 1, number++) {
		newline = memchr(p, '\n', end - p);
		if (!newline)
			newline = end;
		if (!scan_line(kf, &group, p, newline - p, number, error))
			goto fail;
	}
	return kf;

fail:
	keyfile_free(kf);
	return NULL;
}

/* Split "task NAME.key", "task.NAME.key" or "group.key" in place. */
static gboolean split_set(char *name, char **group, char **key)
{
	gboolean task = g_str_has_prefix(name, "task ") || g_str_has_prefix(name, "task.");
	char *from = task ? name + strlen("task ") : name;
	/* Names of tasks have no dot, keys of [expect] have one. */
	char *dot = task ? strrchr(from, '.') : strchr(from, '.');

	if (!dot || dot == from || !dot[1])
		return FALSE;
	*dot = '\0';
	*group = task ? g_strconcat("task ", g_strchug(from), NULL) : g_strdup(name);
	*key = dot + 1;
	return TRUE;
}

static void apply_set(struct keyfile *kf, char *group_given, const char *key, const char *value)
{
	struct keyfile_group *group = keyfile_group(kf, group_given);
	struct keyfile_entry *old = keyfile_entry(group, key);

	if (old)
		g_ptr_array_remove(group->entries, old);
	if (!*value)
		return;
	if (!group)
		group = group_add(kf, g_strdup(group_given), 0);
	entry_add(group, key, value, 0)->set = TRUE;
}

/* Nothing that a line of a file may not hold either. */
static gboolean set_is_text(const char *set)
{
	const char *p;

	for (p = set; *p; p++) {
		if (((guchar)*p < 0x20 && *p != '\t') || *p == 0x7f)
			return FALSE;
	}
	return p - set <= KEYFILE_LINE_MAX && g_utf8_validate(set, -1, NULL);
}

static gboolean try_set(struct keyfile *kf, const char *set)
{
	char *copy = g_strdup(set), *equals = strchr(copy, '='), *group = NULL, *key;
	gboolean ok = FALSE;

	if (!equals || equals - copy > KEYFILE_NAME_MAX)
		goto out;
	*equals = '\0';
	if (!split_set(g_strstrip(copy), &group, &key))
		goto out;
	apply_set(kf, group, key, g_strstrip(equals + 1));
	ok = TRUE;
out:
	g_free(group);
	g_free(copy);
	return ok;
}

gboolean keyfile_set(struct keyfile *kf, const char *set, GError **error)
{
	char *valid, *quoted;

	if (set_is_text(set) && try_set(kf, set))
		return TRUE;
	valid = g_utf8_make_valid(set, -1);
	quoted = keyfile_quote(valid, -1);
	g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_SYNTAX, "%s: --set %s: valid: "
		    "GROUP.KEY=VALUE, task NAME.KEY=VALUE or task.NAME.KEY=VALUE", kf->path,
		    quoted);
	g_free(quoted);
	g_free(valid);
	return FALSE;
}
