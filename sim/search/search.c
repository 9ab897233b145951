/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A search from its making to its verdict; see search.h and private.h. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "sim/search/private.h"

volatile sig_atomic_t search_interrupted;

const char *search_metric_name(enum search_metric metric)
{
	static const char *const names[] = { "pass-steps", "walk-steps", "restarts" };

	return names[metric];
}

const char *search_verdict_name(enum search_verdict verdict)
{
	static const char *const names[] = { "verified", "violated", "incomplete", "interrupted" };

	return names[verdict];
}

bool way_add(struct way *w, uint32_t label)
{
	if (w->n == w->room) {
		size_t room = 2 * w->room + 64;
		uint32_t *more = realloc(w->label, room * sizeof(*more));

		if (!more)
			return false;
		w->label = more;
		w->room = room;
	}
	w->label[w->n++] = label;
	return true;
}

bool way_add_path(struct way *w, const struct graph *g, const struct graph_path *path)
{
	size_t i;

	for (i = 0; i < path->n; i++) {
		if (!way_add(w, g->edges[path->edge[i]].label & ~GRAPH_LAST))
			return false;
	}
	return true;
}

void way_clear(struct way *w)
{
	free(w->label);
	*w = (struct way){ 0 };
}

static void find_walkers(struct search *s)
{
	unsigned int i;

	memset(s->walker_bit, 0xff, sizeof(s->walker_bit));
	for (i = 0; i < s->plan->n_tasks; i++) {
		if (!s->plan->tasks[i].walks)
			continue;
		if (s->res->n_walkers == SEARCH_WALKERS_MAX) {
			s->res->walkers_left_out = true;
			return;
		}
		s->walker_bit[i] = s->res->n_walkers;
		s->res->walker[s->res->n_walkers++].task = i;
	}
}

struct search *search_new(const struct plan *plan, const struct search_options *opt,
			  GError **error)
{
	unsigned int flags = ENGINE_SEARCH | (opt->no_marks ? ENGINE_NO_MARKS : 0) |
			     (opt->every_order ? ENGINE_EVERY_ORDER : 0);
	struct search *s = g_new0(struct search, 1);

	s->plan = plan;
	s->opt = *opt;
	s->claimed = ~1u;
	s->e = engine_new(plan, flags, error);
	if (!s->e) {
		g_free(s);
		return NULL;
	}
	s->words = g_new(uint64_t, engine_state_words_max(s->e) + 3 * plan->n_tasks);
	return s;
}

void search_free(struct search *s)
{
	unsigned int w, k;

	if (!s)
		return;
	for (w = 0; w < SEARCH_WALKERS_MAX; w++) {
		for (k = 0; k < SEARCH_NR_METRICS; k++)
			way_clear(&s->worst[w][k]);
	}
	way_clear(&s->violation);
	way_clear(&s->counterexample);
	graph_clear(&s->graph);
	table_clear(&s->table);
	free(s->frames);
	free(s->checkpoints);
	free(s->pending);
	g_free(s->actions);
	g_free(s->words);
	engine_free(s->e);
	g_free(s);
}

struct engine *search_engine(struct search *s)
{
	return s->e;
}

void search_watch(struct search *s, void (*progress)(uint64_t, uint64_t, uint64_t, void *),
		  void *data)
{
	s->opt.progress = progress;
	s->opt.progress_data = data;
}

static bool leads_to_violation(const struct graph *g, uint32_t from, const struct graph_edge *edge,
			       void *data)
{
	(void)g;
	(void)from;
	(void)data;
	return edge->target == GRAPH_VIOLATION;
}

/* States on the path have only those edges that were tried: enough to look for a way. */
static bool hand_in_pending(struct search *s)
{
	while (s->n_frames) {
		const struct frame *f = &s->frames[--s->n_frames];

		if (!graph_add_edges(&s->graph, f->state, s->pending + f->pending,
				     s->n_pending - f->pending))
			return false;
		s->n_pending = f->pending;
	}
	return true;
}

static bool choose_counterexample(struct search *s)
{
	struct graph_path path = { 0 };
	bool ok;

	if (s->opt.safety) {
		s->counterexample = s->violation;
		s->violation = (struct way){ 0 };
		s->cycle_from = s->counterexample.n;
		return true;
	}
	s->res->shortest = !s->n_frames;
	ok = hand_in_pending(s) &&
	     graph_shortest(&s->graph, 0, NULL, leads_to_violation, NULL, &path) &&
	     way_add_path(&s->counterexample, &s->graph, &path);
	s->cycle_from = s->counterexample.n;
	graph_path_clear(&path);
	return ok;
}

static bool termination_is_on(const struct search *s)
{
	return g_strv_contains((const char *const *)s->plan->checks, "termination");
}

static void violate(struct search *s)
{
	s->res->verdict = SEARCH_VIOLATED;
	s->res->check = "termination";
}

static const char *const finding_words[] = {
	[SEARCH_ENDLESS_PASS] = "can be kept in one pass for ever: a fair cycle in which it takes "
				"steps and comes to no end of the list",
	[SEARCH_ENDLESS_RESTARTS] = "can be made to restart for ever: a fair cycle in which every "
				    "pass ends in a restart",
	[SEARCH_STARVING] = "can starve on mmu_lock: a fair cycle in which others take it again "
			    "and again, and it is free in between",
	[SEARCH_TOO_LATE] = "can wait for ever: a fair cycle in which what it waits for comes "
			    "again and again, and is gone when it looks",
	[SEARCH_STUCK] = "can wait for ever for what never comes, while others go on",
};

static void tell_exceeded(struct search *s, unsigned int task, enum search_metric metric,
			  const struct search_bound *b, uint64_t limit)
{
	char many[64] = "any number of";

	if (b->finite)
		g_snprintf(many, sizeof(many), "%" G_GUINT64_FORMAT, b->max);
	g_snprintf(s->res->message, sizeof(s->res->message),
		   "%s's walk can take %s %s, more than check.%s = %" G_GUINT64_FORMAT,
		   engine_task_name(s->e, task), many,
		   metric == SEARCH_RESTARTS ? "restarts" : "steps in a pass",
		   search_metric_name(metric), limit);
}

/*
 * The first bound of the scenario that a worst case exceeds. One that is infinite
 * under unfair schedules only does too: what exceeds a bound is a beginning of
 * such a schedule, and whatever begins may go on fairly.
 */
static bool exceeds(struct search *s, unsigned int w, enum search_metric metric, uint64_t limit)
{
	const struct search_bound *b = &s->res->walker[w].bound[metric];
	struct way *worst = &s->worst[w][metric];

	if (!limit || (b->finite && b->max <= limit) || s->res->finding != SEARCH_NOTHING)
		return false;
	s->res->finding = SEARCH_BOUND;
	s->res->task = s->res->walker[w].task;
	tell_exceeded(s, s->res->task, metric, b, limit);
	s->counterexample = *worst;
	s->cycle_from = b->finite ? worst->n : worst->cycle_from;
	*worst = (struct way){ 0 };
	return true;
}

/* On the finished graph; false: no memory. */
static bool look_at_graph(struct search *s)
{
	uint64_t collisions = s->table.collisions;
	struct components c;
	bool ok;

	table_clear(&s->table);		/* as large as what is needed instead */
	s->table.collisions = collisions;
	ok = components_init(&c, &s->graph);
	s->components = &c;
	ok = ok && worst_find(s) && fair_find(s);
	s->components = NULL;
	components_clear(&c);
	return ok;
}

/* Will it fit? */
static bool may_judge(struct search *s)
{
	size_t all = graph_bytes(&s->graph) + components_bytes(&s->graph);

	if (!s->opt.memory_max || all <= s->opt.memory_max)
		return true;
	search_limit(s, "memory: %zu MB would be in use while the finished graph is judged, %"
		     G_GUINT64_FORMAT " MB are allowed (--max-memory)", all >> 20,
		     s->opt.memory_max >> 20);
	return false;
}

/* The graph is finished and no check fired. */
static bool judge(struct search *s)
{
	unsigned int w;

	if (s->opt.safety || !may_judge(s))
		return true;
	if (!look_at_graph(s))
		return false;
	s->res->judged = !search_interrupted;
	if (search_interrupted) {
		s->res->verdict = SEARCH_INTERRUPTED;
		g_strlcpy(s->res->limit, "interrupted while the finished graph was judged",
			  sizeof(s->res->limit));
		return true;
	}
	if (!termination_is_on(s))
		return true;
	if (s->res->finding != SEARCH_NOTHING) {
		violate(s);
		g_snprintf(s->res->message, sizeof(s->res->message), "%s's walk %s",
			   engine_task_name(s->e, s->res->task), finding_words[s->res->finding]);
		return true;
	}
	for (w = 0; w < s->res->n_walkers; w++) {
		if (exceeds(s, w, SEARCH_PASS_STEPS, s->plan->pass_steps_max) ||
		    exceeds(s, w, SEARCH_RESTARTS, s->plan->restarts_max))
			violate(s);
	}
	return true;
}

/* The shorter way may end in another violation than the first that was met. */
static void retell_violation(struct search *s)
{
	struct search_tale tale;

	s->res->verdict = SEARCH_VIOLATED;
	if (!search_tell(s, SEARCH_COUNTEREXAMPLE, 0, 0, &tale) || !tale.run.check)
		return;
	s->res->check = tale.run.check;
	s->res->task = tale.run.task;
	g_strlcpy(s->res->message, tale.run.message, sizeof(s->res->message));
}

static void on_signal(int sig)
{
	(void)sig;
	search_interrupted = 1;
}

static double cpu_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static bool start(struct search *s, GError **error)
{
	bool there = false;

	if (!graph_init(&s->graph) || !table_init(&s->table, !s->opt.safety, s->opt.exact))
		return false;
	if (s->opt.save && !save_read(s, &there, error))
		return false;
	s->res->resumed = there;
	return there || search_begin(s);
}

static bool conclude(struct search *s, GError **error)
{
	bool ok = true;

	if (s->violated) {
		ok = choose_counterexample(s);
		if (ok)
			retell_violation(s);
	} else if (s->res->verdict == SEARCH_VERIFIED) {
		if (s->opt.save && !save_write(s, error))
			return false;
		s->res->shortest = true;
		ok = judge(s);
	} else if (s->opt.save) {
		return save_write(s, error);
	}
	if (!ok)
		search_limit(s, "the machine has no more memory");
	if (s->opt.save && s->res->verdict != SEARCH_INCOMPLETE &&
	    s->res->verdict != SEARCH_INTERRUPTED)
		save_remove(s);
	return true;
}

static bool run(struct search *s, GError **error)
{
	GError *err = NULL;

	if (!start(s, &err)) {
		if (!err)
			search_limit(s, "the machine has no more memory");
	} else if (search_explore(s, &err)) {
		conclude(s, &err);
	}
	if (!err)
		return true;
	g_propagate_error(error, err);
	return false;
}

/* Two states share a hash with a chance of n^2 / 2^65. */
static double collision_chance(const struct search *s)
{
	return s->opt.exact ? 0 : (double)s->n_states * s->n_states / 36893488147419103232.0;
}

bool search_run(struct search *s, struct search_result *result, GError **error)
{
	struct sigaction sa = { .sa_handler = on_signal }, old_int, old_term;
	double cpu = cpu_clock();
	bool ok;

	*result = (struct search_result){ .task = -1 };
	s->res = result;
	s->begun = search_clock();
	s->next_look = s->begun;
	s->next_save = s->begun + s->opt.save_every;
	find_walkers(s);
	search_interrupted = 0;
	sigaction(SIGINT, &sa, &old_int);
	sigaction(SIGTERM, &sa, &old_term);
	ok = run(s, error);
	sigaction(SIGINT, &old_int, NULL);
	sigaction(SIGTERM, &old_term, NULL);
	result->states = s->n_states;
	result->collisions = s->table.collisions;
	result->collision_chance = collision_chance(s);
	result->bytes = MAX(result->bytes, table_bytes(&s->table) + graph_bytes(&s->graph));
	result->seconds = search_clock() - s->begun + s->seconds_before;
	result->cpu_seconds = cpu_clock() - cpu;
	return ok;
}
