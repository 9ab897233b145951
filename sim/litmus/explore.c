/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A litmus test as a plan of the engine, one process a task, searched whole.
 * Final states are looked at as the search meets them: what is shown of one is
 * a row of words, and rows that were seen before count once.
 */
#include <string.h>
#include "sim/kern/sim/sim.h"
#include "sim/litmus/body.h"
#include "sim/litmus/explore.h"
#include "sim/search/search.h"

#define HANG_SECONDS	10
#define STORES_MAX	64	/* memory.store-buffer and memory.history can be no more */
#define LOOP_STORES	4

/* Where the search's final states go. */
struct finals {
	const struct litmus_program *program;
	GHashTable *rows;	/* of struct row */
	char *deadlock;
};

struct row {
	unsigned int n;
	struct litmus_value value[];
};

static guint row_hash(gconstpointer key)
{
	const struct row *row = key;
	uint64_t h = 0;
	unsigned int i;

	for (i = 0; i < row->n; i++)
		h = hash_mix(h, (uint64_t)row->value[i].number + row->value[i].loc);
	return (guint)h;
}

static bool same_value(struct litmus_value a, struct litmus_value b)
{
	return a.is_address == b.is_address && a.loc == b.loc && a.number == b.number;
}

static gboolean row_equal(gconstpointer a, gconstpointer b)
{
	const struct row *x = a, *y = b;
	unsigned int i;

	for (i = 0; i < x->n; i++) {
		if (!same_value(x->value[i], y->value[i]))
			return FALSE;
	}
	return TRUE;
}

/* A word in the test's terms: a number, or which location it leads to. */
static struct litmus_value value_of_word(const struct litmus_program *program, int64_t word)
{
	uint64_t at = (uint64_t)word - (uint64_t)sim.heap, from;
	unsigned int i;

	for (i = program->n_locs; at < sim.heap_bytes && i-- > 0; ) {
		from = (uint64_t)litmus_world.loc[i] - (uint64_t)sim.heap;
		if (at >= from)
			return (struct litmus_value){
				.is_address = true, .loc = i, .number = at - from,
			};
	}
	return (struct litmus_value){ .number = word };
}

/* Of the state that the engine stands in. */
static struct litmus_value final_value(struct litmus_item item, void *data)
{
	const struct litmus_program *program = data;
	const struct litmus_loc *l;
	struct litmus_value v;
	unsigned int size;

	if (item.proc >= 0) {
		v = value_of_word(program, litmus_world.frame[item.proc]->reg[item.number]);
		size = program->proc[item.proc].reg[item.number].size;
		if (!v.is_address && size < 8)
			v.number = litmus_extend(v.number, size, true);
		return v;
	}
	l = &program->loc[item.number];
	return value_of_word(program, litmus_extend(sim_peek(litmus_world.loc[item.number],
							     l->size), l->size, l->is_signed));
}

static void on_final(struct engine *e, void *data)
{
	struct finals *finals = data;
	const struct litmus_program *program = finals->program;
	struct row *row;
	unsigned int i;

	(void)e;
	if (!litmus_holds(&program->filter, final_value, (void *)program))
		return;
	row = g_malloc(sizeof(*row) + program->n_items * sizeof(row->value[0]));
	row->n = program->n_items;
	for (i = 0; i < row->n; i++)
		row->value[i] = final_value(program->item[i], (void *)program);
	g_hash_table_add(finals->rows, row);
}

static void on_deadlock(struct engine *e, const char *message, void *data)
{
	static const char prefix[] = "deadlock: ";
	struct finals *finals = data;

	(void)e;
	if (g_str_has_prefix(message, prefix))
		message += strlen(prefix);
	if (!finals->deadlock)
		finals->deadlock = g_strdup(message);
}

/* --- the plan */

/* How many stores a process can have under way, and all can have made; loops make more. */
static void count_stores(const struct litmus_program *program, struct plan *plan)
{
	unsigned int i, k, n, all = 0, most = 0;

	for (i = 0; i < program->n_procs; i++) {
		const struct litmus_proc *proc = &program->proc[i];

		for (n = k = 0; k < proc->n_insns; k++) {
			n += proc->insn[k].kind >= LITMUS_STORE &&
			     proc->insn[k].kind <= LITMUS_UNLOCK;
			if (proc->insn[k].target && proc->insn[k].target <= k)
				n += LOOP_STORES;
		}
		most = MAX(most, n);
		all += n;
	}
	plan->store_buffer = CLAMP(most, 1, STORES_MAX);
	plan->history = CLAMP(all + 1, 1, STORES_MAX);
}

static struct plan *plan_for(const struct litmus_program *program, const char *model)
{
	struct plan *plan = g_new0(struct plan, 1);
	unsigned int i;

	plan->name = g_strdup(program->name);
	plan->path = g_strdup(program->path);
	plan->algorithm = g_strdup("null");
	plan->strategy = g_strdup("random");
	plan->model = g_strdup(model);
	plan->checks = g_new0(char *, 1);
	plan->hang_seconds = HANG_SECONDS;
	plan->n_tasks = program->n_procs;
	plan->tasks = g_new0(struct plan_task, plan->n_tasks);
	for (i = 0; i < plan->n_tasks; i++) {
		plan->tasks[i].name = g_strdup_printf("P%u", i);
		plan->tasks[i].cpu = i;
	}
	plan->litmus = program;
	count_stores(program, plan);
	return plan;
}

/* --- the result */


static gint compare_rows(gconstpointer a, gconstpointer b, gpointer data)
{
	const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;
	const struct litmus_program *program = data;
	unsigned int i;
	int c;

	for (i = 0; i < x->n; i++) {
		c = litmus_value_compare(program, x->value[i], y->value[i]);
		if (c)
			return c;
	}
	return 0;
}

struct one_row {
	const struct litmus_program *program;
	const struct row *row;
};

static struct litmus_value value_in_row(struct litmus_item item, void *data)
{
	const struct one_row *one = data;
	unsigned int i;

	for (i = 0; i < one->row->n; i++) {
		const struct litmus_item *it = &one->program->item[i];

		if (it->proc == item.proc && it->number == item.number)
			return one->row->value[i];
	}
	g_assert_not_reached();
}

static void take_row(struct litmus_result *result, const struct litmus_program *program,
		     const struct row *row)
{
	struct one_row one = { program, row };
	unsigned int i = result->n_states++;

	memcpy(&result->value[(size_t)i * row->n], row->value, row->n * sizeof(row->value[0]));
	result->holds[i] = litmus_holds(&program->condition, value_in_row, &one);
	result->positive += result->holds[i];
	result->negative += !result->holds[i];
}

static void take_rows(struct litmus_result *result, struct finals *finals)
{
	const struct litmus_program *program = finals->program;
	GPtrArray *rows = g_ptr_array_new();
	GHashTableIter it;
	gpointer row;
	guint i;

	g_hash_table_iter_init(&it, finals->rows);
	while (g_hash_table_iter_next(&it, &row, NULL))
		g_ptr_array_add(rows, row);
	g_ptr_array_sort_with_data(rows, compare_rows, (gpointer)program);
	result->n_items = program->n_items;
	result->value = g_new0(struct litmus_value, (gsize)rows->len * program->n_items + 1);
	result->holds = g_new0(bool, rows->len + 1);
	for (i = 0; i < rows->len; i++)
		take_row(result, program, rows->pdata[i]);
	g_ptr_array_unref(rows);
}

/* What a check says of an instruction of process task, in the test's terms. */
static void refuse(const struct litmus_program *program, unsigned int task,
		   const struct litmus_insn *insn, const char *said, GError **error)
{
	const char *place = strstr(said, " at sim/litmus/");
	char *what;

	if (insn->kind > LITMUS_LAST_EVENT)
		what = g_strdup_printf("P%u goes round for ever in a loop without an access to "
				       "memory", task);
	else if (strstr(said, "no live object"))
		what = g_strdup_printf("%s of P%u goes to where no location of %u bytes is",
				       insn->what, task, insn->size);
	else
		what = g_strndup(said, place ? (gsize)(place - said) : strlen(said));
	g_set_error(error, LITMUS_ERROR, LITMUS_ERROR_REFUSED, "%s:%u:%u: %s", program->path,
		    insn->line, insn->column, what);
	g_free(what);
}

/* A check fired in the search; the engine stands where it did. */
static void refuse_found(const struct litmus_program *program, const struct search_result *found,
			 GError **error)
{
	unsigned int task = MAX(found->task, 0);

	refuse(program, task, &program->proc[task].insn[litmus_world.frame[task]->pc],
	       found->message, error);
}

/* There is no search; a check may have fired on the way to the processes' first events. */
static void refuse_start(const struct litmus_program *program, GError *from, GError **error)
{
	if (!g_error_matches(from, ENGINE_ERROR, ENGINE_ERROR_PLAN) || !litmus_world.announced) {
		g_propagate_error(error, from);
		return;
	}
	refuse(program, litmus_world.announced_by, litmus_world.announced, from->message, error);
	g_error_free(from);
}

static bool conclude(struct litmus_result *result, struct finals *finals,
		     const struct search_result *found, GError **error)
{
	result->searched = found->states;
	result->seconds = found->seconds;
	switch (found->verdict) {
	case SEARCH_VIOLATED:
		refuse_found(finals->program, found, error);
		return false;
	case SEARCH_VERIFIED:
		result->end = LITMUS_COMPLETE;
		break;
	case SEARCH_INCOMPLETE:
		result->end = LITMUS_LIMIT;
		result->limit = g_strdup(found->limit);
		break;
	case SEARCH_INTERRUPTED:
		result->end = LITMUS_INTERRUPTED;
		result->limit = g_strdup(found->limit);
		break;
	}
	result->deadlock = g_steal_pointer(&finals->deadlock);
	take_rows(result, finals);
	return true;
}

bool litmus_explore(const struct litmus_program *program, const char *model,
		    const struct litmus_limits *limits, struct litmus_result *result,
		    GError **error)
{
	struct finals finals = { .program = program };
	struct search_options opt = {
		.safety = true, .asked = true, .states_max = limits->states_max,
		.seconds_max = limits->seconds_max, .every_order = limits->every_order,
		.on_final = on_final,
		.on_deadlock = on_deadlock, .hook_data = &finals,
	};
	struct plan *plan = plan_for(program, model);
	struct search_result found;
	struct search *search;
	GError *err = NULL;
	bool ok = false;

	litmus_world.announced = NULL;
	*result = (struct litmus_result){ 0 };
	finals.rows = g_hash_table_new_full(row_hash, row_equal, g_free, NULL);
	search = search_new(plan, &opt, &err);
	if (!search)
		refuse_start(program, err, error);
	else if (search_run(search, &found, error))
		ok = conclude(result, &finals, &found, error);
	search_free(search);
	g_hash_table_unref(finals.rows);
	g_free(finals.deadlock);
	plan_free(plan);
	return ok;
}

void litmus_result_clear(struct litmus_result *result)
{
	g_free(result->limit);
	g_free(result->value);
	g_free(result->holds);
	g_free(result->deadlock);
	*result = (struct litmus_result){ 0 };
}

const char *litmus_observation(const struct litmus_result *result)
{
	if (!result->positive)
		return "Never";
	return result->negative ? "Sometimes" : "Always";
}

bool litmus_is_met(const struct litmus_program *program, const struct litmus_result *result)
{
	switch (program->quantifier) {
	case LITMUS_EXISTS:
		return result->positive > 0;
	case LITMUS_NOT_EXISTS:
		return result->positive == 0;
	default:
		return result->negative == 0;
	}
}
