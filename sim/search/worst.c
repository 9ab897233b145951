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

struct metric {
	struct search *s;
	unsigned int task;
	enum search_metric kind;
	struct components c;
	uint64_t *best;		/* per component: most that can still come */
	uint32_t *edge;		/* per component: by which it does, or GRAPH_NONE */
	uint64_t carried;	/* most that begins on the edge that ends the pass before */
};

static bool of_walker(const struct metric *m, const struct graph_label *label)
{
	return label->choice.kind == CHOICE_TASK && label->choice.who == m->task;
}

/* Does what is measured end on this edge? */
static bool ends(const struct metric *m, const struct graph_label *label)
{
	unsigned int i;

	if (!of_walker(m, label))
		return false;
	if (m->kind == SEARCH_PASS_STEPS)
		return label->n_notes > 0;
	for (i = 0; i < label->n_notes; i++) {
		if (label->notes[i].note == WALK_ENDED)
			return true;
	}
	return false;
}

/* What the edge adds, up to the end if it has one. */
static uint64_t weight(const struct metric *m, const struct graph_label *label)
{
	uint64_t n = 0;
	unsigned int i;

	if (!of_walker(m, label))
		return 0;
	switch (m->kind) {
	case SEARCH_PASS_STEPS:
		return label->n_notes ? label->notes[0].steps : label->steps_after;
	case SEARCH_RESTARTS:
		for (i = 0; i < label->n_notes; i++)
			n += label->notes[i].note == WALK_RESTARTED;
		return n;
	default:
		return graph_label_steps(label);
	}
}

static bool goes_on(const struct graph *g, uint32_t from, const struct graph_edge *edge,
		    void *data)
{
	(void)from;
	return !ends(data, graph_label(g, edge));
}

/* Take the edge into account for the component that it leaves. */
static void consider(struct metric *m, uint32_t comp, const struct graph_edge *edge)
{
	const struct graph *g = &m->s->graph;
	const struct graph_label *label = graph_label(g, edge);
	bool stops = ends(m, label) || edge->target >= g->n_states;
	uint64_t w = weight(m, label), rest = 0;

	if (!stops && m->c.of[edge->target] == comp) {
		if (w)
			m->best[comp] = INFINITE;
		return;
	}
	if (!stops)
		rest = m->best[m->c.of[edge->target]];
	if (rest == INFINITE) {
		m->best[comp] = INFINITE;
	} else if (m->best[comp] != INFINITE &&
		   (w + rest > m->best[comp] || m->edge[comp] == GRAPH_NONE)) {
		m->best[comp] = w + rest;
		m->edge[comp] = edge - g->edges;
	}
}

/* A pass may begin on the very edge on which another ends. */
static void carry(struct metric *m, const struct graph_edge *edge)
{
	const struct graph_label *label = graph_label(&m->s->graph, edge);
	uint64_t rest;

	if (m->kind != SEARCH_PASS_STEPS || !ends(m, label) || !label->steps_after ||
	    edge->target >= m->s->graph.n_states)
		return;
	rest = m->best[m->c.of[edge->target]];
	m->carried = MAX(m->carried, rest == INFINITE ? INFINITE : rest + label->steps_after);
}

static void work_off(struct metric *m)
{
	const struct graph *g = &m->s->graph;
	const struct graph_edge *edge;
	uint32_t comp, i;

	for (comp = 0; comp < m->c.n; comp++) {
		m->best[comp] = 0;
		m->edge[comp] = GRAPH_NONE;
		for (i = m->c.first[comp]; i < m->c.first[comp + 1]; i++) {
			uint32_t state = m->c.member[i];

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
	       (edge->target < g->n_states && t->m->c.of[edge->target] == t->comp &&
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
	return edge->target < g->n_states && t->m->best[t->m->c.of[edge->target]] ==
	       t->m->best[t->comp];
}

static bool is_end(const struct graph *g, uint32_t from, const struct graph_edge *edge, void *data)
{
	(void)from;
	return ends(((struct target *)data)->m, graph_label(g, edge));
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
		struct target t = { .m = m, .comp = m->c.of[state] };
		const struct graph_edge *edge;

		t.edge = m->edge[t.comp];
		if (t.edge == GRAPH_NONE || !m->best[t.comp])
			return finish(m, state, path);
		if (!graph_shortest(g, state, stays_inside, is_target, &t, path))
			return false;
		edge = &g->edges[t.edge];
		if (ends(m, graph_label(g, edge)) || edge->target >= g->n_states)
			return true;
		state = edge->target;
	}
}

static bool witness(struct metric *m, uint32_t worst, struct way *way)
{
	struct graph_path path = { 0 };
	struct target t = { .m = m, .comp = worst };
	uint32_t state = 0;
	bool ok = true;

	if (m->best[m->c.of[0]] != m->best[worst]) {
		ok = graph_shortest(&m->s->graph, 0, NULL, is_worst, &t, &path);
		if (ok)
			state = m->s->graph.edges[path.edge[path.n - 1]].target;
	}
	ok = ok && follow(m, state, &path) && way_add_path(way, &m->s->graph, &path);
	graph_path_clear(&path);
	return ok;
}

static void carry_all(struct metric *m)
{
	uint64_t i;

	for (i = 0; i < m->s->graph.n_edges; i++)
		carry(m, &m->s->graph.edges[i]);
}

static bool measure(struct metric *m, struct search_bound *bound, struct way *way)
{
	uint32_t comp, worst = 0;

	if (!components_find(&m->c, &m->s->graph, NULL, goes_on, m))
		return false;
	m->best = malloc((m->c.n + 1) * sizeof(*m->best));
	m->edge = malloc((m->c.n + 1) * sizeof(*m->edge));
	if (!m->best || !m->edge)
		return false;
	work_off(m);
	carry_all(m);
	for (comp = 0; comp < m->c.n; comp++) {
		if (m->best[comp] > m->best[worst])
			worst = comp;
	}
	bound->max = MAX(m->best[worst], m->carried);
	bound->finite = bound->max != INFINITE;
	return !bound->finite || witness(m, worst, way);
}

bool worst_find(struct search *s)
{
	unsigned int w, kind;
	bool ok = true;

	for (w = 0; w < s->res->n_walkers && ok && !search_interrupted; w++) {
		for (kind = 0; kind < SEARCH_NR_METRICS && ok; kind++) {
			struct metric m = { .s = s, .task = s->res->walker[w].task, .kind = kind };

			ok = measure(&m, &s->res->walker[w].bound[kind], &s->worst[w][kind]);
			components_clear(&m.c);
			free(m.best);
			free(m.edge);
		}
	}
	return ok;
}
