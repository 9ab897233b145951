/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a scenario's text to a plan, step by step (reading.h). */
#include <string.h>
#include "expect.h"
#include "reading.h"

G_DEFINE_QUARK(rmapsim-scenario-error, scenario_error)

/* Keys that one group may have; free it. */
static char *valid_keys(const struct reading *r, const char *group)
{
	char *table = keys_names(group), *checks, *both;

	if (strcmp(group, "check") || !r->voc->checks || !r->voc->checks[0])
		return table;
	checks = g_strjoinv(", ", (char **)r->voc->checks);
	both = g_strconcat(checks, ", ", table, NULL);
	g_free(checks);
	g_free(table);
	return both;
}

/* [algorithm], [expect] and [sweep] have names of their own and are seen to elsewhere. */
static gboolean check_keys(const struct reading *r, const struct keyfile_group *group,
			   const char *kind, GError **error)
{
	guint i;

	if (!strcmp(kind, "algorithm") || !strcmp(kind, "expect") || !strcmp(kind, "sweep"))
		return TRUE;
	for (i = 0; i < group->entries->len; i++) {
		const struct keyfile_entry *entry = group->entries->pdata[i];
		char *valid;

		if (keys_find(kind, entry->key))
			continue;
		if (!strcmp(kind, "check") && keys_word(r->voc->checks, entry->key) >= 0)
			continue;
		valid = valid_keys(r, kind);
		keyfile_error_entry(error, SCENARIO_ERROR_KEY, r->kf, entry,
				    "unknown key; valid: %s", valid);
		g_free(valid);
		return FALSE;
	}
	return TRUE;
}

static gboolean check_groups(const struct reading *r, GError **error)
{
	guint i;

	for (i = 0; i < r->kf->groups->len; i++) {
		const struct keyfile_group *group = r->kf->groups->pdata[i];
		const char *kind = keys_group(group->name);

		if (!kind) {
			keyfile_error_group(error, SCENARIO_ERROR_KEY, r->kf, group,
					    "is an unknown group; valid: [scenario], [algorithm], "
					    "[memory], [kvm], [machine], [task NAME], [check], "
					    "[limits], [expect], [sweep]");
			return FALSE;
		}
		if (!check_keys(r, group, kind, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean read_tables(struct reading *r, GError **error)
{
	static const char *const groups[] = {
		"scenario", "memory", "kvm", "machine", "check", "limits", NULL
	};
	guint i;

	for (i = 0; groups[i]; i++) {
		if (!keys_read(r->kf, groups[i], keyfile_group(r->kf, groups[i]), r->voc, r->plan,
			       error))
			return FALSE;
	}
	return TRUE;
}

/* Is that check on? -1: an error. */
static int read_check(const struct reading *r, const struct keyfile_entry *entry,
		      const char *name, GError **error)
{
	static const char *const words[] = { "no", "yes", NULL };
	gboolean always = keys_word(r->voc->checks_always, name) >= 0;
	gboolean idle = !r->plan->kvm && keys_word(r->voc->checks_of_pages, name) >= 0;
	int yes;

	if (!entry && idle)
		return FALSE;
	if (!entry)
		return always || keys_word(r->voc->checks_default, name) >= 0;
	yes = keys_word(words, entry->value);
	if (yes < 0 || (always && !yes)) {
		keyfile_error_entry(error, SCENARIO_ERROR_VALUE, r->kf, entry,
				    always ? "cannot be switched off; valid: yes" :
					     "valid: yes, no");
		return -1;
	}
	if (yes && idle) {
		keyfile_error_entry(error, SCENARIO_ERROR_PLAN, r->kf, entry, "looks at guests and "
				    "pages, and no task has any; valid: no");
		return -1;
	}
	return yes;
}

static gboolean read_checks(struct reading *r, GError **error)
{
	const struct keyfile_group *group = keyfile_group(r->kf, "check");
	GPtrArray *on = g_ptr_array_new_with_free_func(g_free);
	const char *const *name;

	for (name = r->voc->checks; name && *name; name++) {
		int yes = read_check(r, keyfile_entry(group, *name), *name, error);

		if (yes < 0) {
			g_ptr_array_unref(on);
			return FALSE;
		}
		if (yes)
			g_ptr_array_add(on, g_strdup(*name));
	}
	g_ptr_array_add(on, NULL);
	r->plan->checks = (char **)g_ptr_array_free(on, FALSE);
	return TRUE;
}

static gboolean read_expect(struct reading *r, GError **error)
{
	const struct keyfile_group *group = keyfile_group(r->kf, "expect");
	guint i;

	if (!group)
		return TRUE;
	r->plan->expect = g_new0(struct plan_expect, group->entries->len);
	for (i = 0; i < group->entries->len; i++) {
		const struct keyfile_entry *entry = group->entries->pdata[i];
		struct plan_expect *expect = &r->plan->expect[r->plan->n_expect++];
		char *why = NULL;

		expect->line = entry->line;
		if (expect_read(entry->key, entry->value, r->voc, expect, &why))
			continue;
		keyfile_error_entry(error, SCENARIO_ERROR_VALUE, r->kf, entry, "%s", why);
		g_free(why);
		return FALSE;
	}
	return TRUE;
}

static gboolean read_plan(struct reading *r, const char *const *set, GError **error)
{
	for (; set && *set; set++) {
		if (!keyfile_set(r->kf, *set, error))
			return FALSE;
	}
	return check_groups(r, error) && read_tables(r, error) && algorithm_read(r, error) &&
	       tasks_read(r, error) && read_checks(r, error) && read_expect(r, error) &&
	       axes_read(r, error) && rules_check(r, error) && text_write(r, error);
}

/* The file's name without folder and .scenario. */
static char *bare_name(const char *path)
{
	char *name = g_path_get_basename(path);

	if (g_str_has_suffix(name, ".scenario"))
		name[strlen(name) - strlen(".scenario")] = '\0';
	return name;
}

struct plan *scenario_parse(const char *text, gsize len, const char *path, const char *const *set,
			    const struct scenario_vocabulary *voc, GError **error)
{
	struct reading r = { .voc = voc };
	gboolean ok;

	r.kf = keyfile_scan(text, len, path, error);
	if (!r.kf)
		return NULL;
	r.specs = g_array_new(FALSE, TRUE, sizeof(struct task_spec));
	r.plan = g_new0(struct plan, 1);
	r.plan->path = g_strdup(path);
	r.plan->name = bare_name(path);
	ok = read_plan(&r, set, error);
	if (!ok) {
		plan_free(r.plan);
		r.plan = NULL;
	}
	g_array_unref(r.specs);
	keyfile_free(r.kf);
	return r.plan;
}
