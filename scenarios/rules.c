/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is impossible together though each value is valid: programs are played
 * through on paper, task by task (no spte belongs to two), which also tells how
 * many entries an rmap can have and so how many descriptors are needed.
 */
#include <string.h>
#include "program.h"
#include "reading.h"

#define SPTES_MAX	1024
#define RMAPS_MAX	64
#define ALL		RMAPS_MAX	/* counts of all rmaps together */
#define COUNTS		(RMAPS_MAX + 1)

/* Where each spte is, and how many each rmap has. */
struct paper {
	guint16 where[SPTES_MAX];	/* 0: in no list, else the rmap's number + 1 */
	gint16 owner[SPTES_MAX];	/* the task's number, or -1 */
	guint now[COUNTS];		/* of the sptes that are looked at */
	guint most[COUNTS];		/* the largest now[] */
	guint bound[COUNTS];		/* entries that there can be at any time */
};

static void count(struct paper *paper, guint where, int by)
{
	paper->now[where] += by;
	paper->most[where] = MAX(paper->most[where], paper->now[where]);
}

static char *place_words(guint where)
{
	return where ? g_strdup_printf("in rmap%u", where - 1) : g_strdup("in no list");
}

/* Play it through. Returns NULL, or why it cannot be; free it. */
static char *play(struct paper *paper, const struct plan_op *ops, guint n)
{
	guint i;

	for (i = 0; i < n; i++) {
		const struct plan_op *op = &ops[i];
		guint16 *where = &paper->where[op->spte];
		char *place, *why;

		if (!plan_op_has_spte(op->kind))
			continue;
		if (op->kind == PLAN_OP_ADD ? !*where : *where == op->rmap + 1) {
			*where = op->kind == PLAN_OP_ADD ? op->rmap + 1 : 0;
			count(paper, op->rmap, *where ? 1 : -1);
			count(paper, ALL, *where ? 1 : -1);
			continue;
		}
		place = place_words(*where);
		why = g_strdup_printf("operation %u, %s spte%u rmap%u: spte%u is %s by then; "
				      "valid: to %s", i + 1, op_word(op->kind), op->spte, op->rmap,
				      op->spte, place, op->kind == PLAN_OP_ADD ?
				      "add what is in no list" : "remove what is in that rmap");
		g_free(place);
		return why;
	}
	return NULL;
}

static gboolean plan_error(const struct reading *r, const struct keyfile_entry *entry, char *why,
			   GError **error)
{
	keyfile_error_entry(error, SCENARIO_ERROR_PLAN, r->kf, entry, "%s", why);
	g_free(why);
	return FALSE;
}

static const struct task_spec *spec_of(const struct reading *r, guint task)
{
	guint i = r->specs->len;

	while (i--) {
		const struct task_spec *spec = &g_array_index(r->specs, struct task_spec, i);

		if (spec->first <= task)
			return spec;
	}
	return NULL;
}

static gboolean own(const struct reading *r, struct paper *paper, guint spte, guint task,
		    GError **error)
{
	const struct task_spec *spec = spec_of(r, task);
	const struct plan_task *tasks = r->plan->tasks;
	gint owner = paper->owner[spte];

	if (owner < 0 || owner == (gint)task) {
		paper->owner[spte] = task;
		return TRUE;
	}
	if (owner >= (gint)spec->first)
		return plan_error(r, spec->names, g_strdup_printf("names spte%u for each of %u "
				  "copies; valid: an spte in one task only (count = 1, or a mix, "
				  "whose pool is split)", spte, spec->count), error);
	return plan_error(r, spec->names, g_strdup_printf("spte%u belongs to task %s already; "
			  "valid: an spte in one task only", spte, tasks[owner].name), error);
}

static gboolean check_owners(const struct reading *r, struct paper *paper, GError **error)
{
	guint i, k;

	memset(paper->owner, 0xff, sizeof(paper->owner));
	for (i = 0; i < r->plan->n_tasks; i++) {
		const struct plan_task *t = &r->plan->tasks[i];

		for (k = 0; k < t->n_ops; k++) {
			if (plan_op_has_spte(t->ops[k].kind) &&
			    !own(r, paper, t->ops[k].spte, i, error))
				return FALSE;
		}
		for (k = 0; k < t->n_pool; k++) {
			if (!own(r, paper, t->pool[k], i, error))
				return FALSE;
		}
	}
	return TRUE;
}

/* Count the entries that belong to owner, as they are now. */
static void count_owned(const struct plan *plan, struct paper *paper, gint owner)
{
	guint i;

	memset(paper->now, 0, sizeof(paper->now));
	memset(paper->most, 0, sizeof(paper->most));
	for (i = 0; i < plan->nr_sptes; i++) {
		if (paper->owner[i] != owner || !paper->where[i])
			continue;
		count(paper, paper->where[i] - 1, 1);
		count(paper, ALL, 1);
	}
}

static gboolean check_setup(const struct reading *r, struct paper *paper, GError **error)
{
	char *why = play(paper, r->plan->setup, r->plan->n_setup);

	if (!why)
		return TRUE;
	return plan_error(r, keyfile_entry(keyfile_group(r->kf, "memory"), "setup"), why, error);
}

/*
 * Where somebody zaps, nobody knows what is where: an operation that cannot be
 * done is passed over. Every spte may be in each rmap that its task adds it to.
 */
static void play_loosely(const struct plan *plan, struct paper *paper, const struct plan_task *t)
{
	guint i, k, n;

	for (k = 0; k < plan->nr_rmaps; k++) {
		guint8 seen[SPTES_MAX] = { 0 };

		for (i = n = 0; i < t->n_ops; i++) {
			const struct plan_op *op = &t->ops[i];

			if (op->kind != PLAN_OP_ADD || op->rmap != k || seen[op->spte]++)
				continue;
			n += paper->where[op->spte] != k + 1;
		}
		paper->most[k] += n;
		paper->most[ALL] += n;
	}
}

/* A guest's fault lists the spte; it may be in each rmap that somebody writes to by it. */
static void play_guests(const struct plan *plan, struct paper *paper, const struct plan_task *t)
{
	guint8 seen[SPTES_MAX] = { 0 };
	guint i;

	for (i = 0; i < t->n_ops; i++) {
		const struct plan_op *op = &t->ops[i];

		if (op->kind != PLAN_OP_GUEST_WRITE || seen[op->spte]++)
			continue;
		paper->most[ALL]++;
	}
	for (i = 0; i < plan->nr_rmaps; i++)
		paper->most[i] += paper->most[ALL];
}

/* Either lists are all there is, or there are pages, and lists go with them. */
static gboolean check_level(const struct reading *r, GError **error)
{
	const struct keyfile_group *group = keyfile_group(r->kf, "kvm");
	const struct plan *plan = r->plan;
	guint i, k;

	if (!plan->kvm && group) {
		keyfile_error_group(error, SCENARIO_ERROR_PLAN, r->kf, group, "says how pages are "
				    "handled, but no task has any; valid: a guest-write, zap-spte, "
				    "unmap, age or get-dirty-log in some task");
		return FALSE;
	}
	for (i = 0; plan->kvm && i < plan->n_tasks; i++) {
		const struct plan_task *t = &plan->tasks[i];

		for (k = 0; k < t->n_ops + t->n_mix; k++) {
			int kind = k < t->n_ops ? t->ops[k].kind : t->mix[k - t->n_ops].kind;

			if (plan_op_is_of_kvm(kind) || kind == PLAN_OP_WALK)
				continue;
			return plan_error(r, t->n_ops ? spec_of(r, i)->program : spec_of(r, i)->mix,
					  g_strdup_printf("%s works on lists alone, and some task "
					  "has guests or pages; valid beside those: walk",
					  op_word(kind)), error);
		}
	}
	for (i = 0; i < plan->n_setup && plan->setup[i].kind == PLAN_OP_MAP_LARGE;)
		i++;
	if (!plan->kvm || i == plan->n_setup)
		return TRUE;
	return plan_error(r, keyfile_entry(keyfile_group(r->kf, "memory"), "setup"),
			  g_strdup("lists sptes that map nothing, and some task has guests or "
			  "pages; valid: map-large, or no setup: the guests' faults "
			  "list them"), error);
}

static gboolean check_program(const struct reading *r, struct paper *paper, guint task,
			      GError **error)
{
	const struct plan_task *t = &r->plan->tasks[task];
	const struct task_spec *spec = spec_of(r, task);
	guint16 before[SPTES_MAX];
	char *why, *was, *is;
	guint i;

	if (r->plan->kvm) {
		play_guests(r->plan, paper, t);
		return TRUE;
	}
	if (r->plan->zaps) {
		play_loosely(r->plan, paper, t);
		return TRUE;
	}
	memcpy(before, paper->where, sizeof(before));
	why = play(paper, t->ops, t->n_ops);
	if (why)
		return plan_error(r, spec->program, why, error);
	for (i = 0; t->forever && i < r->plan->nr_sptes; i++) {
		if (before[i] == paper->where[i])
			continue;
		was = place_words(before[i]);
		is = place_words(paper->where[i]);
		why = g_strdup_printf("loops for ever, but spte%u is %s before and %s after it; "
				      "valid: a program that leaves its sptes as it found them", i,
				      was, is);
		g_free(was);
		g_free(is);
		return plan_error(r, spec->program, why, error);
	}
	return TRUE;
}

static gboolean check_pool(const struct reading *r, struct paper *paper, guint task,
			   GError **error)
{
	const struct plan_task *t = &r->plan->tasks[task];
	guint i, k;

	for (i = 0; i < t->n_pool; i++) {
		guint where = paper->where[t->pool[i]];

		for (k = 0; where && k < t->n_rmaps && t->rmaps[k] != where - 1;)
			k++;
		if (where && k == t->n_rmaps)
			return plan_error(r, spec_of(r, task)->names, g_strdup_printf(
					  "spte%u is in rmap%u, which is not among the task's "
					  "rmaps; valid: sptes in no list or in one of those",
					  t->pool[i], where - 1), error);
	}
	/* All of the pool may come together in any of its rmaps. */
	for (k = 0; k < t->n_rmaps; k++)
		paper->most[t->rmaps[k]] = t->n_pool;
	paper->most[ALL] = t->n_pool;
	return TRUE;
}

/* What stays as the setup left it, and of each task the most that it has at a time. */
static gboolean check_tasks(const struct reading *r, struct paper *paper, GError **error)
{
	guint setup[COUNTS], i, k;

	memcpy(setup, paper->most, sizeof(setup));
	count_owned(r->plan, paper, -1);
	memcpy(paper->bound, paper->now, sizeof(paper->bound));
	for (i = 0; i < r->plan->n_tasks; i++) {
		count_owned(r->plan, paper, i);
		if (!(r->plan->tasks[i].n_mix ? check_pool : check_program)(r, paper, i, error))
			return FALSE;
		for (k = 0; k < COUNTS; k++)
			paper->bound[k] += paper->most[k];
	}
	for (k = 0; k < COUNTS; k++)
		paper->bound[k] = MAX(paper->bound[k], setup[k]);
	return TRUE;
}

static gboolean check_walkers(const struct reading *r, GError **error)
{
	const struct keyfile_group *group = keyfile_group(r->kf, "scenario");
	const struct keyfile_entry *entry = keyfile_entry(group, "walkers");
	guint i;

	for (i = 0; i < r->plan->n_tasks && !r->plan->tasks[i].walks;)
		i++;
	if ((i == r->plan->n_tasks) == !!r->plan->walkers_none)
		return TRUE;
	if (r->plan->walkers_none)
		return plan_error(r, entry, g_strdup_printf("task %s walks; valid: yes, or no walk "
				  "in any task", r->plan->tasks[i].name), error);
	if (entry)
		return plan_error(r, entry, g_strdup("no task walks; valid: a walk in some "
				  "task, or none"), error);
	keyfile_error_group(error, SCENARIO_ERROR_PLAN, r->kf, group, "no task walks; valid: a "
			    "walk in some task, or scenario.walkers = none");
	return FALSE;
}

static gboolean check_limits(const struct reading *r, GError **error)
{
	guint i;

	for (i = 0; i < r->plan->n_tasks; i++) {
		if (!r->plan->tasks[i].forever)
			return TRUE;
	}
	if (r->plan->events_max || r->plan->operations_max)
		return TRUE;
	keyfile_error_group(error, SCENARIO_ERROR_PLAN, r->kf, keyfile_group(r->kf, "limits"),
			    "all tasks loop for ever and nothing ends a run; valid: "
			    "limits.events or limits.operations above 0, or a task with loop = "
			    "once");
	return FALSE;
}

static gboolean check_cache(const struct reading *r, GError **error)
{
	const struct keyfile_entry *entry;

	if (!r->plan->alloc_zero || r->plan->cache_objs)
		return TRUE;
	entry = keyfile_entry(keyfile_group(r->kf, "memory"), "alloc-zero");
	keyfile_error_entry(error, SCENARIO_ERROR_PLAN, r->kf, entry, "only a cache is zeroed and "
			    "memory.cache is 0; valid: no, or a cache of 1..%d", KVM_CACHE_MAX);
	return FALSE;
}

/* What an algorithm may be asked before there is anything. */
static void constants_only(const struct plan *plan, struct kvm *kvm)
{
	memset(kvm, 0, sizeof(*kvm));
	kvm->mmu_lock_is_rw = plan->lock_rw;
	kvm->pte_list_ext = plan->pte_list_ext;
	kvm->address_bits = plan->address_bits;
	kvm->nr_rmaps = plan->nr_rmaps;
	kvm->nr_sptes = plan->nr_sptes;
	kvm->nr_vcpus = plan->n_tasks + 1;
	kvm->cache_objs = plan->cache_objs;
	kvm->alloc_zero = plan->alloc_zero;
	memcpy(kvm->param, plan->param, sizeof(kvm->param));
}

static gboolean check_extent(const struct reading *r, const struct paper *paper, GError **error)
{
	const struct keyfile_group *group = keyfile_group(r->kf, "algorithm");
	const char *why;
	guint i, fullest = 0;
	struct kvm kvm;
	char buf[256];

	if (!r->algorithm->check_extent)
		return TRUE;
	for (i = 0; i < r->plan->nr_rmaps; i++) {
		if (paper->bound[i] > paper->bound[fullest])
			fullest = i;
	}
	constants_only(r->plan, &kvm);
	why = r->algorithm->check_extent(&kvm, paper->bound[fullest], buf, sizeof(buf));
	if (!why)
		return TRUE;
	keyfile_error_entry(error, SCENARIO_ERROR_PLAN, r->kf, keyfile_entry(group, "name"),
			    "%s (rmap%u can have %u entries at a time)", why, fullest,
			    paper->bound[fullest]);
	return FALSE;
}

/*
 * The most that all lists need together, however the entries are spread: best[n]
 * is that of the rmaps seen so far with at most n entries. A pool much larger than
 * needed would keep freed descriptors from being used again.
 */
static guint64 lists_need(const struct reading *r, const struct paper *paper)
{
	guint64 best[SPTES_MAX + 1] = { 0 }, alone[SPTES_MAX + 1];
	guint total = paper->bound[ALL], i, n, with;
	struct kvm kvm;

	constants_only(r->plan, &kvm);
	for (n = 0; n <= total; n++)
		alone[n] = r->algorithm->objects_max ? r->algorithm->objects_max(&kvm, n) : 0;
	for (i = 0; i < r->plan->nr_rmaps; i++) {
		for (n = total + 1; n--;) {
			guint most = MIN(n, paper->bound[i]);
			guint64 before = best[n];

			for (with = 0; with <= most; with++)
				before = MAX(before, best[n - with] + alone[with]);
			best[n] = before;
		}
	}
	return best[total];
}

/* Lists, full caches, and one in the hands of each writer. */
static guint64 descs_needed(const struct reading *r, const struct paper *paper)
{
	guint64 writers = r->plan->n_setup > 0;
	guint i;

	for (i = 0; i < r->plan->n_tasks; i++)
		writers += r->plan->tasks[i].writes;
	return lists_need(r, paper) + writers * (1 + r->plan->cache_objs);
}

/* As many again may wait for grace periods; an alloc waits with them once they do. */
static guint64 descs_usual(const struct reading *r, guint64 needed, guint64 max)
{
	return r->algorithm->needs & RMAP_NEEDS_RCU ? MIN(2 * needed, max) : needed;
}

/* A fault that finds no memory is the guest's affair; a list's program has no such way out. */
static gboolean check_short(const struct reading *r, GError **error)
{
	const struct keyfile_entry *entry = keyfile_entry(keyfile_group(r->kf, "memory"), "short");
	const struct plan *plan = r->plan;

	if (plan->runs_short && !plan->kvm)
		return plan_error(r, entry, g_strdup("only faults of guests may find no memory, "
				  "and no task is one; valid: nothing, or a guest-write in some "
				  "task"), error);
	if (plan->runs_short == PLAN_SHORT_PAGES && !plan->shadow_pages)
		return plan_error(r, entry, g_strdup("there are no shadow pages; valid: nothing, "
				  "descs, or kvm.shadow-pages above 0"), error);
	return TRUE;
}

static gboolean check_descs(const struct reading *r, const struct paper *paper, GError **error)
{
	const struct keyfile_group *group = keyfile_group(r->kf, "memory");
	const struct keyfile_entry *entry = keyfile_entry(group, "descs");
	const struct key *key = keys_find("memory", "descs");
	guint64 needed = descs_needed(r, paper);
	guint64 least = r->plan->runs_short == PLAN_SHORT_DESCS ? 0 : needed;
	gint64 n = descs_usual(r, needed, key->max);

	if (needed > key->max) {
		keyfile_error_group(error, SCENARIO_ERROR_PLAN, r->kf, group,
				    "%" G_GUINT64_FORMAT " descriptors can be needed at once; "
				    "valid: at most %" G_GUINT64_FORMAT, needed, key->max);
		return FALSE;
	}
	if (entry && !keys_number(entry->value, least, key->max, &n)) {
		keyfile_error_entry(error, SCENARIO_ERROR_VALUE, r->kf, entry,
				    "%" G_GUINT64_FORMAT " can be needed at once; valid: a number "
				    "in %" G_GUINT64_FORMAT "..%" G_GUINT64_FORMAT, needed, least,
				    key->max);
		return FALSE;
	}
	r->plan->nr_descs = n;
	return TRUE;
}

gboolean rules_check(struct reading *r, GError **error)
{
	struct paper *paper = g_new0(struct paper, 1);
	gboolean ok;

	ok = check_cache(r, error) && check_level(r, error) && check_short(r, error) &&
	     pages_check(r, error) && check_owners(r, paper, error) &&
	     check_setup(r, paper, error) && check_tasks(r, paper, error) &&
	     check_walkers(r, error) && check_limits(r, error) &&
	     check_extent(r, paper, error) && check_descs(r, paper, error);
	g_free(paper);
	return ok;
}
