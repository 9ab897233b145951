/* SPDX-License-Identifier: GPL-2.0-or-later */
/* [task NAME]: programs and mixes, and the copies of them. */
#include <string.h>
#include "program.h"
#include "reading.h"

#define TASK_NAME_MAX	32
#define OPERATIONS_MAX	1000000	/* of all programs together, copies included */

/* Turn a reader's reason into an error at that entry. */
static gboolean value_error(const struct reading *r, const struct keyfile_entry *entry, char *why,
			    GError **error)
{
	keyfile_error_entry(error, SCENARIO_ERROR_VALUE, r->kf, entry, "%s", why);
	g_free(why);
	return FALSE;
}

static gboolean check_name(const struct reading *r, const struct task_spec *spec, GError **error)
{
	const char *p = spec->name;

	if (g_ascii_isalpha(*p) && strlen(p) <= TASK_NAME_MAX) {
		while (g_ascii_isalnum(*p) || *p == '-' || *p == '_')
			p++;
		if (!*p)
			return TRUE;
	}
	keyfile_error_group(error, SCENARIO_ERROR_KEY, r->kf, spec->group,
			    "is no name of a task; valid: a letter, then at most %d letters, "
			    "digits, - and _", TASK_NAME_MAX - 1);
	return FALSE;
}

/* Keys of a mix make no sense beside a program. */
static gboolean check_kind(const struct reading *r, struct task_spec *spec, GError **error)
{
	static const char *const mix_keys[] = { "operations", "rmaps", "pool", NULL };
	const struct keyfile_entry *entry;
	guint i;

	spec->program = keyfile_entry(spec->group, "program");
	spec->mix = keyfile_entry(spec->group, "mix");
	if (!spec->program && !spec->mix) {
		keyfile_error_group(error, SCENARIO_ERROR_KEY, r->kf, spec->group,
				    "has neither program nor mix; valid: one of both");
		return FALSE;
	}
	if (spec->program && spec->mix) {
		keyfile_error_entry(error, SCENARIO_ERROR_KEY, r->kf, spec->mix,
				    "stands beside a program; valid: program or mix");
		return FALSE;
	}
	for (i = 0; spec->program && mix_keys[i]; i++) {
		entry = keyfile_entry(spec->group, mix_keys[i]);
		if (!entry)
			continue;
		keyfile_error_entry(error, SCENARIO_ERROR_KEY, r->kf, entry,
				    "belongs to a mix; valid beside a program: count, loop");
		return FALSE;
	}
	return TRUE;
}

static gboolean read_program(const struct reading *r, struct task_spec *spec, struct plan_task *t,
			     GError **error)
{
	char *why = NULL;
	guint i;

	if (!program_read(spec->program->value, r->plan, &t->ops, &t->n_ops, &why))
		return value_error(r, spec->program, why, error);
	if (!t->n_ops) {
		keyfile_error_entry(error, SCENARIO_ERROR_VALUE, r->kf, spec->program,
				    "has no operation; valid: at least one");
		return FALSE;
	}
	spec->names = spec->program;
	for (i = 0; i < t->n_ops; i++) {
		if (t->ops[i].kind == PLAN_OP_MAP_LARGE) {
			keyfile_error_entry(error, SCENARIO_ERROR_VALUE, r->kf, spec->program,
					    "maps large when the log has begun; valid: map-large "
					    "in memory.setup");
			return FALSE;
		}
		if (plan_op_walks(t->ops[i].kind))
			t->walks = TRUE;
		if (plan_op_writes(t->ops[i].kind))
			t->writes = TRUE;
		if (plan_op_zaps(t->ops[i].kind))
			r->plan->zaps = TRUE;
		if (t->ops[i].kind == PLAN_OP_MARK_DIRTY)
			r->plan->marks_dirty = TRUE;
		if (plan_op_is_of_kvm(t->ops[i].kind))
			r->plan->kvm = TRUE;
		if (t->ops[i].kind == PLAN_OP_GUEST_WRITE)
			t->has_guest = TRUE;
	}
	return TRUE;
}

static gboolean read_operations(const struct reading *r, const struct task_spec *spec,
				struct plan_task *t, GError **error)
{
	const struct key *key = keys_find("task", "operations");
	const struct keyfile_entry *entry = keyfile_entry(spec->group, "operations");
	const char *text = entry ? entry->value : spec->forever ? "0" : key->def;
	gint64 n;

	if (!keys_number(text, key->min, key->max, &n))
		keyfile_error_entry(error, SCENARIO_ERROR_VALUE, r->kf, entry,
				    "valid: a number in 1..%" G_GUINT64_FORMAT, key->max);
	else if (spec->forever && n)
		keyfile_error_entry(error, SCENARIO_ERROR_PLAN, r->kf, entry,
				    "the task loops for ever; valid: 0, or loop = once");
	else if (!spec->forever && !n)
		keyfile_error_entry(error, SCENARIO_ERROR_PLAN, r->kf, entry,
				    "the task loops once; valid: a number in 1..%" G_GUINT64_FORMAT,
				    key->max);
	else {
		t->operations = n;
		return TRUE;
	}
	return FALSE;
}

static gboolean read_rmaps(const struct reading *r, const struct task_spec *spec,
			   struct plan_task *t, GError **error)
{
	const struct keyfile_entry *entry = keyfile_entry(spec->group, "rmaps");
	char *why = NULL;

	if (entry) {
		if (list_read(entry->value, "rmap", r->plan->nr_rmaps, &t->rmaps, &t->n_rmaps,
			      &why))
			return TRUE;
		return value_error(r, entry, why, error);
	}
	t->rmaps = g_new(guint, r->plan->nr_rmaps);
	for (t->n_rmaps = 0; t->n_rmaps < r->plan->nr_rmaps; t->n_rmaps++)
		t->rmaps[t->n_rmaps] = t->n_rmaps;
	return TRUE;
}

/* A mix that writes needs sptes, and one that does not has no use for any. */
static gboolean read_pool(const struct reading *r, struct task_spec *spec, struct plan_task *t,
			  GError **error)
{
	char *why = NULL;

	spec->names = keyfile_entry(spec->group, "pool");
	if (!spec->names && !t->writes)
		return TRUE;
	if (!spec->names) {
		keyfile_error_group(error, SCENARIO_ERROR_KEY, r->kf, spec->group,
				    "has a mix that adds, removes, zaps or unmaps, but no "
				    "pool; valid: pool = spteA..B");
		return FALSE;
	}
	if (!t->writes) {
		keyfile_error_entry(error, SCENARIO_ERROR_PLAN, r->kf, spec->names,
				    "the mix only walks; valid: no pool");
		return FALSE;
	}
	if (!list_read(spec->names->value, "spte", r->plan->nr_sptes, &t->pool, &t->n_pool, &why))
		return value_error(r, spec->names, why, error);
	if (t->n_pool >= spec->count)
		return TRUE;
	keyfile_error_entry(error, SCENARIO_ERROR_PLAN, r->kf, spec->names,
			    "%u sptes for %u copies; valid: at least one for each", t->n_pool,
			    spec->count);
	return FALSE;
}

static gboolean read_mix(const struct reading *r, struct task_spec *spec, struct plan_task *t,
			 GError **error)
{
	gboolean adds = FALSE, removes = FALSE;
	char *why = NULL;
	guint i;

	if (!mix_read(spec->mix->value, &t->mix, &t->n_mix, &why))
		return value_error(r, spec->mix, why, error);
	for (i = 0; i < t->n_mix; i++) {
		adds |= t->mix[i].kind == PLAN_OP_ADD;
		removes |= t->mix[i].kind == PLAN_OP_REMOVE;
		t->walks |= plan_op_walks(t->mix[i].kind);
		t->has_guest |= t->mix[i].kind == PLAN_OP_GUEST_WRITE;
		t->writes |= plan_op_writes(t->mix[i].kind);
		r->plan->kvm |= plan_op_is_of_kvm(t->mix[i].kind);
	}
	if (adds != removes) {
		/* It would come to a point where it can do nothing at all. */
		keyfile_error_entry(error, SCENARIO_ERROR_PLAN, r->kf, spec->mix,
				    "has only one of add and remove; valid: both or none");
		return FALSE;
	}
	return read_operations(r, spec, t, error) && read_rmaps(r, spec, t, error) &&
	       read_pool(r, spec, t, error);
}

/* Make the copies out of the first; each takes its share of the pool. */
static void copy_tasks(struct plan *plan, const struct task_spec *spec, const struct plan_task *t)
{
	guint i, n = t->n_pool, taken = 0;

	for (i = 0; i < spec->count; i++) {
		struct plan_task *copy = &plan->tasks[plan->n_tasks];

		*copy = *t;
		copy->cpu = plan->n_tasks++;
		copy->name = spec->count > 1 ? g_strdup_printf("%s.%u", spec->name, i) :
					       g_strdup(spec->name);
		copy->ops = g_memdup2(t->ops, t->n_ops * sizeof(*t->ops));
		copy->mix = g_memdup2(t->mix, t->n_mix * sizeof(*t->mix));
		copy->rmaps = g_memdup2(t->rmaps, t->n_rmaps * sizeof(*t->rmaps));
		copy->n_pool = n / spec->count + (i < n % spec->count);
		copy->pool = g_memdup2(n ? t->pool + taken : NULL, copy->n_pool * sizeof(*t->pool));
		taken += copy->n_pool;
	}
}

static gboolean check_total(const struct reading *r, const struct task_spec *spec,
			    const struct plan_task *t, GError **error)
{
	guint64 total = (guint64)t->n_ops * spec->count;
	guint i;

	if (r->plan->n_tasks + spec->count > TASKS_MAX) {
		keyfile_error_group(error, SCENARIO_ERROR_PLAN, r->kf, spec->group,
				    "count = %u makes more than %d tasks; valid: at most %d in all",
				    spec->count, TASKS_MAX, TASKS_MAX);
		return FALSE;
	}
	for (i = 0; i < r->plan->n_tasks; i++)
		total += r->plan->tasks[i].n_ops;
	if (total <= OPERATIONS_MAX)
		return TRUE;
	keyfile_error_entry(error, SCENARIO_ERROR_PLAN, r->kf, spec->program,
			    "makes the programs too long; valid: at most %d operations in all",
			    OPERATIONS_MAX);
	return FALSE;
}

static gboolean read_task(struct reading *r, struct task_spec *spec, GError **error)
{
	struct plan_task t = { .forever = FALSE };
	gboolean ok;

	if (!check_name(r, spec, error) || !check_kind(r, spec, error) ||
	    !keys_read(r->kf, "task", spec->group, r->voc, spec, error))
		return FALSE;
	t.forever = spec->forever;
	spec->first = r->plan->n_tasks;
	ok = spec->program ? read_program(r, spec, &t, error) : read_mix(r, spec, &t, error);
	ok = ok && check_total(r, spec, &t, error);
	if (ok)
		copy_tasks(r->plan, spec, &t);
	g_free(t.ops);
	g_free(t.mix);
	g_free(t.rmaps);
	g_free(t.pool);
	return ok;
}

static gboolean read_setup(struct reading *r, GError **error)
{
	const struct keyfile_entry *entry;
	struct plan *plan = r->plan;
	char *why = NULL;
	guint i;

	entry = keyfile_entry(keyfile_group(r->kf, "memory"), "setup");
	if (!entry)
		return TRUE;
	if (!program_read(entry->value, plan, &plan->setup, &plan->n_setup, &why))
		return value_error(r, entry, why, error);
	for (i = 0; i < plan->n_setup; i++) {
		if (plan_op_has_spte(plan->setup[i].kind) ||
		    plan->setup[i].kind == PLAN_OP_MAP_LARGE)
			continue;
		keyfile_error_entry(error, SCENARIO_ERROR_PLAN, r->kf, entry,
				    "%ss before there are tasks; valid: add, remove, map-large",
				    op_word(plan->setup[i].kind));
		return FALSE;
	}
	return TRUE;
}

gboolean tasks_read(struct reading *r, GError **error)
{
	guint i;

	if (!read_setup(r, error))
		return FALSE;
	r->plan->tasks = g_new0(struct plan_task, TASKS_MAX);
	for (i = 0; i < r->kf->groups->len; i++) {
		struct keyfile_group *group = r->kf->groups->pdata[i];
		struct task_spec spec = { .group = group };

		if (!g_str_has_prefix(group->name, "task "))
			continue;
		spec.name = group->name + strlen("task ");
		if (!read_task(r, &spec, error))
			return FALSE;
		g_array_append_val(r->specs, spec);
	}
	if (r->plan->n_tasks)
		return TRUE;
	keyfile_error_group(error, SCENARIO_ERROR_PLAN, r->kf, NULL,
			    "has no task; valid: at least one group [task NAME]");
	return FALSE;
}
