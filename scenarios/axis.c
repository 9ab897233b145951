/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of [sweep]: the values that a key takes.
 *
 *	GROUP.KEY = VALUE[, VALUE ...]
 *	task NAME.KEY = ...
 *
 * A value is a word, a number, a text in double quotes (for what has a comma in
 * it), or a range: A..B, or A..B step N.
 */
#include <string.h>
#include "reading.h"

#define VALUES_MAX	100000		/* of one line, ranges expanded */
#define NUMBER_MAX	1000000000000000

/* "task.NAME.key" and "task  NAME.key" are "task NAME.key"; free it. */
static char *canonical_key(const char *key)
{
	char *rest, *canonical;

	if (!g_str_has_prefix(key, "task ") && !g_str_has_prefix(key, "task."))
		return g_strdup(key);
	rest = g_strchug(g_strdup(key + strlen("task ")));
	canonical = g_strconcat("task ", rest, NULL);
	g_free(rest);
	return canonical;
}

static gboolean key_known(const struct reading *r, const char *group, const char *key)
{
	const char *kind = keys_group(group);

	if (!kind || !strcmp(kind, "expect") || !strcmp(kind, "sweep"))
		return FALSE;
	if (!strcmp(kind, "algorithm") && some_algorithm_has(r->voc, key))
		return TRUE;
	if (!strcmp(kind, "check") && keys_word(r->voc->checks, key) >= 0)
		return TRUE;
	if (!strcmp(kind, "task") && !keyfile_group(r->kf, group))
		return FALSE;
	return keys_find(kind, key) != NULL;
}

static gboolean check_key(const struct reading *r, const struct keyfile_entry *entry,
			  const char *key, GError **error)
{
	const char *dot = strrchr(key, '.');
	char *group = dot ? g_strndup(key, dot - key) : g_strdup("");
	gboolean ok = dot && key_known(r, group, dot + 1);
	guint i;

	if (!ok)
		keyfile_error_entry(error, SCENARIO_ERROR_KEY, r->kf, entry,
				    "there is no such key to be swept; valid: GROUP.KEY or "
				    "task NAME.KEY of a task that is there");
	for (i = 0; ok && i < r->plan->n_axes; i++) {
		if (strcmp(r->plan->axes[i].key, key))
			continue;
		keyfile_error_entry(error, SCENARIO_ERROR_KEY, r->kf, entry,
				    "is a duplicate of the key in line %u; valid: each key once",
				    r->plan->axes[i].line);
		ok = FALSE;
	}
	g_free(group);
	return ok;
}

/* Cut off what stands before the next comma outside of quotes; *at moves behind it. */
static char *next_item(const char **at)
{
	const char *p = *at;
	gboolean quoted = FALSE;
	char *item;

	for (; *p && (quoted || *p != ','); p++)
		quoted ^= *p == '"';
	item = g_strstrip(g_strndup(*at, p - *at));
	*at = *p ? p + 1 : NULL;
	return item;
}

/* Does it begin as a range of numbers does? */
static gboolean ranges(const char *item)
{
	const char *p = item + (*item == '-');
	gsize digits = strspn(p, "0123456789"), blanks = strspn(p + digits, " \t");

	return digits && g_str_has_prefix(p + digits + blanks, "..");
}

static gboolean parse_range(char *item, gint64 *from, gint64 *to, gint64 *step)
{
	char *dots = strstr(item, ".."), *word = strstr(item, "step");

	*step = 1;
	*dots = '\0';
	if (word) {
		*word = '\0';
		if (!keys_number(g_strstrip(word + strlen("step")), 1, NUMBER_MAX, step))
			return FALSE;
	}
	return keys_number(g_strchomp(item), -NUMBER_MAX, NUMBER_MAX, from) &&
	       keys_number(g_strstrip(dots + 2), *from, NUMBER_MAX, to);
}

/* NULL, or what is wrong. */
static const char *add_range(GPtrArray *values, const char *item)
{
	char *copy = g_strdup(item);
	gint64 from, to, step, n;
	gboolean ok = parse_range(copy, &from, &to, &step);

	g_free(copy);
	if (!ok)
		return "is no range; valid: A..B or A..B step N, with A not above B and N from 1";
	if ((to - from) / step >= VALUES_MAX - (gint64)values->len)
		return "makes too many values; valid: at most 100000 in a line";
	for (n = from; n <= to; n += step)
		g_ptr_array_add(values, g_strdup_printf("%" G_GINT64_FORMAT, n));
	return NULL;
}

static const char *add_word(GPtrArray *values, const char *item)
{
	gsize len = strlen(item);

	if (*item == '"') {
		if (len < 3 || item[len - 1] != '"' || strcspn(item + 1, "\"") != len - 2)
			return "is no quoted value; valid: \"VALUE\"";
		g_ptr_array_add(values, g_strndup(item + 1, len - 2));
		return NULL;
	}
	if (!len)
		return "is an empty value; valid: VALUE, VALUE ...";
	if (strchr(item, '"'))
		return "has a quote in it; valid: quotes around the whole value";
	g_ptr_array_add(values, g_strdup(item));
	return NULL;
}

static const char *twice(GPtrArray *values, const char **value)
{
	GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
	const char *why = NULL;
	guint i;

	for (i = 0; i < values->len && !why; i++) {
		*value = values->pdata[i];
		if (!g_hash_table_add(seen, values->pdata[i]))
			why = "stands there twice; valid: each value once";
	}
	g_hash_table_unref(seen);
	return why;
}

static gboolean read_values(const struct reading *r, const struct keyfile_entry *entry,
			    GPtrArray *values, GError **error)
{
	const char *at = entry->value, *why = NULL, *value;
	char *item = NULL, *quoted;

	while (at && !why) {
		g_free(item);
		item = next_item(&at);
		why = ranges(item) ? add_range(values, item) : add_word(values, item);
	}
	value = item;
	if (!why)
		why = twice(values, &value);
	if (why) {
		quoted = keyfile_quote(value, -1);
		keyfile_error_entry(error, SCENARIO_ERROR_VALUE, r->kf, entry, "\"%s\" %s", quoted,
				    why);
		g_free(quoted);
	}
	g_free(item);
	return !why;
}

static gboolean read_axis(struct reading *r, const struct keyfile_entry *entry, GError **error)
{
	struct plan_axis *axis = &r->plan->axes[r->plan->n_axes];
	GPtrArray *values = g_ptr_array_new_with_free_func(g_free);
	char *key = canonical_key(entry->key);

	if (!check_key(r, entry, key, error) || !read_values(r, entry, values, error)) {
		g_ptr_array_unref(values);
		g_free(key);
		return FALSE;
	}
	r->plan->n_axes++;
	axis->key = key;
	axis->written = g_strdup(entry->key);
	axis->text = g_strdup(entry->value);
	axis->line = entry->line;
	axis->n_values = values->len;
	g_ptr_array_add(values, NULL);
	axis->values = (char **)g_ptr_array_free(values, FALSE);
	return TRUE;
}

gboolean axes_read(struct reading *r, GError **error)
{
	const struct keyfile_group *group = keyfile_group(r->kf, "sweep");
	guint i;

	if (!group)
		return TRUE;
	r->plan->axes = g_new0(struct plan_axis, group->entries->len);
	for (i = 0; i < group->entries->len; i++) {
		if (!read_axis(r, group->entries->pdata[i], error))
			return FALSE;
	}
	return TRUE;
}
