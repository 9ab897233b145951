/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parent of a litmus test on hardware; see litmus.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include "sim/hw/child.h"
#include "sim/hw/litmus_run.h"

#define ITEMS_MAX	256u

static void add_item(GArray *items, struct litmus_item item)
{
	guint i;

	for (i = 0; i < items->len; i++) {
		const struct litmus_item *have = &g_array_index(items, struct litmus_item, i);

		if (have->proc == item.proc && have->number == item.number)
			return;
	}
	g_array_append_val(items, item);
}

static void add_prop(GArray *items, const struct litmus_prop *prop)
{
	unsigned int i;

	for (i = 0; i < prop->n; i++) {
		const struct litmus_prop_term *t = &prop->term[i];

		if (t->op == LITMUS_P_EQUAL || t->op == LITMUS_P_ITEMS_EQUAL)
			add_item(items, t->item);
		if (t->op == LITMUS_P_ITEMS_EQUAL)
			add_item(items, t->other);
	}
}

static GArray *find_items(const struct litmus_program *program)
{
	GArray *items = g_array_new(FALSE, FALSE, sizeof(struct litmus_item));

	g_array_append_vals(items, program->item, program->n_items);
	add_prop(items, &program->condition);
	add_prop(items, &program->filter);
	return items;
}

static gboolean refuse(GError **error, const struct litmus_program *program, const char *why)
{
	g_set_error(error, HW_ERROR, HW_ERROR_PLAN, "%s: %s", program->path, why);
	return FALSE;
}

gboolean hw_litmus_takes(const struct litmus_program *program, GError **error)
{
	GArray *items = find_items(program);
	guint n = items->len;
	unsigned int p, i;

	g_array_unref(items);
	if (n > ITEMS_MAX)
		return refuse(error, program, "more than 256 registers and locations in the "
			      "final state");
	for (p = 0; p < program->n_procs; p++) {
		for (i = 0; i < program->proc[p].n_insns; i++) {
			if (program->proc[p].insn[i].kind == LITMUS_SYNC_RCU)
				return refuse(error, program, "synchronize_rcu has no instruction: "
					      "grace periods are the kernel's, not the "
					      "hardware's");
		}
	}
	return TRUE;
}

struct parent {
	struct hw_litmus_child child;
	struct hw_litmus_result *result;
	pid_t pid;
	int status;
	gboolean killed;
};

static void parent_kill(struct parent *p, const char *why)
{
	kill(p->pid, SIGKILL);
	p->killed = TRUE;
	g_strlcpy(p->result->reason, why, sizeof(p->result->reason));
}

static void parent_stop(struct parent *p, double passed)
{
	p->result->limited |= p->child.opt->seconds_max > 0 &&
			      passed > p->child.opt->seconds_max;
	if (hw_signals_seen() || p->result->limited)
		__atomic_store_n(&p->child.shared->stop, 1, __ATOMIC_RELAXED);
	if (hw_signals_seen() > 1)
		parent_kill(p, "interrupted");
}

/* Until the child has ended; it is told to, and killed if it hangs. */
static void parent_wait(struct parent *p)
{
	const struct timespec pause = { .tv_nsec = HW_POLL_NS };
	double now, start = hw_now_s(), since = start;
	uint64_t rounds, seen = 0;
	gboolean lost;

	while (!hw_child_ended(p->pid, p->killed, &p->status, &lost) && !lost) {
		now = hw_now_s();
		rounds = __atomic_load_n(&p->child.shared->rounds, __ATOMIC_RELAXED);
		if (rounds != seen)
			since = now;
		seen = rounds;
		parent_stop(p, now - start);
		if (!p->killed && now - since > p->child.opt->hang_seconds)
			parent_kill(p, "a round does not come to its end: a lock that is never "
				    "free, or a loop that does not end");
		nanosleep(&pause, NULL);
	}
}

/* As herd7 orders states: by the first item, then the next. */
static int compare_states(const void *a, const void *b, void *data)
{
	const struct hw_litmus_child *child = data;
	const int64_t *one = a, *two = b;
	guint i;
	int c;

	for (i = 1; i <= child->n_items; i++) {
		c = litmus_value_compare(child->code->program,
					 hw_litmus_value(child->code, one[i]),
					 hw_litmus_value(child->code, two[i]));
		if (c)
			return c;
	}
	return 0;
}

struct state_of {
	const struct hw_litmus_result *result;
	guint state;
};

static struct litmus_value state_value(struct litmus_item item, void *data)
{
	const struct state_of *of = data;
	const struct hw_litmus_result *r = of->result;
	guint i;

	for (i = 0; i < r->n_items; i++) {
		if (r->item[i].proc == item.proc && r->item[i].number == item.number)
			return r->value[of->state * r->n_items + i];
	}
	return (struct litmus_value){ .number = 0 };
}

gboolean hw_litmus_state_holds(const struct litmus_program *program,
			       const struct hw_litmus_result *result, guint state)
{
	struct state_of of = { result, state };

	return litmus_holds(&program->condition, state_value, &of);
}

static void take_state(struct hw_litmus_result *r, const struct hw_litmus_code *code,
		       const int64_t *row)
{
	struct state_of of = { r, r->n_states };
	guint i;

	for (i = 0; i < r->n_items; i++)
		r->value[r->n_states * r->n_items + i] = hw_litmus_value(code, row[i + 1]);
	if (!litmus_holds(&code->program->filter, state_value, &of)) {
		r->filtered += row[0];
		return;
	}
	r->count[r->n_states++] = row[0];
}

static gboolean take_states(struct parent *p)
{
	struct hw_litmus_shared *sh = p->child.shared;
	struct hw_litmus_result *r = p->result;
	guint i, n = sh->n_states, width = p->child.n_items + 1;
	guint64 sum = 0;

	if (sh->magic != HW_LITMUS_MAGIC || n > HW_LITMUS_STATES)
		return FALSE;
	g_qsort_with_data(sh->table, n, width * sizeof(*sh->table), compare_states, &p->child);
	r->count = g_new0(guint64, MAX(n, 1));
	r->value = g_new0(struct litmus_value, (gsize)MAX(n, 1) * width);
	for (i = 0; i < n; i++) {
		take_state(r, p->child.code, sh->table + (size_t)i * width);
		sum += sh->table[(size_t)i * width];
	}
	return sum == r->rounds;
}

/* FALSE: there is no result, only an error. */
static gboolean take_result(struct parent *p, GError **error)
{
	const struct hw_litmus_shared *sh = p->child.shared;
	struct hw_litmus_result *r = p->result;

	r->rounds = sh->rounds;
	r->seconds = sh->seconds;
	r->interrupted = hw_signals_seen() > 0;
	if (p->killed)
		return TRUE;
	if (WIFSIGNALED(p->status)) {
		snprintf(r->reason, sizeof(r->reason), "the test's process died of signal %d (%s)",
			 WTERMSIG(p->status), strsignal(WTERMSIG(p->status)));
		return TRUE;
	}
	if (sh->broken) {
		char *text = g_strndup(sh->message, sizeof(sh->message) - 1);

		g_set_error(error, HW_ERROR, HW_ERROR_PLAN, "%s: %s", p->child.code->program->path,
			    text);
		g_free(text);
		return FALSE;
	}
	if (sh->done && take_states(p))
		return TRUE;
	g_set_error(error, HW_ERROR, HW_ERROR_SYSTEM,
		    "the test's process left results that cannot be");
	return FALSE;
}

static gboolean parent_run(struct parent *p, GError **error)
{
	struct hw_signals signals;
	gboolean ok = TRUE;

	hw_signals_catch(&signals);
	p->pid = hw_child_fork(hw_litmus_child_run, &p->child);
	if (p->pid > 0) {
		parent_wait(p);
	} else {
		g_set_error(error, HW_ERROR, HW_ERROR_SYSTEM, "fork: %s", g_strerror(errno));
		ok = FALSE;
	}
	hw_signals_restore(&signals);
	return ok && take_result(p, error);
}

static struct hw_litmus_shared *make_shared(gsize size, GError **error)
{
	struct hw_litmus_shared *shared;

	shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		g_set_error(error, HW_ERROR, HW_ERROR_SYSTEM, "memory for the results: %s",
			    g_strerror(errno));
		return NULL;
	}
	shared->magic = HW_LITMUS_MAGIC;
	return shared;
}

struct hw_litmus_result *hw_litmus_run(const struct litmus_program *program,
				       const struct hw_litmus_options *opt, GError **error)
{
	struct hw_litmus_result *r = g_new0(struct hw_litmus_result, 1);
	struct hw_litmus_code *code = hw_litmus_code_new(program);
	GArray *items = find_items(program);
	gsize size = hw_litmus_shared_size(items->len);
	struct parent p = { .result = r };
	gboolean ok = FALSE;

	r->n_items = items->len;
	r->item = (void *)g_array_free(items, FALSE);
	p.child = (struct hw_litmus_child){
		.code = code, .opt = opt, .item = r->item, .n_items = r->n_items,
		.shared = make_shared(size, error),
	};
	if (p.child.shared) {
		ok = parent_run(&p, error);
		munmap(p.child.shared, size);
	}
	hw_litmus_code_free(code);
	if (ok)
		return r;
	hw_litmus_result_free(r);
	return NULL;
}

void hw_litmus_result_free(struct hw_litmus_result *r)
{
	if (!r)
		return;
	g_free(r->item);
	g_free(r->count);
	g_free(r->value);
	g_free(r);
}
