/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The graph's memory, and shortest ways through it; see graph.h. */
#include <stdlib.h>
#include <string.h>
#include "sim/engine/rng.h"
#include "sim/search/graph.h"
#include "sim/search/room.h"

#define SLOTS_FIRST	256

static bool grow(void **array, size_t size, uint64_t need, uint64_t room)
{
	return need < room && room_grow(array, room, size);
}

bool graph_init(struct graph *g)
{
	*g = (struct graph){ .nr_slots = SLOTS_FIRST };
	g->label_slots = malloc(SLOTS_FIRST * sizeof(*g->label_slots));
	if (!g->label_slots)
		return false;
	memset(g->label_slots, 0xff, SLOTS_FIRST * sizeof(*g->label_slots));
	return true;
}

void graph_clear(struct graph *g)
{
	free(g->first);
	free(g->in_walk);
	free(g->edges);
	free(g->labels);
	free(g->label_slots);
	*g = (struct graph){ 0 };
}

size_t graph_bytes(const struct graph *g)
{
	return g->room_states * (sizeof(*g->first) + 1) + g->room_edges * sizeof(*g->edges) +
	       g->room_labels * sizeof(*g->labels) + g->nr_slots * sizeof(*g->label_slots);
}

uint32_t graph_add_state(struct graph *g, uint8_t in_walk)
{
	uint64_t room = g->room_states + g->room_states / 16ull + 1024;

	if (g->n_states == GRAPH_STATES_MAX)
		return GRAPH_NONE;
	if (g->n_states == g->room_states) {
		if (room > GRAPH_STATES_MAX)
			room = GRAPH_STATES_MAX;
		if (!grow((void **)&g->first, sizeof(*g->first), g->n_states, room) ||
		    !grow((void **)&g->in_walk, 1, g->n_states, room))
			return GRAPH_NONE;
		g->room_states = room;
	}
	g->first[g->n_states] = GRAPH_NONE;
	g->in_walk[g->n_states] = in_walk;
	return g->n_states++;
}

static uint64_t label_hash(const struct graph_label *label)
{
	const struct choice *c = &label->choice;
	uint64_t counts = label->n_picks | label->n_notes << 4 | label->in_walk << 8 |
			  label->fairness << 12 | c->kind << 16;
	uint64_t h = hash_mix(counts << 32 | (uint32_t)c->cpu << 16 | c->who,
			      (uint64_t)label->steps_after << 32 | c->pick);
	uint64_t actions = label->action | (uint64_t)label->read_action << 16;
	unsigned int i;

	h = hash_mix(h, actions << 1 | label->reads_newest);
	for (i = 0; i < label->n_picks; i++)
		h = hash_mix(h, label->picks[i]);
	for (i = 0; i < label->n_notes; i++)
		h = hash_mix(h, (uint64_t)label->notes[i].steps << 32 | label->notes[i].note);
	return h;
}

/* The slot of a label that is equal, or the free one where it belongs. */
static uint32_t *label_slot(const struct graph *g, const struct graph_label *label)
{
	uint32_t at = label_hash(label) & (g->nr_slots - 1);

	while (g->label_slots[at] != GRAPH_VIOLATION &&
	       memcmp(&g->labels[g->label_slots[at]], label, sizeof(*label)))
		at = (at + 1) & (g->nr_slots - 1);
	return &g->label_slots[at];
}

static bool grow_labels(struct graph *g)
{
	uint32_t slots = g->nr_slots * 2, i;

	if (g->n_labels == g->room_labels) {
		uint32_t room = g->room_labels * 2 + 32;

		if (!grow((void **)&g->labels, sizeof(*g->labels), g->n_labels, room))
			return false;
		g->room_labels = room;
	}
	if (g->n_labels * 2 < g->nr_slots)
		return true;
	if (!grow((void **)&g->label_slots, sizeof(*g->label_slots), 0, slots))
		return false;
	g->nr_slots = slots;
	memset(g->label_slots, 0xff, slots * sizeof(*g->label_slots));
	for (i = 0; i < g->n_labels; i++)
		*label_slot(g, &g->labels[i]) = i;
	return true;
}

uint32_t graph_add_label(struct graph *g, const struct graph_label *label)
{
	uint32_t *slot = label_slot(g, label);

	if (*slot != GRAPH_VIOLATION)
		return *slot;
	if (g->n_labels == GRAPH_LAST - 1 || !grow_labels(g))
		return GRAPH_NONE;
	g->labels[g->n_labels] = *label;
	*label_slot(g, label) = g->n_labels;
	return g->n_labels++;
}

bool graph_add_edges(struct graph *g, uint32_t state, const struct graph_edge *edges, size_t n)
{
	if (!n)
		return true;
	if (g->n_edges + n >= g->room_edges) {
		uint64_t room = g->room_edges + g->room_edges / 16 + n + 1024;

		if (g->n_edges + n >= GRAPH_NONE ||
		    !grow((void **)&g->edges, sizeof(*g->edges), g->n_edges, room))
			return false;
		g->room_edges = room;
	}
	g->first[state] = g->n_edges;
	memcpy(&g->edges[g->n_edges], edges, n * sizeof(*edges));
	g->n_edges += n;
	g->edges[g->n_edges - 1].label |= GRAPH_LAST;
	return true;
}

uint64_t graph_label_steps(const struct graph_label *label)
{
	uint64_t steps = label->steps_after;
	unsigned int i;

	for (i = 0; i < label->n_notes; i++)
		steps += label->notes[i].steps;
	return steps;
}

bool graph_path_add(struct graph_path *path, uint32_t edge)
{
	if (path->n == path->room) {
		size_t room = path->room * 2 + 64;

		if (!grow((void **)&path->edge, sizeof(*path->edge), path->n, room))
			return false;
		path->room = room;
	}
	path->edge[path->n++] = edge;
	return true;
}

bool graph_path_append(struct graph_path *path, const struct graph_path *more)
{
	size_t i;

	for (i = 0; i < more->n; i++) {
		if (!graph_path_add(path, more->edge[i]))
			return false;
	}
	return true;
}

void graph_path_clear(struct graph_path *path)
{
	free(path->edge);
	*path = (struct graph_path){ 0 };
}

/*
 * Breadth first. What has been reached is a list, each entry with the one it was
 * reached from, and a set; both grow with what is looked at, for most ways are
 * short and most graphs are not.
 */
struct reached {
	uint32_t state;
	uint32_t came;		/* edge */
	uint32_t from;		/* place in the list */
};

struct bfs {
	struct reached *list;
	uint32_t n, room;
	uint32_t *slot;		/* places in the list + 1, 0: free */
	uint32_t slots;		/* a power of two */
};

static uint32_t *bfs_slot(const struct bfs *b, uint32_t state)
{
	uint32_t at = mix64(state) & (b->slots - 1);

	while (b->slot[at] && b->list[b->slot[at] - 1].state != state)
		at = (at + 1) & (b->slots - 1);
	return &b->slot[at];
}

static bool bfs_grow(struct bfs *b)
{
	uint32_t room = b->room ? b->room * 2 : 512, i;
	uint32_t *slot = room < GRAPH_LAST ? calloc(room * 2ull, sizeof(*slot)) : NULL;

	if (!slot || !grow((void **)&b->list, sizeof(*b->list), b->n, room)) {
		free(slot);
		return false;
	}
	free(b->slot);
	b->slot = slot;
	b->slots = room * 2;
	b->room = room;
	for (i = 0; i < b->n; i++)
		*bfs_slot(b, b->list[i].state) = i + 1;
	return true;
}

/* False: no memory. Known states are left as they are. */
static bool bfs_reach(struct bfs *b, uint32_t state, uint32_t came, uint32_t from)
{
	uint32_t *slot;

	if (b->n + 1 >= b->room && !bfs_grow(b))
		return false;
	slot = bfs_slot(b, state);
	if (*slot)
		return true;
	b->list[b->n] = (struct reached){ .state = state, .came = came, .from = from };
	*slot = ++b->n;
	return true;
}

/* The way back from an entry, turned round, then the last edge. */
static bool bfs_path(const struct bfs *b, uint32_t entry, uint32_t last, struct graph_path *path)
{
	size_t begin = path->n, i, j;

	for (; entry; entry = b->list[entry].from) {
		if (!graph_path_add(path, b->list[entry].came))
			return false;
	}
	for (i = begin, j = path->n; i + 1 < j; i++, j--) {
		uint32_t swap = path->edge[i];

		path->edge[i] = path->edge[j - 1];
		path->edge[j - 1] = swap;
	}
	return graph_path_add(path, last);
}

bool graph_shortest(const struct graph *g, uint32_t start, graph_filter filter, graph_filter goal,
		    void *data, struct graph_path *path)
{
	const struct graph_edge *edge;
	bool found = false, ok;
	struct bfs b = { 0 };
	uint32_t i;

	ok = bfs_reach(&b, start, GRAPH_NONE, 0);
	for (i = 0; ok && i < b.n && !found; i++) {
		uint32_t state = b.list[i].state;

		for (edge = graph_first(g, state); edge && ok; edge = graph_next(edge)) {
			if (filter && !filter(g, state, edge, data))
				continue;
			found = goal(g, state, edge, data);
			if (found) {
				ok = bfs_path(&b, i, edge - g->edges, path);
				break;
			}
			if (edge->target < g->n_states)
				ok = bfs_reach(&b, edge->target, edge - g->edges, i);
		}
	}
	free(b.list);
	free(b.slot);
	return found && ok;
}
