/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exact worst cases of each walker: longest ways through the part of the graph
 * in which its pass, or its walk, has not ended. A component of that part with
 * an edge that counts has no bound; all others are contracted, and what remains
 * has no cycle. The states are worked off behind what they lead to.
 */
#include <stdlib.h>
#include <string.h>
#include "sim/search/private.h"

#define INFINITE	UINT64_MAX
#define BEYOND_MAX	100000		/* transitions of a way that exceeds a given bound */

/* What an edge of this label means to a metric. */
struct meaning {
	uint64_t weight;	/* what it adds, up to the end if it has one */
	uint64_t inside;	/* a pass that begins and ends on it */
	uint64_t begins;	/* of a pass that begins on it and goes on */
	bool ends;		/* what is measured ends here */
};

struct metric {
	struct search *s;
	unsigned int task;
	enum search_metric kind;
	struct components *c;
	struct meaning *meaning;	/* per label */
	uint64_t *best;		/* per component: most that can still come */
	uint32_t *edge;		/* per component: by which it does, or GRAPH_NONE */
	uint64_t carried;	/* most of a pass that begins on the edge that ends another */
	uint32_t carried_by;	/* that edge */
};

static unsigned int notes_of(const struct graph_label *label, enum walk_note note)
{
	unsigned int i, n = 0;

	for (i = 0; i < label->n_notes; i++)
		n += label->notes[i].note == note;
	return n;
}

static void mean_pass(struct meaning *to, const struct graph_label *label)
{
	unsigned int i;

	to->ends = label->n_notes > 0;
	to->weight = to->ends ? label->notes[0].steps : label->steps_after;
	to->begins = to->ends ? label->steps_after : 0;
	for (i = 1; i < label->n_notes; i++)
		to->inside = MAX(to->inside, label->notes[i].steps);
}

static void mean(const struct metric *m, struct meaning *to, const struct graph_label *label)
{
	*to = (struct meaning){ .weight = 0 };
	if (!graph_label_is_of(label, m->task))
		return;
	if (m->kind == SEARCH_PASS_STEPS) {
		mean_pass(to, label);
		return;
	}
	to->ends = notes_of(label, WALK_ENDED) > 0;
	to->weight = m->kind == SEARCH_RESTARTS ? notes_of(label, WALK_RESTARTED) :
						  graph_label_steps(label);
}

static inline const struct meaning *meaning_of(const struct metric *m,
					       const struct graph_edge *edge)
{
	return &m->meaning[edge->label & ~GRAPH_LAST];
}

static bool goes_on(const struct graph *g, uint32_t from, const struct graph_edge *edge,
		    void *data)
{
	(void)g;
	(void)from;
	return !meaning_of(data, edge)->ends;
}

/* Take the edge into account for the component that it leaves. */
static void consider(struct metric *m, uint32_t comp, const struct graph_edge *edge)
{
	const struct graph *g = &m->s->graph;
	const struct meaning *meaning = meaning_of(m, edge);
	bool stops = meaning->ends || edge->target >= g->n_states;
	uint64_t w = meaning->weight, rest = 0;

	if (!stops && m->c->of[edge->target] == comp) {
		if (w)
			m->best[comp] = INFINITE;
		return;
	}
	if (!stops)
		rest = m->best[m->c->of[edge->target]];
	if (rest == INFINITE) {
		m->best[comp] = INFINITE;
	} else if (m->best[comp] != INFINITE &&
		   (w + rest > m->best[comp] || m->edge[comp] == GRAPH_NONE)) {
		m->best[comp] = w + rest;
		m->edge[comp] = edge - g->edges;
	}
}

/* A pass may begin on the very edge on which another ends, or lie on it whole. */
static void carry(struct metric *m, const struct graph_edge *edge)
{
	const struct meaning *meaning = meaning_of(m, edge);
	uint64_t rest = 0, n = meaning->inside;

	if (meaning->begins && edge->target < m->s->graph.n_states)
		rest = m->best[m->c->of[edge->target]];
	if (rest == INFINITE)
		return;		/* the component says so itself */
	n = MAX(n, meaning->begins + rest);
	if (n <= m->carried)
		return;
	m->carried = n;
	m->carried_by = edge - m->s->graph.edges;
}

static void work_off(struct metric *m)
{
	const struct graph *g = &m->s->graph;
	const struct graph_edge *edge;
	uint32_t comp, i;

	for (comp = 0; comp < m->c->n; comp++) {
		m->best[comp] = 0;
		m->edge[comp] = GRAPH_NONE;
		for (i = m->c->first[comp]; i < m->c->first[comp + 1]; i++) {
			uint32_t state = m->c->member[i];

			for (edge = graph_first(g, state); edge; edge = graph_next(edge))
				consider(m, comp, edge);
		}
	}
}

struct target {
	struct metric *m;
	uint32_t comp;
	uint32_t edge;
};

static bool stays_inside(const struct graph *g, uint32_t from, const struct graph_edge *edge,
			 void *data)
{
	struct target *t = data;

	(void)from;
	return edge - g->edges == t->edge ||
	       (edge->target < g->n_states && t->m->c->of[edge->target] == t->comp &&
		goes_on(g, from, edge, t->m));
}

static bool is_target(const struct graph *g, uint32_t from, const struct graph_edge *edge,
		      void *data)
{
	(void)from;
	return edge - g->edges == ((struct target *)data)->edge;
}

/* The first way to a component from where what is measured can grow most. */
static bool is_worst(const struct graph *g, uint32_t from, const struct graph_edge *edge,
		     void *data)
{
	struct target *t = data;

	(void)from;
	return edge->target < g->n_states && t->m->best[t->m->c->of[edge->target]] ==
	       t->m->best[t->comp];
}

static bool is_end(const struct graph *g, uint32_t from, const struct graph_edge *edge, void *data)
{
	(void)g;
	(void)from;
	return meaning_of(((struct target *)data)->m, edge)->ends;
}

/* Nothing counts any more: go to where the pass or the walk ends, if it does. */
static bool finish(struct metric *m, uint32_t state, struct graph_path *path)
{
	struct target t = { .m = m };

	graph_shortest(&m->s->graph, state, NULL, is_end, &t, path);
	return true;
}

/* From a state to the end of what is measured, by the edges that count most. */
static bool follow(struct metric *m, uint32_t state, struct graph_path *path)
{
	const struct graph *g = &m->s->graph;

	for (;;) {
		struct target t = { .m = m, .comp = m->c->of[state] };
		const struct graph_edge *edge;

		t.edge = m->edge[t.comp];
		if (t.edge == GRAPH_NONE || !m->best[t.comp])
			return finish(m, state, path);
		if (!graph_shortest(g, state, stays_inside, is_target, &t, path))
			return false;
		edge = &g->edges[t.edge];
		if (meaning_of(m, edge)->ends || edge->target >= g->n_states)
			return true;
		state = edge->target;
	}
}

/* To where the component begins that has the worst, and on by the edges that count most. */
static bool witness_of_component(struct metric *m, uint32_t worst, struct graph_path *path)
{
	struct target t = { .m = m, .comp = worst };
	uint32_t state = 0;

	if (m->best[m->c->of[0]] != m->best[worst]) {
		if (!graph_shortest(&m->s->graph, 0, NULL, is_worst, &t, path))
			return false;
		state = m->s->graph.edges[path->edge[path->n - 1]].target;
	}
	return follow(m, state, path);
}

/* To the edge on which the pass begins, and on if it goes on behind it. */
static bool witness_of_carried(struct metric *m, struct graph_path *path)
{
	const struct graph_edge *edge = &m->s->graph.edges[m->carried_by];
	struct target t = { .m = m, .edge = m->carried_by };

	if (!graph_shortest(&m->s->graph, 0, NULL, is_target, &t, path))
		return false;
	return meaning_of(m, edge)->inside == m->carried ||
	       edge->target >= m->s->graph.n_states || follow(m, edge->target, path);
}

static bool witness(struct metric *m, uint32_t worst, struct way *way)
{
	struct graph_path path = { 0 };
	bool ok = m->carried > m->best[worst] ? witness_of_carried(m, &path) :
						witness_of_component(m, worst, &path);

	ok = ok && way_add_path(way, &m->s->graph, &path);
	graph_path_clear(&path);
	return ok;
}

/* An edge that counts and can be taken again in the same pass or walk. */
static bool is_repeated(const struct graph *g, uint32_t from, const struct graph_edge *edge,
			void *data)
{
	struct target *t = data;
	const struct meaning *meaning = meaning_of(t->m, edge);

	return meaning->weight && !meaning->ends && edge->target < g->n_states &&
	       t->m->c->of[edge->target] == t->m->c->of[from];
}

static uint64_t weight_behind(const struct metric *m, const struct graph_path *path, size_t from)
{
	uint64_t sum = 0;

	for (; from < path->n; from++)
		sum += meaning_of(m, &m->s->graph.edges[path->edge[from]])->weight;
	return sum;
}

/*
 * To an edge that can be taken again and again, and round by it until the limit
 * is exceeded: that takes finitely many steps, whether who is kept from going on
 * meanwhile is kept so fairly or not. Of a limit that is too far off one round
 * is told, which is a cycle.
 */
static bool go_beyond(struct metric *m, uint64_t limit, struct graph_path *path, size_t *cycle)
{
	const struct graph *g = &m->s->graph;
	struct target t = { .m = m };
	uint64_t sum, round;
	size_t i, n, stem;

	if (!graph_shortest(g, 0, NULL, is_repeated, &t, path))
		return false;
	stem = path->n;
	t.edge = path->edge[stem - 1];
	t.comp = m->c->of[g->edges[t.edge].target];
	if (!graph_shortest(g, g->edges[t.edge].target, stays_inside, is_target, &t, path))
		return false;
	n = path->n - stem;
	round = weight_behind(m, path, stem);
	sum = round + meaning_of(m, &g->edges[t.edge])->weight;
	if (sum <= limit && (limit - sum) / round >= BEYOND_MAX / n) {
		*cycle = stem;
		return true;
	}
	for (; sum <= limit; sum += round) {
		for (i = 0; i < n; i++) {
			if (!graph_path_add(path, path->edge[stem + i]))
				return false;
		}
	}
	*cycle = path->n;
	return true;
}

static uint64_t limit_of(const struct metric *m)
{
	switch (m->kind) {
	case SEARCH_PASS_STEPS:
		return m->s->plan->pass_steps_max;
	case SEARCH_RESTARTS:
		return m->s->plan->restarts_max;
	default:
		return 0;
	}
}

/* Where there is no bound, the witness is against the one that was given, if one was. */
static bool witness_beyond(struct metric *m, struct way *way)
{
	struct graph_path path = { 0 };
	bool ok;

	if (!limit_of(m))
		return true;
	ok = go_beyond(m, limit_of(m), &path, &way->cycle_from) &&
	     way_add_path(way, &m->s->graph, &path);
	graph_path_clear(&path);
	return ok;
}

static void carry_all(struct metric *m)
{
	uint64_t i;

	if (m->kind != SEARCH_PASS_STEPS)
		return;
	for (i = 0; i < m->s->graph.n_edges; i++)
		carry(m, &m->s->graph.edges[i]);
}

static bool measure(struct metric *m, struct search_bound *bound, struct way *way)
{
	const struct graph *g = &m->s->graph;
	uint32_t i, worst = 0;

	for (i = 0; i < g->n_labels; i++)
		mean(m, &m->meaning[i], &g->labels[i]);
	components_find(m->c, NULL, goes_on, m);
	work_off(m);
	carry_all(m);
	for (i = 0; i < m->c->n; i++) {
		if (m->best[i] > m->best[worst])
			worst = i;
	}
	bound->max = MAX(m->best[worst], m->carried);
	bound->finite = bound->max != INFINITE;
	return bound->finite ? witness(m, worst, way) : witness_beyond(m, way);
}

static bool measure_all(struct metric *m)
{
	struct search *s = m->s;
	unsigned int w, kind;

	for (w = 0; w < s->res->n_walkers && !search_interrupted; w++) {
		for (kind = 0; kind < SEARCH_NR_METRICS; kind++) {
			m->task = s->res->walker[w].task;
			m->kind = kind;
			m->carried = 0;
			if (!measure(m, &s->res->walker[w].bound[kind], &s->worst[w][kind]))
				return false;
		}
	}
	return true;
}

bool worst_find(struct search *s)
{
	struct metric m = {
		.s = s, .c = s->components, .best = s->components->value,
		.edge = s->components->by,
		.meaning = malloc((s->graph.n_labels + 1ull) * sizeof(*m.meaning)),
	};
	bool ok = m.meaning && measure_all(&m);

	free(m.meaning);
	return ok;
}
