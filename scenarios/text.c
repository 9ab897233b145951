/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canonical text of a plan: every key of every group, defaults and all. It
 * is itself a scenario that reads as the same plan; equal plans, equal text.
 * The digest is taken of it, without what only people read and without
 * [expect] and [sweep], which say nothing about what runs.
 */
#include <string.h>
#include "expect.h"
#include "program.h"
#include "reading.h"

struct writer {
	const struct reading *r;
	GString *out;
	gboolean for_digest;
};

static void begin_group(struct writer *w, const char *name)
{
	g_string_append_printf(w->out, "%s[%s]\n", w->out->len ? "\n" : "", name);
}

/* "key = value"; an empty value leaves no blank at the end. */
static void put_pair(struct writer *w, const char *key, const char *value)
{
	g_string_append_printf(w->out, "%s =%s%s\n", key, *value ? " " : "", value);
}

static void memory_value(const struct writer *w, const struct key *key, GString *value)
{
	const struct plan *plan = w->r->plan;

	if (!strcmp(key->name, "descs"))
		g_string_append_printf(value, "%u", plan->nr_descs);
	else if (!strcmp(key->name, "setup"))
		program_print(value, plan->setup, plan->n_setup);
}

static void write_group(struct writer *w, const char *group)
{
	GString *value = g_string_new(NULL);
	const struct key *key;

	for (key = scenario_keys; key->group; key++) {
		if (strcmp(key->group, group) || (w->for_digest && key->type == KEY_TEXT))
			continue;
		g_string_truncate(value, 0);
		if (key->type == KEY_OWN)
			memory_value(w, key, value);
		else
			keys_print(value, key, w->r->plan);
		if (w->for_digest && key->later && !strcmp(value->str, key->def))
			continue;
		put_pair(w, key->name, value->str);
	}
	g_string_free(value, TRUE);
}

static void write_algorithm(struct writer *w)
{
	const struct rmap_param *param = w->r->algorithm->params;
	const long *value = w->r->plan->param;

	put_pair(w, "name", w->r->plan->algorithm);
	for (; param && param->name; param++, value++) {
		if (param->words)
			put_pair(w, param->name, param->words[*value]);
		else if (param->max_word && *value == param->max)
			put_pair(w, param->name, param->max_word);
		else
			g_string_append_printf(w->out, "%s = %ld\n", param->name, *value);
	}
}

static void mix_value(const struct key *key, const struct plan_task *t, GString *value)
{
	if (!strcmp(key->name, "mix"))
		mix_print(value, t->mix, t->n_mix);
	else if (!strcmp(key->name, "operations"))
		g_string_append_printf(value, "%u", t->operations);
	else if (!strcmp(key->name, "rmaps"))
		list_print(value, "rmap", t->rmaps, t->n_rmaps);
}

/* The copies' shares follow each other in the first one's order. */
static void pool_value(const struct plan *plan, const struct task_spec *spec, GString *value)
{
	GArray *pool = g_array_new(FALSE, FALSE, sizeof(guint));
	guint i;

	for (i = spec->first; i < spec->first + spec->count; i++)
		g_array_append_vals(pool, plan->tasks[i].pool, plan->tasks[i].n_pool);
	list_print(value, "spte", (const guint *)(const void *)pool->data, pool->len);
	g_array_unref(pool);
}

static void write_task(struct writer *w, const struct task_spec *spec)
{
	const struct plan_task *t = &w->r->plan->tasks[spec->first];
	GString *value = g_string_new(NULL);
	const struct key *key;

	begin_group(w, spec->group->name);
	for (key = scenario_keys; key->group; key++) {
		if (strcmp(key->group, "task"))
			continue;
		g_string_truncate(value, 0);
		if (key->type != KEY_OWN)
			keys_print(value, key, spec);
		else if (spec->program && !strcmp(key->name, "program"))
			program_print(value, t->ops, t->n_ops);
		else if (spec->mix && !strcmp(key->name, "pool"))
			pool_value(w->r->plan, spec, value);
		else if (spec->mix)
			mix_value(key, t, value);
		if (value->len)
			put_pair(w, key->name, value->str);
	}
	g_string_free(value, TRUE);
}

static void write_checks(struct writer *w)
{
	const char *const *name;

	for (name = w->r->voc->checks; name && *name; name++)
		put_pair(w, *name, keys_word((const char *const *)w->r->plan->checks, *name) < 0 ?
			 "no" : "yes");
	write_group(w, "check");
}

static void write_expect(struct writer *w)
{
	guint i;

	begin_group(w, "expect");
	for (i = 0; i < w->r->plan->n_expect; i++)
		expect_print(w->out, &w->r->plan->expect[i]);
}

/* Without lines no group: a plan's own text says nothing of others. */
static void write_sweep(struct writer *w)
{
	const struct plan *plan = w->r->plan;
	guint i;

	if (plan->n_axes)
		begin_group(w, "sweep");
	for (i = 0; i < plan->n_axes; i++)
		put_pair(w, plan->axes[i].key, plan->axes[i].text);
}

static GString *write_all(const struct reading *r, gboolean for_digest)
{
	struct writer w = { r, g_string_new(NULL), for_digest };
	guint i;

	begin_group(&w, "scenario");
	write_group(&w, "scenario");
	begin_group(&w, "algorithm");
	write_algorithm(&w);
	begin_group(&w, "memory");
	write_group(&w, "memory");
	if (r->plan->kvm) {
		begin_group(&w, "kvm");
		write_group(&w, "kvm");
	}
	begin_group(&w, "machine");
	write_group(&w, "machine");
	for (i = 0; i < r->specs->len; i++)
		write_task(&w, &g_array_index(r->specs, struct task_spec, i));
	begin_group(&w, "check");
	write_checks(&w);
	begin_group(&w, "limits");
	write_group(&w, "limits");
	if (!for_digest) {
		write_expect(&w);
		write_sweep(&w);
	}
	return w.out;
}

/* FNV-1a and a final mix: the same everywhere, for ever. */
static guint64 digest(const char *text, gsize len)
{
	guint64 h = 0xcbf29ce484222325;
	gsize i;

	for (i = 0; i < len; i++)
		h = (h ^ (guchar)text[i]) * 0x100000001b3;
	h = (h ^ h >> 33) * 0xff51afd7ed558ccd;
	return h ^ h >> 33;
}

gboolean text_write(struct reading *r, GError **error)
{
	GString *hashed = write_all(r, TRUE), *text = write_all(r, FALSE);

	r->plan->digest = digest(hashed->str, hashed->len);
	g_string_free(hashed, TRUE);
	if (text->len > KEYFILE_BYTES_MAX) {
		g_string_free(text, TRUE);
		keyfile_error_group(error, SCENARIO_ERROR_PLAN, r->kf, NULL, "the complete plan "
				    "has more than %d bytes; valid: at most as many",
				    KEYFILE_BYTES_MAX);
		return FALSE;
	}
	r->plan->text = g_string_free(text, FALSE);
	return TRUE;
}
