/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Can a walker be kept from finishing? It can if a component of the graph can be
 * stayed in for ever under a fair schedule while the walker's walk does not end.
 *
 * Fair: what is enabled again and again happens again and again. A component
 * alone is not enough: states in which something is enabled that never happens
 * inside are taken out and what is left is taken apart again (Emerson and Lei
 * 1987; Streett's condition). Taking an unfair lock is different: it must happen
 * only if it stays enabled, so that starving on it shows.
 */
#include <stdlib.h>
#include <string.h>
#include "sim/search/private.h"

/* One thing to look for, in the part of the graph that it leaves. */
struct hunt {
	struct search *s;
	unsigned int task;		/* the walker */
	uint8_t bit;			/* of it in graph.in_walk */
	enum search_finding finding;
	uint8_t *in;			/* states that are looked at */
	struct components *c;
	uint32_t comp;			/* that is looked at */
	struct owed {			/* per action */
		bool strong, weak, taken;
		uint32_t weak_states;	/* in how many states it is enabled weakly */
	} *owed;
	uint32_t goal;			/* edge, or state of which an edge is to lead to */
	unsigned int goal_action;
	GQueue sets;			/* of GArray of states, still to be taken apart */
};

static bool has_note(const struct graph_label *label, enum walk_note note)
{
	unsigned int i;

	for (i = 0; i < label->n_notes; i++) {
		if (label->notes[i].note == note)
			return true;
	}
	return false;
}

/* Edges on which what is looked for does not come to an end. */
static bool goes_on(const struct graph *g, uint32_t from, const struct graph_edge *edge,
		    void *data)
{
	const struct graph_label *label = graph_label(g, edge);
	const struct hunt *h = data;

	(void)from;
	if (!graph_label_is_of(label, h->task))
		return true;
	switch (h->finding) {
	case SEARCH_ENDLESS_PASS:
		return !label->n_notes;
	case SEARCH_ENDLESS_RESTARTS:
		return !has_note(label, WALK_ENDED);
	case SEARCH_STARVING:	/* waiting by cpu_relax is to look again and again */
		return !label->n_notes && !label->steps_after;
	default:
		return false;
	}
}

/* The edge that makes a cycle worth reporting. */
static bool counts(const struct hunt *h, const struct graph_label *label)
{
	if (!graph_label_is_of(label, h->task))
		return false;
	if (h->finding == SEARCH_ENDLESS_PASS)
		return graph_label_steps(label) > 0;
	return has_note(label, WALK_RESTARTED);
}

static bool is_inside(const struct graph *g, uint32_t from, const struct graph_edge *edge,
		      void *data)
{
	struct hunt *h = data;

	return edge->target < g->n_states && h->in[edge->target] &&
	       h->c->of[edge->target] == h->comp && goes_on(g, from, edge, h);
}

static void look_at_edge(struct hunt *h, uint32_t state, const struct graph_edge *edge)
{
	const struct graph_label *label = graph_label(&h->s->graph, edge);
	struct owed *owed = &h->owed[label->action], *newest = &h->owed[label->read_action];
	bool weak = label->fairness == GRAPH_WEAK;

	owed->strong |= !weak && !(h->s->opt.unfair_grace && label->choice.kind == CHOICE_GRACE);
	owed->weak |= weak;
	owed->weak_states += weak;
	if (label->reads_newest)
		newest->strong = true;
	if (!is_inside(&h->s->graph, state, edge, h))
		return;
	owed->taken = true;
	if (label->reads_newest)
		newest->taken = true;
	if (counts(h, label) && h->goal == GRAPH_NONE)
		h->goal = edge - h->s->graph.edges;
}

/* Does the component have an edge at all that stays inside? */
static bool look_at_component(struct hunt *h)
{
	const struct graph *g = &h->s->graph;
	const struct graph_edge *edge;
	bool any = false;
	uint32_t i;

	memset(h->owed, 0, search_nr_actions(h->s) * sizeof(*h->owed));
	h->goal = GRAPH_NONE;
	for (i = h->c->first[h->comp]; i < h->c->first[h->comp + 1]; i++) {
		uint32_t state = h->c->member[i];

		for (edge = graph_first(g, state); edge; edge = graph_next(edge)) {
			any |= is_inside(g, state, edge, h);
			look_at_edge(h, state, edge);
		}
	}
	return any;
}

/* A strong action that is enabled inside and never happens there, or -1. */
static int neglected(const struct hunt *h)
{
	unsigned int i;

	for (i = 0; i < search_nr_actions(h->s); i++) {
		if (h->owed[i].strong && !h->owed[i].taken)
			return i;
	}
	return -1;
}

static bool weakly_fair(const struct hunt *h)
{
	uint32_t size = h->c->first[h->comp + 1] - h->c->first[h->comp];
	unsigned int i;

	for (i = 0; i < search_nr_actions(h->s); i++) {
		if (h->owed[i].weak && !h->owed[i].taken && h->owed[i].weak_states == size)
			return false;
	}
	return true;
}

static bool is_of_action(const struct graph_label *label, unsigned int action)
{
	return label->action == action ||
	       (label->reads_newest && label->read_action == action);
}

static bool is_enabled(const struct hunt *h, uint32_t state, unsigned int action)
{
	const struct graph_edge *edge;

	for (edge = graph_first(&h->s->graph, state); edge; edge = graph_next(edge)) {
		if (is_of_action(graph_label(&h->s->graph, edge), action))
			return true;
	}
	return false;
}

/* The component without the states in which an action is enabled that never happens there. */
static void take_apart(struct hunt *h, unsigned int action)
{
	GArray *rest = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	uint32_t i;

	for (i = h->c->first[h->comp]; i < h->c->first[h->comp + 1]; i++) {
		if (!is_enabled(h, h->c->member[i], action))
			g_array_append_val(rest, h->c->member[i]);
	}
	if (rest->len)
		g_queue_push_tail(&h->sets, rest);
	else
		g_array_unref(rest);
}

/* Does the walker get nowhere in this component, in the way that is looked for? */
static bool gets_nowhere(const struct hunt *h)
{
	const struct owed *own = &h->owed[h->task];

	switch (h->finding) {
	case SEARCH_ENDLESS_PASS:
	case SEARCH_ENDLESS_RESTARTS:
		return h->goal != GRAPH_NONE;
	case SEARCH_STARVING:
		return (own->weak || own->strong) && !h->s->opt.waiting_is_progress;
	default:
		return !own->weak && !own->strong && !h->s->opt.waiting_is_progress;
	}
}

/* Is this component what is looked for? */
static bool is_found(struct hunt *h)
{
	int action;

	if (!look_at_component(h) || !gets_nowhere(h))
		return false;
	if (h->s->opt.forget_fairness)
		return true;
	action = neglected(h);
	if (action >= 0) {
		take_apart(h, action);
		return false;
	}
	return weakly_fair(h);
}

static bool leads_to_edge(const struct graph *g, uint32_t from, const struct graph_edge *edge,
			  void *data)
{
	const struct hunt *h = data;

	(void)from;
	return edge - g->edges == h->goal;
}

static bool leads_to_state(const struct graph *g, uint32_t from, const struct graph_edge *edge,
			   void *data)
{
	const struct hunt *h = data;

	(void)from;
	return edge->target < g->n_states && edge->target == h->goal;
}

static bool is_of_goal_action(const struct graph *g, uint32_t from, const struct graph_edge *edge,
			    void *data)
{
	const struct hunt *h = data;

	return is_inside(g, from, edge, data) && is_of_action(graph_label(g, edge),
							      h->goal_action);
}

/* To where a weak action is not enabled, so that it need not happen. */
static bool disables_goal_action(const struct graph *g, uint32_t from,
				 const struct graph_edge *edge, void *data)
{
	const struct hunt *h = data;

	return is_inside(g, from, edge, data) && !is_enabled(h, edge->target, h->goal_action);
}

static uint32_t end_of(const struct graph *g, const struct graph_path *path, uint32_t begin)
{
	return path->n ? g->edges[path->edge[path->n - 1]].target : begin;
}

/* Round the component: what counts, something of every task that acts or must not stay enabled. */
static bool go_round(struct hunt *h, uint32_t begin, struct graph_path *path)
{
	const struct graph *g = &h->s->graph;
	unsigned int i;

	if (h->goal != GRAPH_NONE && !graph_shortest(g, begin, is_inside, leads_to_edge, h, path))
		return false;
	for (i = 0; i < search_nr_actions(h->s); i++) {
		graph_filter goal = h->owed[i].taken ? is_of_goal_action : disables_goal_action;

		if (!h->owed[i].taken && !h->owed[i].weak)
			continue;
		h->goal_action = i;
		if (!graph_shortest(g, end_of(g, path, begin), is_inside, goal, h, path))
			return false;
	}
	h->goal = begin;
	return end_of(g, path, begin) == begin ||
	       graph_shortest(g, end_of(g, path, begin), is_inside, leads_to_state, h, path);
}

/* The source of an edge is not kept: look for it in the component. */
static uint32_t source_in_component(const struct hunt *h, uint32_t wanted)
{
	const struct graph_edge *edge;
	uint32_t i;

	for (i = h->c->first[h->comp]; i < h->c->first[h->comp + 1]; i++) {
		uint32_t state = h->c->member[i];

		for (edge = graph_first(&h->s->graph, state); edge; edge = graph_next(edge)) {
			if (edge - h->s->graph.edges == wanted)
				return state;
		}
	}
	return h->c->member[h->c->first[h->comp]];
}

static bool tell_cycle(struct hunt *h)
{
	struct search *s = h->s;
	struct graph_path stem = { 0 }, cycle = { 0 };
	uint32_t begin = source_in_component(h, h->goal), keep = h->goal;
	bool ok = true;

	h->goal = begin;
	if (begin)
		ok = graph_shortest(&s->graph, 0, NULL, leads_to_state, h, &stem);
	h->goal = keep;
	ok = ok && go_round(h, begin, &cycle);
	way_clear(&s->counterexample);
	ok = ok && way_add_path(&s->counterexample, &s->graph, &stem);
	s->cycle_from = s->counterexample.n;
	ok = ok && way_add_path(&s->counterexample, &s->graph, &cycle);
	graph_path_clear(&stem);
	graph_path_clear(&cycle);
	return ok;
}

static void look_at(struct hunt *h, const GArray *set)
{
	guint i;

	memset(h->in, 0, h->s->graph.n_states);
	for (i = 0; i < set->len; i++)
		h->in[g_array_index(set, uint32_t, i)] = 1;
}

/* Who starves and yet acts looks again and again, and too late each time. */
static enum search_finding finding_of(const struct hunt *h)
{
	return h->finding == SEARCH_STARVING && h->owed[h->task].taken ? SEARCH_TOO_LATE :
								       h->finding;
}

/* 1: found, and told if it is the first finding; 0: not there; -1: no memory. */
static int take_sets_apart(struct hunt *h)
{
	int found = 0;
	GArray *set;

	while (!found && !search_interrupted && (set = g_queue_pop_head(&h->sets))) {
		look_at(h, set);
		g_array_unref(set);
		components_find(h->c, h->in, goes_on, h);
		for (h->comp = 0; h->comp < h->c->n && !found; h->comp++) {
			if (is_found(h)) {
				found = 1;
				break;
			}
		}
		if (found && h->s->res->finding == SEARCH_NOTHING) {
			h->s->res->finding = finding_of(h);
			h->s->res->task = h->task;
			if (!tell_cycle(h))
				found = -1;
		}
	}
	return found;
}

static GArray *all_states(const struct hunt *h)
{
	bool waits = h->finding == SEARCH_STARVING || h->finding == SEARCH_STUCK;
	GArray *set = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	uint32_t i;

	for (i = 0; i < h->s->graph.n_states; i++) {
		if (!waits || h->s->graph.in_walk[i] >> h->bit & 1)
			g_array_append_val(set, i);
	}
	return set;
}

static int hunt(struct search *s, unsigned int walker, enum search_finding finding)
{
	struct hunt *h = g_new0(struct hunt, 1);
	GArray *set;
	int found = -1;

	h->s = s;
	h->c = s->components;
	h->task = s->res->walker[walker].task;
	h->bit = walker;
	h->finding = finding;
	h->in = malloc(s->graph.n_states);
	h->owed = g_new0(struct owed, search_nr_actions(s));
	g_queue_init(&h->sets);
	if (h->in) {
		g_queue_push_tail(&h->sets, all_states(h));
		found = take_sets_apart(h);
	}
	while ((set = g_queue_pop_head(&h->sets)))
		g_array_unref(set);
	free(h->in);
	g_free(h->owed);
	g_free(h);
	return found;
}

/* By its program, or as a guest, whose write faults until one fault lets it through. */
static bool anybody_loops(const struct plan *plan)
{
	unsigned int i;

	for (i = 0; i < plan->n_tasks; i++) {
		if (plan->tasks[i].forever || plan->tasks[i].has_guest)
			return true;
	}
	return false;
}

/* By cpu_relax, which one can do for ever without anybody else: by never looking. */
static bool anybody_waits(const struct search *s)
{
	return s->e->slow_only || s->plan->spin_real;
}

static bool hunt_walker(struct search *s, unsigned int w)
{
	struct search_bound *bound = s->res->walker[w].bound;
	int pass = 0, restarts = 0, starving = 0, stuck = 0;

	if (!bound[SEARCH_PASS_STEPS].finite)
		pass = hunt(s, w, SEARCH_ENDLESS_PASS);
	if (pass >= 0 && !bound[SEARCH_RESTARTS].finite)
		restarts = hunt(s, w, SEARCH_ENDLESS_RESTARTS);
	if (pass >= 0 && restarts >= 0 && (anybody_loops(s->plan) || anybody_waits(s))) {
		starving = hunt(s, w, SEARCH_STARVING);
		if (starving >= 0)
			stuck = hunt(s, w, SEARCH_STUCK);
	}
	bound[SEARCH_PASS_STEPS].fair = pass > 0;
	bound[SEARCH_RESTARTS].fair = restarts > 0;
	bound[SEARCH_WALK_STEPS].fair = pass > 0 || restarts > 0;
	return pass >= 0 && restarts >= 0 && starving >= 0 && stuck >= 0;
}

bool fair_find(struct search *s)
{
	unsigned int w;

	for (w = 0; w < s->res->n_walkers && !search_interrupted; w++) {
		if (!hunt_walker(s, w))
			return false;
	}
	return true;
}
