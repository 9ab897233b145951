/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of keys, and reading and printing of what stands in it. */
#include <string.h>
#include "keys.h"

#define COUNT_MAX 1000000000000	/* of points, steps, operations: more than a life's runs */

#define DESCS_MAX 65536	/* the slab numbers its objects by 16 bits */

#define TEXT_MAX 4096

#define PLAN(field) .offset = G_STRUCT_OFFSET(struct plan, field)
#define TASK(field) .offset = G_STRUCT_OFFSET(struct task_spec, field)
#define NAMES(field) .names = G_STRUCT_OFFSET(struct scenario_vocabulary, field)

static const char *const walkers_words[] = { "yes", "none", NULL };
static const char *const address_words[] = { "48", "57", NULL };
static const char *const reuse_words[] = { "lifo", "fifo", "seeded", NULL };
static const char *const pages_words[] = { "keep", "return", NULL };
static const char *const no_yes_words[] = { "no", "yes", NULL };
static const char *const short_words[] = { "nothing", "descs", "pages", NULL };
static const char *const lock_words[] = { "unfair", "fifo", NULL };
static const char *const lock_type_words[] = { "spinlock", "rwlock", NULL };
static const char *const spin_words[] = { "await", "real", NULL };
static const char *const sync_words[] = { "operation", "none", NULL };
static const char *const order_words[] = { "last", "between", "first", NULL };
static const char *const set_words[] = { "set", "test-then-set", NULL };
static const char *const protect_words[] = { "cmpxchg", "plain", NULL };
static const char *const flush_words[] = { "needed", "always", "own-gfn", "none", NULL };
static const char *const handshake_words[] = {
	"full", "no-enter-mb", "no-flush-mb", "no-reading-mb", "no-kick-rmb", NULL
};
static const char *const role_words[] = { "shadowing", "direct", NULL };
static const char *const fast_words[] = { "no", "yes", "indirect", "large", NULL };
static const char *const books_words[] = {
	"right", "mmio-over-present", "reuse-gfn", "reuse-role", NULL
};
static const char *const free_words[] = { "ipi", "rcu", "typesafe", "at-once", NULL };
static const char *const harvest_words[] = { "walk", "mmu-lock", NULL };
static const char *const recycle_words[] = { "none", "one-by-one", "bulk", NULL };
static const char *const recycle_order_words[] = { "before-mark", "after-mark", NULL };
static const char *const invalidate_words[] = {
	"none", "retry", "count-only", "ignore", NULL
};
static const char *const yes_no_words[] = { "yes", "no", NULL };
static const char *const loop_words[] = { "once", "forever", NULL };

const struct key scenario_keys[] = {
	{ "scenario", "title", KEY_TEXT, "", PLAN(title), .help = "a few words" },
	{ "scenario", "question", KEY_TEXT, "", PLAN(question),
	  .help = "one sentence: what question this puts to the test" },
	{ "scenario", "walkers", KEY_WORD, "yes", PLAN(walkers_none), .words = walkers_words,
	  .help = "none: no task walks, on purpose" },
	{ "scenario", "strategy", KEY_NAME, "random", PLAN(strategy), NAMES(strategies),
	  .help = "who chooses the interleaving" },
	{ "algorithm", "name", KEY_OWN, NULL,
	  .help = "the way of keeping and walking an rmap; its parameters follow as keys" },
	{ "memory", "model", KEY_NAME, "sc", PLAN(model), NAMES(models),
	  .help = "the memory model" },
	{ "memory", "store-buffer", KEY_UINT, "8", 1, 64, PLAN(store_buffer),
	  .help = "stores of one vCPU that may wait (models tso, pso, weak)" },
	{ "memory", "history", KEY_UINT, "4", 1, 64, PLAN(history),
	  .help = "values of a location that can still be loaded (model weak)" },
	{ "memory", "sync", KEY_WORD, "operation", PLAN(sync_none), .words = sync_words,
	  .help = "whether each operation begins by seeing all that has drained (model weak)" },
	{ "memory", "drain-weight", KEY_UINT, "1", 1, 1000, PLAN(drain_weight),
	  .help = "strategy random: a task's event is so many times as likely as a drain" },
	{ "memory", "pte-list-ext", KEY_UINT, "3", 1, 64, PLAN(pte_list_ext),
	  .help = "spte slots of a descriptor (3 in 2013, 14 today)" },
	{ "memory", "address-bits", KEY_ONE_OF, "48", PLAN(address_bits), .words = address_words,
	  .help = "bits of a virtual address" },
	{ "memory", "rmaps", KEY_UINT, "1", 1, 64, PLAN(nr_rmaps),
	  .help = "how many there are: rmap0 and up" },
	{ "memory", "sptes", KEY_UINT, "16", 1, 1024, PLAN(nr_sptes),
	  .help = "how many there are: spte0 and up" },
	{ "memory", "descs", KEY_OWN, NULL, 0, DESCS_MAX, PLAN(nr_descs),
	  .help = "descriptors in the slab's pool; default: as many as can be needed at once" },
	{ "memory", "short", KEY_WORD, "nothing", PLAN(runs_short), .words = short_words,
	  .later = TRUE, .help = "what guests' faults may find none of: memory.descs may be fewer "
	  "than can be needed, or there are no more shadow pages than tables" },
	{ "memory", "reuse", KEY_WORD, "lifo", PLAN(reuse), .words = reuse_words,
	  .help = "which freed descriptor is handed out next" },
	{ "memory", "slab-pages", KEY_WORD, "keep", PLAN(slab_return), .words = pages_words,
	  .later = TRUE, .help = "whether a page whose descriptors are all free may go back to the "
	  "system after a grace period, though they are type-safe" },
	{ "memory", "slab-page-objects", KEY_UINT, "1", 1, DESCS_MAX, PLAN(slab_page_objects),
	  .later = TRUE, .help = "descriptors in a page that may go back" },
	{ "memory", "recycle-threshold", KEY_UINT, "1000", 0, 1024, PLAN(recycle_threshold),
	  .help = "entries of an rmap above which the operation recycle zaps it, or, by "
		  "kvm.recycle, a fault that adds one more" },
	{ "memory", "cache", KEY_UINT, "0", 0, KVM_CACHE_MAX, PLAN(cache_objs),
	  .help = "descriptors that each vCPU's cache is topped up to" },
	{ "memory", "alloc-zero", KEY_WORD, "no", PLAN(alloc_zero), .words = no_yes_words,
	  .help = "zero them when the cache is topped up, outside mmu_lock" },
	{ "memory", "setup", KEY_OWN, NULL,
	  .help = "a program of adds and removes, done before the tasks start" },
	{ "kvm", "dirty-order", KEY_WORD, "last", PLAN(dirty_order), .words = order_words,
	  .help = "when a fault marks its page: last, between spte and rmap entry, or first" },
	{ "kvm", "dirty-set", KEY_WORD, "set", PLAN(dirty_set), .words = set_words,
	  .help = "how a page is marked" },
	{ "kvm", "harvest", KEY_WORD, "walk", PLAN(harvest_locked), .words = harvest_words,
	  .help = "what a harvest and aging hold: what the algorithm's walk does, or mmu_lock "
		  "throughout" },
	{ "kvm", "write-protect", KEY_WORD, "cmpxchg", PLAN(write_protect),
	  .words = protect_words, .help = "how a harvest changes an spte" },
	{ "kvm", "flush", KEY_WORD, "needed", PLAN(flush), .words = flush_words,
	  .help = "when a harvest flushes: if it has protected an spte, always, if one of the "
		  "page's own, never" },
	{ "kvm", "fast-fault", KEY_WORD, "no", PLAN(fast_fault), .words = fast_words,
	  .help = "whether a page that is read-only for the log becomes writable without "
		  "mmu_lock; also by sptes of pages that are not direct, or large ones" },
	{ "kvm", "handshake", KEY_WORD, "full", PLAN(handshake), .words = handshake_words,
	  .help = "barriers between a vCPU that enters the guest, leaves it, or reads shadow "
		  "pages, and one that flushes" },
	{ "kvm", "shadow-pages", KEY_UINT, "0", 0, 128, PLAN(shadow_pages),
	  .later = TRUE,
	  .help = "page tables of the guest, over which the sptes are spread; each is shadowed by "
		  "a page that comes and goes. 0: sptes are always there" },
	{ "kvm", "page-role", KEY_WORD, "shadowing", PLAN(page_role), .words = role_words,
	  .later = TRUE,
	  .help = "shadow pages map what the guest's tables say, or consecutive pages" },
	{ "kvm", "free", KEY_WORD, "ipi", PLAN(free), .words = free_words,
	  .later = TRUE, .help = "what the freeing of a shadow page waits for" },
	{ "kvm", "bookkeeping", KEY_WORD, "right", PLAN(bookkeeping), .words = books_words,
	  .later = TRUE,
	  .help = "what KVM does where an spte, or what a shadow page is for, changes" },
	{ "kvm", "mmio", KEY_UINT, "0", 0, 63, PLAN(mmio),
	  .later = TRUE, .help = "pages, the last ones, that belong to no memslot" },
	{ "kvm", "recycle", KEY_WORD, "none", PLAN(recycle), .words = recycle_words,
	  .later = TRUE, .help = "how a fault zaps all sptes of a page that has more than "
		  "memory.recycle-threshold beside the new one" },
	{ "kvm", "recycle-order", KEY_WORD, "before-mark", PLAN(recycle_order),
	  .words = recycle_order_words,
	  .later = TRUE,
	  .help = "whether it does so before it marks the page (dirty-order = last)" },
	{ "kvm", "invalidate", KEY_WORD, "none", PLAN(invalidate), .words = invalidate_words,
	  .later = TRUE,
	  .help = "whether a fault looks up the host's page before it takes mmu_lock (else with "
		  "it, none), and what it does if the page is unmapped meanwhile" },
	{ "kvm", "unmap-flush", KEY_WORD, "yes", PLAN(unmap_no_flush), .words = yes_no_words,
	  .later = TRUE, .help = "whether an unmap flushes" },
	{ "machine", "lock", KEY_WORD, "fifo", PLAN(lock_fifo), .words = lock_words,
	  .help = "who of those that wait for mmu_lock gets it" },
	{ "machine", "lock-type", KEY_WORD, "spinlock", PLAN(lock_rw), .words = lock_type_words,
	  .help = "what mmu_lock is" },
	{ "machine", "spin", KEY_WORD, "await", PLAN(spin_real), .words = spin_words,
	  .help = "cpu_relax waits until something that was read changes, or spins for real" },
	{ "machine", "preempt", KEY_WORD, "no", PLAN(preempt), .words = no_yes_words,
	  .later = TRUE,
	  .help = "whether the host takes vCPUs off their CPU, wherever they stand (run only)" },
	{ "machine", "preempt-points", KEY_UINT, "1000", 1, 1000000000, PLAN(preempt_points),
	  .later = TRUE, .help = "for how long: so many points of the others and the system" },
	{ "machine", "preempt-every", KEY_UINT, "100", 2, 1000000000, PLAN(preempt_every),
	  .later = TRUE, .help = "how often: once in so many points, on average" },
	{ "task", "count", KEY_UINT, "1", 1, 512, TASK(count),
	  .help = "copies, one vCPU each, named NAME.0, NAME.1, ..." },
	{ "task", "loop", KEY_WORD, "once", TASK(forever), .words = loop_words,
	  .help = "do it once or for ever" },
	{ "task", "program", KEY_OWN, NULL, .help = "operations in order" },
	{ "task", "mix", KEY_OWN, NULL,
	  .help = "operations with weights, drawn; not beside a program" },
	{ "task", "operations", KEY_OWN, "10", 0, 1000000,
	  .help = "of a mix: how many are drawn; 0 if it loops for ever" },
	{ "task", "rmaps", KEY_OWN, NULL, .help = "of a mix: which it works on; default: all" },
	{ "task", "pool", KEY_OWN, NULL, .help = "of a mix: its sptes, split evenly among copies" },
	{ "check", "pass-steps", KEY_U64, "0", 0, COUNT_MAX, PLAN(pass_steps_max),
	  .help = "bound on the steps of one pass, for the check termination; 0: none" },
	{ "check", "restarts", KEY_U64, "0", 0, COUNT_MAX, PLAN(restarts_max),
	  .help = "bound on the restarts of one walk, for the check termination; 0: none" },
	{ "limits", "events", KEY_U64, "0", 0, COUNT_MAX, PLAN(events_max),
	  .help = "points of one run; 0: no limit" },
	{ "limits", "operations", KEY_U64, "0", 0, COUNT_MAX, PLAN(operations_max),
	  .help = "operations of one run; 0: no limit" },
	{ "limits", "hang", KEY_UINT, "10", 1, 3600, PLAN(hang_seconds),
	  .help = "seconds after which a task that announces nothing is a violation" },
	{ "expect", NULL, KEY_OWN, NULL, .help = "COMMAND.MODEL = VERDICTS" },
	{ "sweep", NULL, KEY_OWN, NULL, .help = "GROUP.KEY = VALUES" },
	{ NULL, NULL, KEY_OWN, NULL, .help = NULL },
};

const char *keys_group(const char *name)
{
	const struct key *key;

	if (g_str_has_prefix(name, "task "))
		return "task";
	for (key = scenario_keys; key->group; key++) {
		if (!strcmp(key->group, name) && strcmp(name, "task"))
			return key->group;
	}
	return NULL;
}

const struct key *keys_find(const char *group, const char *name)
{
	const struct key *key;

	for (key = scenario_keys; key->group; key++) {
		if (key->name && !strcmp(key->group, group) && !strcmp(key->name, name))
			return key;
	}
	return NULL;
}

char *keys_names(const char *group)
{
	GString *s = g_string_new(NULL);
	const struct key *key;

	for (key = scenario_keys; key->group; key++) {
		if (key->name && !strcmp(key->group, group))
			g_string_append_printf(s, "%s%s", s->len ? ", " : "", key->name);
	}
	return g_string_free(s, FALSE);
}

gboolean keys_number(const char *text, gint64 min, gint64 max, gint64 *value)
{
	const char *digits = text + (min < 0 && *text == '-');
	gint64 n;

	/* 18 digits cannot overflow. */
	if (!*digits || digits[strspn(digits, "0123456789")] || strlen(digits) > 18)
		return FALSE;
	n = g_ascii_strtoll(text, NULL, 10);
	if (n < min || n > max)
		return FALSE;
	*value = n;
	return TRUE;
}

int keys_word(const char *const *words, const char *text)
{
	int i;

	for (i = 0; words && words[i]; i++) {
		if (!strcmp(words[i], text))
			return i;
	}
	return -1;
}

static const char *const *name_list(const struct key *key, const struct scenario_vocabulary *voc)
{
	return G_STRUCT_MEMBER(const char *const *, voc, key->names);
}

/* FALSE: not valid, nothing set. */
static gboolean parse_value(const struct key *key, const char *text,
			    const struct scenario_vocabulary *voc, void *base)
{
	void *field = G_STRUCT_MEMBER_P(base, key->offset);
	gint64 n;

	switch (key->type) {
	case KEY_NAME:
		if (keys_word(name_list(key, voc), text) < 0)
			return FALSE;
		/* fall through */
	case KEY_TEXT:
		if (strlen(text) > TEXT_MAX)
			return FALSE;
		g_free(*(char **)field);
		*(char **)field = g_strdup(text);
		return TRUE;
	case KEY_UINT:
	case KEY_U64:
		if (!keys_number(text, key->min, key->max, &n))
			return FALSE;
		if (key->type == KEY_UINT)
			*(guint *)field = n;
		else
			*(guint64 *)field = n;
		return TRUE;
	case KEY_WORD:
		n = keys_word(key->words, text);
		if (n >= 0)
			*(int *)field = n;
		return n >= 0;
	case KEY_ONE_OF:
		if (keys_word(key->words, text) < 0)
			return FALSE;
		*(guint *)field = g_ascii_strtoull(text, NULL, 10);
		return TRUE;
	case KEY_OWN:
		break;
	}
	return TRUE;
}

/* What would be valid; free it. */
static char *valid_values(const struct key *key, const struct scenario_vocabulary *voc)
{
	if (key->type == KEY_UINT || key->type == KEY_U64)
		return g_strdup_printf("a number in %" G_GUINT64_FORMAT "..%" G_GUINT64_FORMAT,
				       key->min, key->max);
	if (key->type == KEY_TEXT)
		return g_strdup_printf("a text of at most %d bytes", TEXT_MAX);
	return g_strjoinv(", ", (char **)(key->type == KEY_NAME ? name_list(key, voc) :
					  key->words));
}

gboolean keys_read(const struct keyfile *kf, const char *group,
		   const struct keyfile_group *source, const struct scenario_vocabulary *voc,
		   void *base, GError **error)
{
	const struct keyfile_entry *entry;
	const struct key *key;
	char *valid;

	for (key = scenario_keys; key->group; key++) {
		if (strcmp(key->group, group) || key->type == KEY_OWN)
			continue;
		entry = keyfile_entry(source, key->name);
		if (parse_value(key, entry ? entry->value : key->def, voc, base))
			continue;
		valid = valid_values(key, voc);
		if (entry)
			keyfile_error_entry(error, SCENARIO_ERROR_VALUE, kf, entry, "valid: %s",
					    valid);
		else
			keyfile_error_group(error, SCENARIO_ERROR_VALUE, kf, source, "%s is "
					    "missing and its default %s is not known; valid: %s",
					    key->name, key->def, valid);
		g_free(valid);
		return FALSE;
	}
	return TRUE;
}

void keys_print(GString *out, const struct key *key, const void *base)
{
	const void *field = (const char *)base + key->offset;

	switch (key->type) {
	case KEY_TEXT:
	case KEY_NAME:
		g_string_append(out, *(char *const *)field);
		break;
	case KEY_UINT:
	case KEY_ONE_OF:
		g_string_append_printf(out, "%u", *(const guint *)field);
		break;
	case KEY_U64:
		g_string_append_printf(out, "%" G_GUINT64_FORMAT, *(const guint64 *)field);
		break;
	case KEY_WORD:
		g_string_append(out, key->words[*(const int *)field]);
		break;
	case KEY_OWN:
		break;
	}
}
