/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An engine from its making to its end, and whole runs.
 *
 * Runs come in two speeds with the same result. In a quick run the memory model
 * is direct and nobody watches: a chosen task loads and stores in line while its
 * quantum lasts. In a stepwise run the engine acts for the tasks, one point at
 * a time, so that it can be traced, hashed, recorded and checkpointed. A quick
 * run that finds something is repeated stepwise for the exact place and words.
 * Both go through the loop in loop.c.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "core/kvm_mmu.h"
#include "sim/engine/site.h"
#include "sim/engine/state.h"
#include "sim/litmus/body.h"

struct sim sim;
struct engine *engine_present;

G_DEFINE_QUARK(rmapsim-engine-error, engine_error)

/* A stack on which the task's code stands as if it had been called by nobody. */
static void task_prepare(const struct engine *e, struct task *t)
{
	void (*code)(void) = e->plan->litmus ? litmus_main : sim_program_main;
	uint64_t *top = (uint64_t *)(t->stack + STACK_BYTES);

	top[-1] = 0;
	t->sim.ctx = (struct sim_context){ .sp = &top[-1], .ip = (void *)code };
}

static size_t room_for_pages(const struct plan *plan)
{
	size_t page = sizeof(struct kvm_mmu_page) + 64 + 8 * (size_t)plan_page_entries(plan);

	return plan->nr_pages * page + 16 * (size_t)plan->shadow_pages;
}

static size_t room_for_heap(const struct plan *plan)
{
	size_t desc = 64 + 8 * (size_t)plan->pte_list_ext;

	if (engine_present->frees_by_rcu)	/* objects may hold whole lists */
		desc = MAX(desc, 64 + 8 * (size_t)plan->nr_sptes);
	if (plan->litmus)
		return world_litmus_room(plan);
	return 4096 + room_for_pages(plan) + desc +
	       8 * (size_t)(2 * plan->nr_rmaps + plan->nr_sptes + 1) +
	       (plan->n_tasks + 1) * sizeof(struct kvm_vcpu) + CACHES_MAX * desc * plan->nr_descs;
}

/* Of what is given to kfree_rcu(). */
static size_t room_for_waits(const struct plan *plan)
{
	size_t object = sizeof(struct rcu_wait) + plan->n_tasks;

	return CACHES_MAX * (plan_objects_max(plan) * object + 16);
}

/* Each cpu has one for its task, and one for its callbacks where there are some. */
static unsigned int stacks_of(const struct engine *e)
{
	return e->plan->n_tasks * (e->calls_back ? 2 : 1);
}

static size_t room_for_used(const struct engine *e)
{
	const struct plan *plan = e->plan;
	size_t bytes = 4096 + sizeof(struct run_state) + plan->n_tasks * sizeof(struct task);
	unsigned int i;

	for (i = 0; i < e->nr_checks; i++)
		bytes += e->check[i]->ghost_words ? 8 * e->check[i]->ghost_words(plan) : 0;
	bytes += e->model->state_size(plan) + 4096;
	bytes += CACHES_MAX * (sizeof(struct kmem_cache) + 6 * (size_t)plan_objects_max(plan) + 32);
	bytes += plan->litmus ? plan->n_tasks * plan->n_tasks + 8 : 0;
	bytes += e->frees_by_rcu ? room_for_waits(plan) + plan->n_tasks * plan->n_tasks : 0;
	bytes += e->calls_back ? plan->n_tasks * sizeof(struct softirq) : 0;
	bytes += e->returns_pages ? CACHES_MAX * slab_page_bytes(plan) : 0;
	bytes += plan->preempt ? preempt_bytes(plan) + 8 : 0;
	bytes += plan_spte_slots(plan) * 2 + stacks_of(e) * sizeof(struct task_reads);
	return bytes;
}

static size_t round_page(size_t bytes)
{
	return (bytes + 4095) & ~(size_t)4095;
}

static bool map_everything(struct engine *e, GError **error)
{
	size_t stacks = stacks_of(e) * (size_t)(STACK_BYTES + STACK_GUARD);

	e->heap_room = round_page(room_for_heap(e->plan));
	e->used_room = round_page(room_for_used(e));
	if (!arena_map(e, e->heap_room + e->used_room + stacks, error))
		return false;
	e->used = e->arena + e->heap_room;
	e->shadow = g_malloc0(e->heap_room);
	e->classes = g_malloc0(e->heap_room);
	e->object_number = g_new0(uint32_t, e->heap_room / 8);
	sim = (struct sim){
		.heap = e->arena, .arena_bytes = e->arena_bytes, .shadow = e->shadow,
		.object = e->object_number,
	};
	sim.sections = engine_has_graces(e);
	memset(sim.mark_keep, 0xff, sizeof(sim.mark_keep));
	return true;
}

static void lay_out_ghosts(struct engine *e)
{
	unsigned int i;
	size_t words;

	for (i = 0; i < e->nr_checks; i++) {
		words = e->check[i]->ghost_words ? e->check[i]->ghost_words(e->plan) : 0;
		e->ghost[i] = used_alloc(e, 8 * words);
		if (!i)
			e->ghost_base = e->ghost[i];
		e->ghost_words += words;
	}
}

static bool lay_out_stacks(struct engine *e, GError **error)
{
	uint8_t *at = e->used + e->used_room;
	unsigned int i;

	for (i = 0; i < stacks_of(e); i++, at += STACK_GUARD + STACK_BYTES) {
		if (mprotect(at, STACK_GUARD, PROT_NONE)) {
			g_set_error(error, ENGINE_ERROR, ENGINE_ERROR_ARENA,
				    "cannot protect a stack's end: %s", g_strerror(errno));
			return false;
		}
		if (i >= e->plan->n_tasks) {
			e->softirqs[i - e->plan->n_tasks].stack = at + STACK_GUARD;
			continue;
		}
		e->tasks[i].stack = at + STACK_GUARD;
		e->tasks[i].sim.cpu = i;
		e->events[i] = &e->tasks[i].sim.ev;
		task_prepare(e, &e->tasks[i]);
	}
	return true;
}

static void lay_out(struct engine *e)
{
	const struct plan *plan = e->plan;

	lay_out_ghosts(e);
	e->model_state_size = e->model->state_size(plan);
	e->model_state = used_alloc(e, e->model_state_size);
	e->strategy_state = used_alloc(e, MAX(e->own_strategy->state_size,
					      e->replay_strategy->state_size));
	e->run = used_alloc(e, sizeof(*e->run));
	e->tasks = used_alloc(e, plan->n_tasks * sizeof(*e->tasks));
	if (plan->preempt && !(e->flags & ENGINE_SEARCH))
		e->preemption = used_alloc(e, preempt_bytes(plan));
	if (plan->litmus || e->frees_by_rcu)
		e->rcu_need = used_alloc(e, plan->n_tasks * plan->n_tasks);
	if (e->calls_back)
		e->softirqs = used_alloc(e, plan->n_tasks * sizeof(*e->softirqs));
	e->spte_rmap = used_alloc(e, plan_spte_slots(plan) * sizeof(*e->spte_rmap));
	e->set.events = e->events;
}

/* The plan's checks that are on, and those that always are. */
static void choose_checks(struct engine *e)
{
	const struct check *const *c;

	for (c = checks; *c && e->nr_checks < CHECKS_MAX; c++) {
		if ((*c)->always || g_strv_contains((const char *const *)e->plan->checks,
						    (*c)->name))
			e->check[e->nr_checks++] = *c;
		if (!strcmp((*c)->name, "termination") &&
		    g_strv_contains((const char *const *)e->plan->checks, "termination") &&
		    e->plan->pass_steps_max && !(e->flags & ENGINE_SEARCH))
			e->pass_steps_alarm = e->plan->pass_steps_max;
	}
}

static bool find_parts(struct engine *e, GError **error)
{
	sim_program.algorithm = sim_program.instead;
	if (!sim_program.instead)
		sim_program.algorithm = plan_find_algorithm(rmap_algorithms, e->plan->algorithm);
	sim_program.zaps = e->plan->zaps;
	e->frees_by_rcu = sim_program.algorithm && !e->plan->litmus &&
			  (sim_program.algorithm->needs & RMAP_NEEDS_RCU ||
			   plan_frees_pages_by_rcu(e->plan));
	e->returns_pages = e->plan->slab_return && !e->plan->litmus;
	e->calls_back = e->frees_by_rcu && sim_program.algorithm->callbacks;
	e->own_strategy = strategy_find(e->plan->strategy);
	e->replay_strategy = strategy_find("replay");
	e->model = model_find(e->plan->model);
	if (e->model && e->model->cpus_max && e->plan->n_tasks > e->model->cpus_max) {
		g_set_error(error, ENGINE_ERROR, ENGINE_ERROR_PLAN,
			    "%s: memory.model = %s: valid with at most %u vCPUs, the tasks are %u",
			    e->plan->path, e->model->name, e->model->cpus_max, e->plan->n_tasks);
		return false;
	}
	if (sim_program.algorithm && e->own_strategy && e->model && e->plan->n_tasks <= TASKS_MAX)
		return true;
	g_set_error(error, ENGINE_ERROR, ENGINE_ERROR_PLAN,
		    "the plan names an algorithm (%s), strategy (%s) or model (%s) that this "
		    "program does not have", e->plan->algorithm, e->plan->strategy, e->plan->model);
	return false;
}

static bool do_setup(struct engine *e, GError **error)
{
	guint i;

	for (i = 0; i < e->plan->n_setup; i++) {
		const struct plan_op *op = &e->plan->setup[i];
		const char *wrong = direct_op(e, op);

		if (wrong) {
			g_set_error(error, ENGINE_ERROR, ENGINE_ERROR_PLAN,
				    "operation %u of the setup fails: %s", i + 1, wrong);
			return false;
		}
		act_setup_done(e, op);
	}
	return true;
}

/* Every task runs up to its first event, where nobody else can notice. */
static bool run_to_first_events(struct engine *e, GError **error)
{
	struct run_state *r = e->run;
	unsigned int i;

	r->running = -1;
	r->set_dirty = r->set_changed = true;
	for (i = 0; i < e->plan->n_tasks; i++) {
		r->alive++;
		r->once_alive += !e->plan->tasks[i].forever;
	}
	for (i = 0; i < e->plan->n_tasks && !r->over; i++)
		loop_first_event(e, &e->tasks[i]);
	if (!e->failed_check)
		return true;
	g_set_error(error, ENGINE_ERROR, ENGINE_ERROR_PLAN, "%s", e->message);
	return false;
}

static void begin_checks(struct engine *e)
{
	unsigned int i;

	for (i = 0; i < e->nr_checks; i++) {
		if (e->check[i]->begin)
			e->check[i]->begin(e, e->ghost[i]);
	}
}

static bool build(struct engine *e, GError **error)
{
	struct model_env env = {
		.deliver = request_deliver, .drained = trace_drain, .pick = choice_read,
		.object = world_object_place, .pointee = world_pointee,
	};
	unsigned int i;

	if (e->plan->litmus && !(e->flags & ENGINE_EVERY_ORDER)) {
		env.may_load = world_may_load;
		env.may_order = world_may_order;
	}
	if (!find_parts(e, error))
		return false;
	choose_checks(e);
	request_list_hooks(e);
	if (!map_everything(e, error))
		return false;
	lay_out(e);
	direct_enter(e);
	if (!world_build(e, error))
		return false;
	direct_leave();
	if (!lay_out_stacks(e, error))
		return false;
	e->reads = used_alloc(e, stacks_of(e) * sizeof(*e->reads));
	e->used_bytes -= stacks_of(e) * sizeof(*e->reads);	/* copied when they are used */
	e->model->begin(e->model_state, e->plan, &env);
	/* One that stands behind others is nothing new to choose. */
	e->store_room = e->model->fifo ? e->plan->store_buffer : 0;
	for (i = 0; i < e->plan->n_tasks && e->model->buffer; i++) {
		e->tasks[i].sim.buffer = e->model->buffer(e->model_state, i);
		e->tasks[i].sim.loads_apart = e->tasks[i].sim.buffer != NULL;
	}
	begin_checks(e);
	if (!do_setup(e, error))
		return false;
	e->stepwise = sim.acts = (e->flags & ENGINE_IDENTITY) || !model_is_quick(e->model);
	sim.marks = (e->flags & ENGINE_IDENTITY) && !(e->flags & ENGINE_NO_MARKS);
	if (!run_to_first_events(e, error))
		return false;
	e->words = g_new0(uint64_t, engine_state_words_max(e));
	e->start = checkpoint_new(e);
	checkpoint_save(e, e->start);
	return true;
}

struct engine *engine_new(const struct plan *plan, unsigned int flags, GError **error)
{
	static bool registered;
	struct engine *e;

	if (engine_present) {
		g_set_error(error, ENGINE_ERROR, ENGINE_ERROR_ARENA,
			    "this process has an engine already");
		return NULL;
	}
	if (!registered)
		site_register_all();
	registered = true;
	e = engine_present = g_new0(struct engine, 1);
	e->plan = plan;
	e->flags = flags & ENGINE_SEARCH ? flags | ENGINE_IDENTITY : flags;
	e->pass_steps_alarm = UINT64_MAX;
	e->events_max = flags & ENGINE_SEARCH ? 0 : plan->events_max;
	e->operations_max = flags & ENGINE_SEARCH ? 0 : plan->operations_max;
	guard_install();
	guard_hang_after(plan->hang_seconds);
	if (build(e, error))
		return e;
	engine_free(e);
	return NULL;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	guard_remove();
	checkpoint_free(e->start);
	arena_unmap(e);
	g_free(e->entries);
	slab_clear(e);
	g_free(e->shadow);
	g_free(e->classes);
	g_free(e->object_number);
	g_free(e->record);
	g_free(e->words);
	g_free(e);
	engine_present = NULL;
}

void engine_observe(struct engine *e, trace_observer observer, void *data)
{
	e->observer = observer;
	e->observer_data = data;
}

void engine_stop_at(struct engine *e, uint64_t points)
{
	e->stops = points > 0;
	e->events_max = points ? points : e->flags & ENGINE_SEARCH ? 0 : e->plan->events_max;
}

void engine_break_at(struct engine *e, uint64_t point)
{
	e->break_at = point;
}

static void start(struct engine *e, const struct strategy *strategy, uint64_t seed, bool stepwise)
{
	unsigned int i;

	e->decider = strategy;
	e->strategy = e->preemption ? &preempt_strategy : strategy;
	e->stepwise = sim.acts = stepwise;
	e->failed_check = NULL;
	e->failed_task = -1;
	e->hung = false;
	e->message[0] = 0;
	walk_tally_clear(&e->walks);
	checkpoint_restore(e, e->start);
	e->run->seed = seed;
	e->run->digest = hash_mix(e->plan->digest, seed);
	for (i = 0; i < e->plan->n_tasks; i++)
		rng_init(&e->tasks[i].stream, seed, i + 1);
	e->strategy->begin(e->strategy_state, e->plan, seed);
}

static bool must_be_stepwise(const struct engine *e)
{
	return e->slow_only || !model_is_quick(e->model) || e->observer || e->break_at ||
	       (e->flags & (ENGINE_DIGEST | ENGINE_IDENTITY | ENGINE_STEPWISE));
}

static void finish(struct engine *e, struct run_result *result)
{
	struct run_state *r = e->run;

	if (!r->over)
		act_run_end(e);
	r->over = true;
	if (e->decider == e->replay_strategy && r->verdict != RUN_DIVERGED) {
		const char *complaint = strategy_replay_complaint(e->strategy_state, true);

		if (complaint)
			e->replay_complaint = complaint;
	}
	r->stats.points = r->points;
	result->verdict = r->verdict;
	result->seed = r->seed;
	result->digest = e->flags & ENGINE_DIGEST ? r->digest : 0;
	result->check = e->failed_check;
	result->point = e->failed_check ? e->failed_point : r->points;
	result->task = e->failed_task;
	result->stats = r->stats;
	g_strlcpy(result->message, e->message, sizeof(result->message));
	*result->diverged = '\0';
}

/* One attempt; the run must be begun again if reads turn out to matter. */
static void run_once(struct engine *e, const struct strategy *strategy, uint64_t seed,
		     bool stepwise, struct run_result *result)
{
	bool noting;

	do {
		noting = e->slow_only;
		start(e, strategy, seed, stepwise || noting);
		loop_run(e);
	} while (noting != e->slow_only);
	finish(e, result);
}

static void run_with(struct engine *e, const struct strategy *strategy, uint64_t seed,
		     struct run_result *result)
{
	bool stepwise = must_be_stepwise(e);

	run_once(e, strategy, seed, stepwise, result);
	if (stepwise || result->verdict != RUN_VIOLATION || e->hung)
		return;
	run_once(e, strategy, seed, true, result);
	g_assert(result->verdict == RUN_VIOLATION);
}

void engine_run(struct engine *e, uint64_t seed, struct run_result *result)
{
	run_with(e, e->own_strategy, seed, result);
}

void engine_replay(struct engine *e, uint64_t seed, const struct schedule_entry *entries,
		   size_t n, bool relaxed, struct run_result *result)
{
	strategy_replay_load(entries, n, relaxed);
	e->replay_complaint = NULL;
	run_with(e, e->replay_strategy, seed, result);
	strategy_replay_load(NULL, 0, false);
	if (!e->replay_complaint)
		return;
	/* A violation that came before the parting of ways is still one. */
	if (!relaxed && result->verdict != RUN_VIOLATION)
		result->verdict = RUN_DIVERGED;
	if (relaxed || result->verdict == RUN_DIVERGED)
		g_strlcpy(result->diverged, e->replay_complaint, sizeof(result->diverged));
	if (result->verdict == RUN_DIVERGED)
		g_strlcpy(result->message, e->replay_complaint, sizeof(result->message));
}

void engine_begin(struct engine *e, uint64_t seed)
{
	start(e, e->own_strategy, seed, true);
}

bool engine_advance(struct engine *e)
{
	return loop_point(e);
}

void engine_end(struct engine *e, struct run_result *result)
{
	finish(e, result);
}

const struct walk_tally *engine_walks(const struct engine *e)
{
	return &e->walks;
}

const struct plan *engine_plan(const struct engine *e)
{
	return e->plan;
}

const char *engine_task_name(const struct engine *e, int task)
{
	return task < 0 ? "the system" : e->plan->tasks[task].name;
}

static void schedule_entry_words(const struct engine *e, const struct schedule_record *rec,
				 struct schedule_entry *entry)
{
	char words[96];

	entry->expect[0] = 0;
	if (rec->choice.kind == CHOICE_PREEMPT)
		snprintf(entry->expect, sizeof(entry->expect), "%.60s for %u points",
			 engine_task_name(e, rec->choice.who), rec->choice.pick);
	if (rec->choice.kind == CHOICE_DRAIN || rec->choice.kind == CHOICE_GRACE) {
		engine_name(e, sim.heap + rec->choice.pick, words, sizeof(words));
		snprintf(entry->expect, sizeof(entry->expect), "%.80s", words);
	}
	if (rec->choice.kind != CHOICE_TASK)
		return;
	engine_event_words(e, &rec->ev, words, sizeof(words));
	snprintf(entry->expect, sizeof(entry->expect), "%.60s %s:%u", words,
		 rec->ev.site->file, rec->ev.site->line);
}

const struct schedule_entry *engine_schedule(struct engine *e, size_t *n)
{
	size_t i;

	*n = e->run->recorded;
	if (*n > e->entries_room) {
		e->entries_room = *n;
		e->entries = g_renew(struct schedule_entry, e->entries, *n);
	}
	for (i = 0; i < *n; i++) {
		const struct schedule_record *rec = &e->record[i];

		e->entries[i].after = rec->after;
		e->entries[i].choice = rec->choice;
		e->entries[i].site_hash = rec->ev.site ? rec->ev.site->hash : 0;
		schedule_entry_words(e, rec, &e->entries[i]);
	}
	return e->entries;
}
