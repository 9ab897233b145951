/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strongly connected components (Tarjan 1972, without recursion) of the part of
 * the graph that a mask of states and a filter of edges leave. Components come
 * out with all that they lead to before them, which is the order in which
 * longest ways are computed.
 */
#include <stdlib.h>
#include <string.h>
#include "sim/search/private.h"

#define UNSEEN	0xffffffffu

struct tarjan {
	const struct graph *g;
	const uint8_t *in;
	graph_filter filter;
	void *data;
	uint32_t *index, *low;
	uint32_t *stack, *edge, *path;	/* of states; next edge of each on the path */
	uint32_t n_stack, n_path, counter;
	struct components *out;
	uint32_t n_members;
};

static bool tarjan_init(struct tarjan *t, struct components *out)
{
	size_t n = t->g->n_states, bytes = (n + 1) * sizeof(uint32_t);

	*out = (struct components){
		.of = malloc(bytes), .member = malloc(bytes), .first = malloc(bytes),
	};
	t->out = out;
	t->index = malloc(bytes);
	t->low = malloc(bytes);
	t->stack = malloc(bytes);
	t->edge = malloc(bytes);
	t->path = malloc(bytes);
	if (!out->of || !out->member || !out->first || !t->index || !t->low || !t->stack ||
	    !t->edge || !t->path)
		return false;
	memset(t->index, 0xff, bytes);
	memset(out->of, 0xff, bytes);
	return true;
}

static void tarjan_clear(struct tarjan *t)
{
	free(t->index);
	free(t->low);
	free(t->stack);
	free(t->edge);
	free(t->path);
}

static void visit(struct tarjan *t, uint32_t state)
{
	t->index[state] = t->low[state] = t->counter++;
	t->stack[t->n_stack++] = state;
	t->edge[t->n_path] = t->g->first[state];
	t->path[t->n_path++] = state;
}

/* The root of a component has been left: all above it on the stack are in it. */
static void complete(struct tarjan *t, uint32_t root)
{
	uint32_t state;

	t->out->first[t->out->n] = t->n_members;
	do {
		state = t->stack[--t->n_stack];
		t->out->of[state] = t->out->n;
		t->out->member[t->n_members++] = state;
	} while (state != root);
	t->out->n++;
}

static void leave(struct tarjan *t)
{
	uint32_t state = t->path[--t->n_path];

	if (t->low[state] == t->index[state])
		complete(t, state);
	if (t->n_path) {
		uint32_t from = t->path[t->n_path - 1];

		t->low[from] = MIN(t->low[from], t->low[state]);
	}
}

/* Follow one edge of the state on top of the path, or leave it. */
static void advance(struct tarjan *t)
{
	uint32_t state = t->path[t->n_path - 1], *at = &t->edge[t->n_path - 1];
	const struct graph_edge *edge;

	if (*at == GRAPH_NONE) {
		leave(t);
		return;
	}
	edge = &t->g->edges[*at];
	*at = edge->label & GRAPH_LAST ? GRAPH_NONE : *at + 1;
	if (edge->target >= t->g->n_states || (t->in && !t->in[edge->target]) ||
	    (t->filter && !t->filter(t->g, state, edge, t->data)))
		return;
	if (t->index[edge->target] == UNSEEN)
		visit(t, edge->target);
	else if (t->out->of[edge->target] == UNSEEN)
		t->low[state] = MIN(t->low[state], t->index[edge->target]);
}

bool components_find(struct components *c, const struct graph *g, const uint8_t *in,
		     graph_filter filter, void *data)
{
	struct tarjan t = { .g = g, .in = in, .filter = filter, .data = data };
	bool ok = tarjan_init(&t, c);
	uint32_t i;

	for (i = 0; ok && i < g->n_states; i++) {
		if (t.index[i] != UNSEEN || (in && !in[i]))
			continue;
		visit(&t, i);
		while (t.n_path)
			advance(&t);
	}
	if (ok)
		c->first[c->n] = t.n_members;
	tarjan_clear(&t);
	if (!ok)
		components_clear(c);
	return ok;
}

void components_clear(struct components *c)
{
	free(c->of);
	free(c->member);
	free(c->first);
	*c = (struct components){ 0 };
}
