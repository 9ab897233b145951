/* SPDX-License-Identifier: GPL-2.0-or-later */
/* [algorithm]: its name and the parameters of its own. */
#include <string.h>
#include "reading.h"

static char *valid_algorithms(const struct scenario_vocabulary *voc)
{
	GString *s = g_string_new(NULL);
	const struct rmap_algorithm *const *a;

	for (a = voc->algorithms; *a; a++)
		g_string_append_printf(s, "%s%s", s->len ? ", " : "", (*a)->name);
	return g_string_free(s, FALSE);
}

static const struct rmap_param *find_param(const struct rmap_algorithm *algorithm,
					   const char *name)
{
	const struct rmap_param *param;

	for (param = algorithm->params; param && param->name; param++) {
		if (!strcmp(param->name, name))
			return param;
	}
	return NULL;
}

gboolean algorithm_has(const struct rmap_algorithm *algorithm, const char *name)
{
	return find_param(algorithm, name) != NULL;
}

gboolean some_algorithm_has(const struct scenario_vocabulary *voc, const char *name)
{
	const struct rmap_algorithm *const *a;

	for (a = voc->algorithms; *a; a++) {
		if (find_param(*a, name))
			return TRUE;
	}
	return FALSE;
}

static char *valid_params(const struct rmap_algorithm *algorithm)
{
	GString *s = g_string_new("name");
	const struct rmap_param *param;

	for (param = algorithm->params; param && param->name; param++)
		g_string_append_printf(s, ", %s", param->name);
	return g_string_free(s, FALSE);
}

static char *valid_values(const struct rmap_param *param)
{
	if (param->words)
		return g_strjoinv(", ", (char **)param->words);
	return g_strdup_printf("a number in %ld..%ld%s%s", param->min, param->max,
			       param->max_word ? ", " : "", param->max_word ? param->max_word : "");
}

static gboolean parse_param(const struct rmap_param *param, const char *text, long *value)
{
	gint64 n;

	if (param->words)
		n = keys_word(param->words, text);
	else if (param->max_word && !strcmp(text, param->max_word))
		n = param->max;
	else if (!keys_number(text, param->min, param->max, &n))
		return FALSE;
	if (param->words && n < 0)
		return FALSE;
	*value = n;
	return TRUE;
}

static gboolean read_param(struct reading *r, const struct keyfile_entry *entry, gboolean replaced,
			   GError **error)
{
	const struct rmap_param *param = find_param(r->algorithm, entry->key);
	gboolean ok;
	char *valid;

	if (param) {
		long *value = &r->plan->param[param - r->algorithm->params];

		valid = valid_values(param);
		ok = parse_param(param, entry->value, value);
		if (!ok)
			keyfile_error_entry(error, SCENARIO_ERROR_VALUE, r->kf, entry, "valid: %s",
					    valid);
	} else {
		/* The file's parameters are for the file's algorithm. */
		valid = valid_params(r->algorithm);
		ok = replaced && !entry->set && some_algorithm_has(r->voc, entry->key);
		if (!ok)
			keyfile_error_entry(error, SCENARIO_ERROR_KEY, r->kf, entry,
					    "unknown key of algorithm %s; valid: %s",
					    r->algorithm->name, valid);
	}
	g_free(valid);
	return ok;
}

static const struct keyfile_entry *read_name(struct reading *r, const struct keyfile_group *group,
					     GError **error)
{
	const struct keyfile_entry *name = keyfile_entry(group, "name");
	char *valid = valid_algorithms(r->voc);

	if (name)
		r->algorithm = plan_find_algorithm(r->voc->algorithms, name->value);
	if (!name)
		keyfile_error_group(error, SCENARIO_ERROR_KEY, r->kf, group,
				    "algorithm.name is missing; valid: %s", valid);
	else if (!r->algorithm)
		keyfile_error_entry(error, SCENARIO_ERROR_VALUE, r->kf, name,
				    "unknown algorithm; valid: %s", valid);
	g_free(valid);
	return r->algorithm ? name : NULL;
}

gboolean algorithm_read(struct reading *r, GError **error)
{
	const struct keyfile_group *group = keyfile_group(r->kf, "algorithm");
	const struct keyfile_entry *name = read_name(r, group, error), *entry;
	const struct rmap_param *param;
	guint i;

	if (!name)
		return FALSE;
	r->plan->algorithm = g_strdup(r->algorithm->name);
	for (param = r->algorithm->params, i = 0; param && param->name; param++, i++) {
		g_assert(i < RMAP_PARAM_MAX);
		r->plan->param[i] = param->def;
	}
	for (i = 0; i < group->entries->len; i++) {
		entry = group->entries->pdata[i];
		if (entry != name && !read_param(r, entry, name->set, error))
			return FALSE;
	}
	return TRUE;
}
