/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs, mixes and lists: reading and printing. */
#include <string.h>
#include "keys.h"
#include "program.h"

#define OPERATIONS "add SPTE RMAP, add SPTE..N RMAP, remove SPTE RMAP, walk RMAP, " \
		   "walk-first RMAP, zap-all RMAP, recycle RMAP, mark-dirty RMAP, " \
		   "guest-write SPTE RMAP, zap-spte SPTE, unmap RMAP, age RMAP, get-dirty-log, " \
		   "zap-page TABLE, set-table TABLE RMAP, set-large TABLE RMAP, map-large TABLE"

static const char *const op_words[] = {
	[PLAN_OP_ADD] = "add", [PLAN_OP_REMOVE] = "remove", [PLAN_OP_WALK] = "walk",
	[PLAN_OP_ZAP_ALL] = "zap-all", [PLAN_OP_RECYCLE] = "recycle",
	[PLAN_OP_MARK_DIRTY] = "mark-dirty", [PLAN_OP_GUEST_WRITE] = "guest-write",
	[PLAN_OP_ZAP_SPTE] = "zap-spte", [PLAN_OP_UNMAP] = "unmap", [PLAN_OP_AGE] = "age",
	[PLAN_OP_GET_DIRTY_LOG] = "get-dirty-log", [PLAN_OP_ZAP_PAGE] = "zap-page",
	[PLAN_OP_SET_TABLE] = "set-table", [PLAN_OP_SET_LARGE] = "set-large",
	[PLAN_OP_MAP_LARGE] = "map-large", NULL
};

#define WALK_FIRST "walk-first"	/* a walk whose visit stops it at the first spte */

struct range {
	guint first, last;
};

static gboolean names_spte(enum plan_op_kind kind)
{
	return plan_op_has_spte(kind) || kind == PLAN_OP_GUEST_WRITE || kind == PLAN_OP_ZAP_SPTE;
}

/* An spte or a table: what can be a range, and is the first that is named. */
static gboolean names_range(enum plan_op_kind kind)
{
	return names_spte(kind) || plan_op_has_table(kind);
}

static gboolean names_rmap(enum plan_op_kind kind)
{
	return kind != PLAN_OP_ZAP_SPTE && kind != PLAN_OP_GET_DIRTY_LOG &&
	       kind != PLAN_OP_ZAP_PAGE && kind != PLAN_OP_MAP_LARGE;
}

/* Operations whose objects can be drawn. */
static gboolean fits_mix(int kind)
{
	return kind <= PLAN_OP_WALK || (plan_op_is_of_kvm(kind) && kind <= PLAN_OP_ZAP_PAGE);
}

const char *op_word(enum plan_op_kind kind)
{
	return op_words[kind];
}

/* Say why; the offending text comes first. */
static gboolean wrong(char **why, const char *text, const char *fmt, ...) G_GNUC_PRINTF(3, 4);

static gboolean wrong(char **why, const char *text, const char *fmt, ...)
{
	char *quoted = keyfile_quote(text, -1), *what;
	va_list ap;

	va_start(ap, fmt);
	what = g_strdup_vprintf(fmt, ap);
	va_end(ap);
	*why = g_strdup_printf("\"%s\" %s", quoted, what);
	g_free(quoted);
	g_free(what);
	return FALSE;
}

/* At most 9 digits at *p, which moves on. */
static gboolean read_digits(const char **p, guint *n)
{
	gsize len = strspn(*p, "0123456789");

	if (!len || len > 9)
		return FALSE;
	*n = g_ascii_strtoull(*p, NULL, 10);
	*p += len;
	return TRUE;
}

/* That says how many there are. */
static const char *key_of(const char *prefix)
{
	if (!strcmp(prefix, "spte"))
		return "memory.sptes";
	return strcmp(prefix, "rmap") ? "kvm.shadow-pages" : "memory.rmaps";
}

/* "spte3" or "spte3..7" */
static gboolean read_range(const char *text, const char *prefix, guint limit, struct range *r,
			   char **why)
{
	const char *p = text;

	if (!g_str_has_prefix(p, prefix))
		goto fail;
	p += strlen(prefix);
	if (!read_digits(&p, &r->first))
		goto fail;
	r->last = r->first;
	if (g_str_has_prefix(p, "..")) {
		p += 2;
		if (!read_digits(&p, &r->last) || r->last < r->first)
			goto fail;
	}
	if (!*p && r->last < limit)
		return TRUE;
fail:
	if (!limit)
		return wrong(why, text, "is no %s, there are none; valid: none, or "
			     "kvm.shadow-pages above 0", prefix);
	return wrong(why, text, "is no %s; valid: %s0..%s%u (%s = %u), ranges as %s0..%u", prefix,
		     prefix, prefix, limit - 1, key_of(prefix), limit, prefix, limit - 1);
}

/* Words between blanks, at most max; n = max + 1 says that there are more. */
static guint split_words(char *text, char **words, guint max)
{
	char *p = text;
	guint n = 0;

	for (;;) {
		p += strspn(p, " \t");
		if (!*p)
			return n;
		if (n == max)
			return max + 1;
		words[n++] = p;
		p += strcspn(p, " \t");
		if (*p)
			*p++ = '\0';
	}
}

static gboolean read_op(const char *item, const struct plan *plan, struct plan_op *op,
			struct range *sptes, char **why)
{
	char *copy = g_strdup(item), *words[3];
	guint n = split_words(copy, words, 3), wanted;
	struct range rmap = { 0, 0 };
	gboolean ok = FALSE;
	gboolean first = n && !strcmp(words[0], WALK_FIRST);
	int kind = first ? PLAN_OP_WALK : n ? keys_word(op_words, words[0]) : -1;

	wanted = 1 + (kind < 0 || names_range(kind)) + (kind < 0 || names_rmap(kind));
	if (kind < 0 || n != wanted) {
		wrong(why, item, "is no operation; valid: %s", OPERATIONS);
		goto out;
	}
	*sptes = (struct range){ 0, 0 };
	if (names_spte(kind) && !read_range(words[1], "spte", plan->nr_sptes, sptes, why))
		goto out;
	if (plan_op_has_table(kind) &&
	    !read_range(words[1], "table", plan->shadow_pages, sptes, why))
		goto out;
	if (names_rmap(kind) && !read_range(words[wanted - 1], "rmap", plan->nr_rmaps, &rmap, why))
		goto out;
	if (rmap.first != rmap.last) {
		wrong(why, item, "names several rmaps; valid: one");
		goto out;
	}
	*op = (struct plan_op){ .kind = kind, .rmap = rmap.first, .stop_after = first };
	ok = TRUE;
out:
	g_free(copy);
	return ok;
}

/* Add one item's operations to ops. */
static gboolean expand_item(const char *item, const struct plan *plan, GArray *ops, char **why)
{
	struct range sptes;
	struct plan_op op;

	if (!read_op(item, plan, &op, &sptes, why))
		return FALSE;
	if (ops->len + (sptes.last - sptes.first + 1) > PROGRAM_OPS_MAX)
		return wrong(why, item, "makes the program too long; valid: at most %d operations",
			     PROGRAM_OPS_MAX);
	for (op.spte = sptes.first; op.spte <= sptes.last; op.spte++)
		g_array_append_val(ops, op);
	return TRUE;
}

/*
 * The next item of *p, which moves on; NULL at the end. A separator may stand
 * at the very end too.
 */
static char *next_item(char **p, char separator)
{
	char *item = *p, *end;

	if (!item || !item[strspn(item, " \t")])
		return NULL;
	end = strchr(item, separator);
	if (end)
		*end++ = '\0';
	*p = end;
	return g_strstrip(item);
}

gboolean program_read(const char *text, const struct plan *plan, struct plan_op **ops, guint *n,
		      char **why)
{
	GArray *array = g_array_new(FALSE, TRUE, sizeof(struct plan_op));
	char *copy = g_strdup(text), *p = copy, *item;
	gboolean ok = TRUE;
	guint items = 0;

	while (ok && (item = next_item(&p, ';'))) {
		if (++items > PROGRAM_ITEMS_MAX)
			ok = wrong(why, item, "is one operation too many; valid: at most %d "
				   "between semicolons", PROGRAM_ITEMS_MAX);
		else
			ok = expand_item(item, plan, array, why);
	}
	g_free(copy);
	*n = ok ? array->len : 0;
	*ops = (struct plan_op *)(void *)g_array_free(array, !ok);
	return ok;
}

/* Runs of the same operation on consecutive sptes are one item. */
void program_print(GString *out, const struct plan_op *ops, guint n)
{
	guint i, last;

	for (i = 0; i < n; i = last + 1) {
		last = i;
		g_string_append_printf(out, "%s%s", i ? "; " : "",
				       ops[i].stop_after ? WALK_FIRST : op_word(ops[i].kind));
		if (!names_range(ops[i].kind)) {
			if (names_rmap(ops[i].kind))
				g_string_append_printf(out, " rmap%u", ops[i].rmap);
			continue;
		}
		while (last + 1 < n && ops[last + 1].kind == ops[i].kind &&
		       ops[last + 1].rmap == ops[i].rmap &&
		       ops[last + 1].spte == ops[last].spte + 1)
			last++;
		g_string_append_printf(out, " %s%u", names_spte(ops[i].kind) ? "spte" : "table",
				       ops[i].spte);
		if (last > i)
			g_string_append_printf(out, "..%u", ops[last].spte);
		if (names_rmap(ops[i].kind))
			g_string_append_printf(out, " rmap%u", ops[i].rmap);
	}
}

static gboolean read_mix_item(char *item, struct plan_mix_item *mix, char **why)
{
	char *copy = g_strdup(item), *words[2];
	guint n = split_words(copy, words, 2);
	int kind = n ? keys_word(op_words, words[0]) : -1;
	gint64 weight = 0;
	gboolean ok = n == 2 && kind >= 0 &&
		      fits_mix(kind) &&
		      keys_number(words[1], 1, MIX_WEIGHT_MAX, &weight);

	g_free(copy);
	if (!ok)
		return wrong(why, item, "is no part of a mix; valid: add N, remove N, walk N, "
			     "guest-write N, zap-spte N, unmap N, age N, get-dirty-log N, "
			     "zap-page N with weights 1..%d", MIX_WEIGHT_MAX);
	*mix = (struct plan_mix_item){ .kind = kind, .weight = weight };
	return TRUE;
}

gboolean mix_read(const char *text, struct plan_mix_item **items, guint *n, char **why)
{
	struct plan_mix_item mix[G_N_ELEMENTS(op_words)];
	char *copy = g_strdup(text), *p = copy, *item;
	gboolean ok = TRUE, seen[G_N_ELEMENTS(op_words)] = { FALSE };

	*n = 0;
	*items = NULL;
	while (ok && (item = next_item(&p, ';'))) {
		ok = read_mix_item(item, &mix[*n], why);
		if (ok && seen[mix[*n].kind])
			ok = wrong(why, item, "stands for an operation that the mix has already; "
				   "valid: each once");
		if (ok)
			seen[mix[(*n)++].kind] = TRUE;
	}
	if (ok && !*n)
		ok = wrong(why, text, "has no operation; valid: add N; remove N; walk N");
	if (ok)
		*items = g_memdup2(mix, *n * sizeof(mix[0]));
	g_free(copy);
	return ok;
}

void mix_print(GString *out, const struct plan_mix_item *items, guint n)
{
	guint i;

	for (i = 0; i < n; i++)
		g_string_append_printf(out, "%s%s %u", i ? "; " : "", op_word(items[i].kind),
				       items[i].weight);
}

/* seen: one byte a number. */
static gboolean append_range(GArray *array, const struct range *r, guint8 *seen, const char *item,
			     char **why)
{
	guint i;

	for (i = r->first; i <= r->last; i++) {
		if (seen[i])
			return wrong(why, item, "is in the list already; valid: each once");
		seen[i] = 1;
		g_array_append_val(array, i);
	}
	return TRUE;
}

gboolean list_read(const char *text, const char *prefix, guint limit, guint **numbers, guint *n,
		   char **why)
{
	GArray *array = g_array_new(FALSE, TRUE, sizeof(guint));
	char *copy = g_strdup(text), *p = copy, *item;
	guint8 *seen = g_new0(guint8, limit);
	gboolean ok = TRUE;
	struct range r;

	while (ok && (item = next_item(&p, ',')))
		ok = read_range(item, prefix, limit, &r, why) &&
		     append_range(array, &r, seen, item, why);
	if (ok && !array->len)
		ok = wrong(why, text, "is an empty list; valid: %s0..%u", prefix, limit - 1);
	g_free(seen);
	g_free(copy);
	*n = ok ? array->len : 0;
	*numbers = (guint *)(void *)g_array_free(array, !ok);
	return ok;
}

void list_print(GString *out, const char *prefix, const guint *numbers, guint n)
{
	guint i, last;

	for (i = 0; i < n; i = last + 1) {
		for (last = i; last + 1 < n && numbers[last + 1] == numbers[last] + 1;)
			last++;
		g_string_append_printf(out, "%s%s%u", i ? ", " : "", prefix, numbers[i]);
		if (last > i)
			g_string_append_printf(out, "..%u", numbers[last]);
	}
}
