/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The observer that tells a run; see tell.h. */
#include <stdio.h>
#include <string.h>
#include "sim/cmd/tell.h"
#include "sim/cmd/tell_words.h"

#define NAME_BYTES	256

void tell_begin(struct tell *t, struct engine *e, const struct tell_filter *filter)
{
	const struct plan *plan = engine_plan(e);
	guint i;

	*t = (struct tell){ .e = e, .filter = *filter };
	g_queue_init(&t->rows);
	t->names = g_new(const char *, plan->n_tasks);
	for (i = 0; i < plan->n_tasks; i++)
		t->names[i] = engine_task_name(e, i);
}

void tell_clear(struct tell *t)
{
	g_queue_clear_full(&t->rows, g_free);
	g_free(t->names);
}

/* "file:line" of code under test; where the simulator itself speaks there is none. */
static char *source_of(const struct trace_record *rec)
{
	const struct sim_site *site = rec->event.site;

	if (!site || !tell_is_point(rec) || g_str_has_prefix(site->file, "sim/"))
		return NULL;
	return g_strdup_printf("%s:%u", site->file, site->line);
}

/* "desc2" is desc2, desc2.more and desc2.sptes[1], but not desc20. */
static gboolean names_object(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);

	return !strncmp(name, prefix, n) && (!name[n] || name[n] == '.' || name[n] == '[');
}

static gboolean about_object(const struct tell *t, const struct trace_record *rec)
{
	char name[NAME_BYTES];

	if (rec->event.kind == EV_PREEMPT)
		return FALSE;
	if (tell_is_point(rec) || rec->event.kind == EV_VISIT || rec->event.kind == EV_REMOVE_BEGIN)
		return names_object(tell_object(t->e, rec, name, sizeof(name)), t->filter.object);
	g_snprintf(name, sizeof(name), "rmap%u", rec->op.rmap);
	if (names_object(name, t->filter.object))
		return TRUE;
	g_snprintf(name, sizeof(name), "spte%u", rec->op.spte);
	return plan_op_has_spte(rec->op.kind) && names_object(name, t->filter.object);
}

static gboolean passes(const struct tell *t, const struct trace_record *rec)
{
	const struct tell_filter *f = &t->filter;

	if (f->task >= 0 && rec->task != f->task)
		return FALSE;
	if (rec->point < f->from || rec->point > f->to)
		return FALSE;
	return !f->object || about_object(t, rec);
}

/* Takes text. */
static void give_out(struct tell *t, char *text)
{
	if (t->filter.last) {
		g_queue_push_tail(&t->rows, text);
		if (t->rows.length > t->filter.last)
			g_free(g_queue_pop_head(&t->rows));
		return;
	}
	fputs(text, stdout);
	if (t->flush)
		fflush(stdout);
	t->shown++;
	g_free(text);
}

static void tell_violation(struct tell *t, const struct trace_record *rec)
{
	char *title = g_strdup_printf("%s fires here, after point %" G_GUINT64_FORMAT, rec->check,
				      rec->point);

	tell_end(t);
	t->filter.last = 0;
	give_out(t, trace_alarm(&t->layout, title, rec->message));
	t->shown--;
	g_free(title);
}

static void tell_row(struct tell *t, const struct trace_record *rec)
{
	struct trace_row row = { .number = tell_is_point(rec) ? rec->point : 0 };
	char *words = tell_words(t->e, rec), *source;

	if (!words)
		return;
	t->seen++;
	if (passes(t, rec)) {
		source = source_of(rec);
		row.task = rec->task >= 0 ? (guint)rec->task : rec->cpu;
		row.text = words;
		row.source = source;
		give_out(t, trace_row_text(&t->layout, &row));
		g_free(source);
	}
	g_free(words);
}

static void tell_observe(const struct trace_record *rec, void *data)
{
	struct tell *t = data;
	char *source;

	if (t->measuring) {
		source = source_of(rec);
		t->source_width = MAX(t->source_width, source ? strlen(source) : 0);
		g_free(source);
	} else if (rec->violation) {
		tell_violation(t, rec);
	} else {
		tell_row(t, rec);
	}
}

void tell_measure(struct tell *t)
{
	t->measuring = TRUE;
	t->source_width = strlen("source");
	engine_observe(t->e, tell_observe, t);
}

void tell_aloud(struct tell *t, gboolean colour, gboolean flush)
{
	char *header;

	t->measuring = FALSE;
	t->flush = flush;
	trace_layout_init(&t->layout, t->names, engine_plan(t->e)->n_tasks, t->source_width,
			  colour);
	header = trace_header(&t->layout);
	fputs(header, stdout);
	g_free(header);
	engine_observe(t->e, tell_observe, t);
}

void tell_end(struct tell *t)
{
	char *text;

	while ((text = g_queue_pop_head(&t->rows))) {
		fputs(text, stdout);
		t->shown++;
		g_free(text);
	}
}
