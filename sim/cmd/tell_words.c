/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transitions in words; see tell_words.h. */
#include <string.h>
#include "output/trace.h"
#include "sim/cmd/tell_words.h"

#define WORDS_MAX	256
#define B		TRACE_BREAK

static bool begins(const struct trace_record *rec)
{
	return rec->message && !strcmp(rec->message, "begins");
}

bool tell_is_point(const struct trace_record *rec)
{
	const struct sim_event *ev = &rec->event;

	if (ev->kind == EV_PREEMPT)
		return ev->operand > 0;
	return !rec->violation && !begins(rec) && !rec->unasked && ev->kind < EV_UNASKED;
}

static char *operation(const struct plan_op *op)
{
	switch (op->kind) {
	case PLAN_OP_ADD:
		return g_strdup_printf("add spte%u to rmap%u", op->spte, op->rmap);
	case PLAN_OP_REMOVE:
		return g_strdup_printf("remove spte%u from rmap%u", op->spte, op->rmap);
	case PLAN_OP_ZAP_ALL:
		return g_strdup_printf("zap all of rmap%u", op->rmap);
	case PLAN_OP_RECYCLE:
		return g_strdup_printf("recycle rmap%u", op->rmap);
	case PLAN_OP_MARK_DIRTY:
		return g_strdup_printf("mark rmap%u dirty", op->rmap);
	case PLAN_OP_GUEST_WRITE:
		return g_strdup_printf("guest writes to page %u by spte%u", op->rmap, op->spte);
	case PLAN_OP_ZAP_SPTE:
		return g_strdup_printf("zap spte%u", op->spte);
	case PLAN_OP_UNMAP:
		return g_strdup_printf("unmap page %u", op->rmap);
	case PLAN_OP_AGE:
		return g_strdup_printf("age page %u", op->rmap);
	case PLAN_OP_GET_DIRTY_LOG:
		return g_strdup("get dirty log");
	case PLAN_OP_ZAP_PAGE:
		return g_strdup_printf("zap the page of table %u", op->spte);
	case PLAN_OP_SET_TABLE:
		return g_strdup_printf("guest's table %u lies in page %u now", op->spte, op->rmap);
	case PLAN_OP_SET_LARGE:
		return g_strdup_printf("guest's table %u is a large page from page %u now",
				       op->spte, op->rmap);
	default:
		return g_strdup_printf(op->stop_after ? "walk rmap%u to the first spte" :
				       "walk rmap%u", op->rmap);
	}
}

static const char *outcome(const struct plan_op *op, uint64_t result)
{
	static const char *const walks[] = {
		[RMAP_WALK_COMPLETE] = ", complete",
		[RMAP_WALK_STOPPED] = ", stopped by visit",
		[RMAP_WALK_GIVEN_UP] = ", given up",
	};

	if (op->kind == PLAN_OP_WALK)
		return result < G_N_ELEMENTS(walks) ? walks[result] : ", with an unknown result";
	if (result == (uint64_t)-EEXIST || result == (uint64_t)-ENOENT)
		return ", nothing to do";
	return op->kind == PLAN_OP_ADD && result ? ", failed" : "";
}

static char *operation_words(const struct trace_record *rec)
{
	char *op = operation(&rec->op);
	char *words;

	if (begins(rec))
		words = g_strdup_printf("[%s begins]", op);
	else
		words = g_strdup_printf("[%s ends%s]", op, outcome(&rec->op, rec->event.operand));
	g_free(op);
	return words;
}

/* The object whole, where an address stands for all of it: "desc2", not "desc2.more". */
static const char *whole_name(const struct engine *e, uint64_t addr, char *buf, size_t len)
{
	engine_name(e, (const void *)addr, buf, len);
	buf[strcspn(buf, ".")] = 0;
	return buf;
}

const char *tell_object(const struct engine *e, const struct trace_record *rec, char *buf,
			size_t len)
{
	const struct sim_event *ev = &rec->event;

	buf[0] = 0;
	if (ev->kind == EV_MARK)
		return buf;
	if (ev->kind == EV_ALLOC)
		return rec->value ? whole_name(e, rec->value, buf, len) : buf;
	if (ev->kind == EV_FREE || ev->kind == EV_FREE_RCU || ev->kind == EV_GRACE)
		return whole_name(e, (uint64_t)ev->addr, buf, len);
	return ev->addr ? engine_name(e, ev->addr, buf, len) : buf;
}

/* A word that may have changed: "WRITE_ONCE rmap0.head: desc1 | MANY -> desc2 | MANY". */
static char *change_words(const struct engine *e, const struct trace_record *rec,
			  const char *head, uint64_t after)
{
	char before_words[WORDS_MAX], after_words[WORDS_MAX];
	const void *addr = rec->event.addr;

	return g_strdup_printf("%s:" B "%s" B "-> %s", head,
			       engine_value(e, addr, rec->before, before_words, WORDS_MAX),
			       engine_value(e, addr, after, after_words, WORDS_MAX));
}

static char *cmpxchg_words(const struct engine *e, const struct trace_record *rec,
			   const char *head)
{
	const struct sim_event *ev = &rec->event;
	char found[WORDS_MAX], wanted[WORDS_MAX];

	if (rec->value == ev->expected)
		return change_words(e, rec, head, ev->operand);
	return g_strdup_printf("%s" B "finds %s," B "not %s: fails", head,
			       engine_value(e, ev->addr, rec->value, found, WORDS_MAX),
			       engine_value(e, ev->addr, ev->expected, wanted, WORDS_MAX));
}

/* What was loaded, and what memory holds if that is something else: a store waits, or it is old. */
static char *load_words(const struct engine *e, const struct trace_record *rec, const char *head)
{
	const void *addr = rec->event.addr;
	char value[WORDS_MAX], memory[WORDS_MAX];

	engine_value(e, addr, rec->value, value, WORDS_MAX);
	if (rec->value == rec->before)
		return g_strdup_printf("%s" B "= %s", head, value);
	return g_strdup_printf("%s" B "= %s" B "(memory: %s)", head, value,
			       engine_value(e, addr, rec->before, memory, WORDS_MAX));
}

static char *access_words(const struct engine *e, const struct trace_record *rec, const char *head)
{
	const struct sim_event *ev = &rec->event;
	char value[WORDS_MAX];

	switch (ev->kind) {
	case EV_LOAD:
		return load_words(e, rec, head);
	case EV_STORE:
		if (!rec->waits)
			break;
		return g_strdup_printf("%s" B "= %s," B "which waits", head,
				       engine_value(e, ev->addr, rec->value, value, WORDS_MAX));
	case EV_CMPXCHG:
		return cmpxchg_words(e, rec, head);
	case EV_ADD:
		return change_words(e, rec, head, rec->before + ev->operand);
	case EV_OR:
		return change_words(e, rec, head, rec->before | ev->operand);
	case EV_AND:
		return change_words(e, rec, head, rec->before & ev->operand);
	default:
		break;
	}
	return change_words(e, rec, head, ev->operand);
}

/* It was told already when it entered the buffer; now all can see it. */
static char *drain_words(const struct engine *e, const struct trace_record *rec)
{
	char name[WORDS_MAX], head[WORDS_MAX];

	g_snprintf(head, sizeof(head), "drains: %s",
		   engine_name(e, rec->event.addr, name, sizeof(name)));
	return change_words(e, rec, head, rec->event.operand);
}

static char *choice_words(const struct trace_record *rec)
{
	char *op = operation(&rec->op);
	char *words = g_strdup_printf("chooses:" B "%s", op);

	g_free(op);
	return words;
}

static char *point_words(const struct engine *e, const struct trace_record *rec)
{
	const struct sim_event *ev = &rec->event;
	char name[WORDS_MAX], head[WORDS_MAX];

	engine_event_words(e, ev, head, sizeof(head));
	switch (ev->kind) {
	case EV_LOAD:
	case EV_STORE:
	case EV_XCHG:
	case EV_CMPXCHG:
	case EV_ADD:
	case EV_OR:
	case EV_AND:
		return access_words(e, rec, head);
	case EV_DRAIN:
		return drain_words(e, rec);
	case EV_OP:
		return choice_words(rec);
	case EV_UNLOCK:
		return g_strdup_printf("%s%s", head, rec->waits ? ", which waits" : "");
	case EV_LOCK_WAIT:
		return g_strdup_printf("%s" B "%s", head, rec->message ? "queues" : "gets it");
	case EV_TRYLOCK:
		return g_strdup_printf("%s" B "= %s", head, rec->value ? "taken" : "not taken");
	case EV_ALLOC:
		return g_strdup_printf("%s" B "= %s", head, !rec->value ? "NULL" :
				       whole_name(e, rec->value, name, sizeof(name)));
	case EV_GRACE:
		whole_name(e, (uint64_t)ev->addr, name, sizeof(name));
		if (rec->message)
			return g_strdup_printf("a grace period ends:" B "[softirq: %s(%s)" B
					       "begins]", rec->message, name);
		return g_strdup_printf(ev->operand ? "a grace period ends:" B "%s's page goes" :
				       "a grace period ends:" B "%s is free", name);
	case EV_FREE:
	case EV_FREE_RCU:
		return g_strdup_printf("%s %s", ev->site ? ev->site->what : "free",
				       whole_name(e, (uint64_t)ev->addr, name, sizeof(name)));
	default:
		return g_strdup(head);
	}
}

static char *note_words(const struct engine *e, const struct trace_record *rec)
{
	char name[WORDS_MAX];

	switch (rec->event.kind) {
	case EV_OP_NEXT:
		return operation_words(rec);
	case EV_REMOVE_BEGIN:
		return g_strdup_printf("remove of %s is called",
				       engine_name(e, rec->event.addr, name, sizeof(name)));
	case EV_VISIT:
		return g_strdup_printf("visits %s",
				       engine_name(e, rec->event.addr, name, sizeof(name)));
	case EV_ZAP_BEGIN:
		return g_strdup_printf("all of rmap%u goes", rec->op.rmap);
	case EV_RESTART:
		return g_strdup("restarts: a new pass");
	case EV_SLOW_PATH:
		return g_strdup("takes the slow path");
	default:
		return NULL;
	}
}

static char *preempt_words(const struct engine *e, const struct trace_record *rec)
{
	const char *name = engine_task_name(e, rec->task);

	if (!rec->event.operand)
		return g_strdup_printf("%s has its CPU back", name);
	return g_strdup_printf("%s is preempted" B "for %" G_GUINT64_FORMAT " points", name,
			       rec->event.operand);
}

static char *plain_words(const struct engine *e, const struct trace_record *rec)
{
	if (rec->event.kind == EV_PREEMPT)
		return preempt_words(e, rec);
	if (begins(rec))
		return operation_words(rec);
	return rec->event.kind < EV_UNASKED ? point_words(e, rec) : note_words(e, rec);
}

/* It stands in the column of its CPU's task. */
char *tell_words(const struct engine *e, const struct trace_record *rec)
{
	char *words = plain_words(e, rec), *plain = words;

	if (!rec->softirq || !words)
		return words;
	words = g_strdup_printf("softirq: %s", plain);
	g_free(plain);
	return words;
}
