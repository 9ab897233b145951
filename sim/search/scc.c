/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strongly connected components of the part of the graph that a mask of states
 * and a filter of edges leave. Components come out with all that they lead to
 * before them, which is the order in which longest ways are computed.
 *
 * States have got their edges in the order in which the search left them: each
 * behind all that it leads to, unless an edge leads back along the path of then.
 * Where no such edge is left, every state is a component of its own and that
 * order is the answer. Else it is Tarjan's (1972), without recursion.
 */
#include <stdlib.h>
#include <string.h>
#include "sim/search/private.h"
#include "sim/search/room.h"

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

/* By the place of a state's first edge; those without edges lead nowhere. */
static void find_order(struct components *c)
{
	const struct graph *g = c->g;
	uint32_t *owner = c->scratch, n = 0, state;
	uint64_t i;

	memset(owner, 0xff, g->n_edges * sizeof(*owner));
	for (state = 0; state < g->n_states; state++) {
		if (g->first[state] == GRAPH_NONE)
			c->order[n++] = state;
		else
			owner[g->first[state]] = state;
	}
	for (i = 0; i < g->n_edges; i++) {
		if (owner[i] != UNSEEN)
			c->order[n++] = owner[i];
	}
}

/* In words of 32 bits: Tarjan's five, or one for each edge. */
static size_t scratch_words(const struct graph *g)
{
	return MAX(5 * (g->n_states + 1ull), g->n_edges);
}

size_t components_bytes(const struct graph *g)
{
	return (7 * (g->n_states + 1ull) + scratch_words(g)) * sizeof(uint32_t);
}

bool components_init(struct components *c, const struct graph *g)
{
	size_t n = g->n_states + 1ull;

	*c = (struct components){ .g = g, .value = room_alloc(components_bytes(g)) };
	if (!c->value)
		return false;
	c->by = (uint32_t *)(c->value + n);
	c->of = c->by + n;
	c->member = c->of + n;
	c->first = c->member + n;
	c->order = c->first + n;
	c->scratch = c->order + n;
	find_order(c);
	return true;
}

void components_clear(struct components *c)
{
	free(c->value);
	*c = (struct components){ 0 };
}

static void tarjan_begin(struct tarjan *t)
{
	size_t n = t->g->n_states + 1ull;

	t->index = t->out->scratch;
	t->low = t->index + n;
	t->stack = t->low + n;
	t->edge = t->stack + n;
	t->path = t->edge + n;
	memset(t->index, 0xff, n * sizeof(*t->index));
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

static inline bool is_left(const struct tarjan *t, uint32_t from, const struct graph_edge *edge)
{
	return edge->target < t->g->n_states && (!t->in || t->in[edge->target]) &&
	       (!t->filter || t->filter(t->g, from, edge, t->data));
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
	if (!is_left(t, state, edge))
		return;
	if (t->index[edge->target] == UNSEEN)
		visit(t, edge->target);
	else if (t->out->of[edge->target] == UNSEEN)
		t->low[state] = MIN(t->low[state], t->index[edge->target]);
}

/* Each a component of its own, in the order of the search; false: an edge leads back. */
static bool take_order(const struct tarjan *t, struct components *c)
{
	const struct graph_edge *edge;
	uint32_t i;

	for (i = 0; i < t->g->n_states; i++) {
		uint32_t state = c->order[i];

		if (t->in && !t->in[state])
			continue;
		for (edge = graph_first(t->g, state); edge; edge = graph_next(edge)) {
			if (is_left(t, state, edge) && c->of[edge->target] == UNSEEN)
				return false;
		}
		c->of[state] = c->first[c->n] = c->n;
		c->member[c->n++] = state;
	}
	c->first[c->n] = c->n;
	return true;
}

static void begin(struct components *c)
{
	c->n = 0;
	memset(c->of, 0xff, c->g->n_states * sizeof(*c->of));
}

void components_find(struct components *c, const uint8_t *in, graph_filter filter, void *data)
{
	struct tarjan t = { .g = c->g, .in = in, .filter = filter, .data = data, .out = c };
	uint32_t i;

	begin(c);
	if (take_order(&t, c))
		return;
	begin(c);
	tarjan_begin(&t);
	for (i = 0; i < c->g->n_states; i++) {
		if (t.index[i] != UNSEEN || (in && !in[i]))
			continue;
		visit(&t, i);
		while (t.n_path)
			advance(&t);
	}
	c->first[c->n] = t.n_members;
}
