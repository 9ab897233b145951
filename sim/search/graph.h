/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The finished graph of a search: states by number, and for each its
 * transitions. What a transition is and did is its label; labels are few, so an
 * edge is 8 bytes.
 *
 * Numbers are given in the order in which states are found; 0 is the start. The
 * edges of one state stand together and are added when the last is known.
 * Functions that return false had no memory left.
 */
#ifndef SIM_SEARCH_GRAPH_H
#define SIM_SEARCH_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sim/engine/event.h"

#define GRAPH_PICKS_MAX		6
#define GRAPH_NOTES_MAX		4
#define GRAPH_STATES_MAX	0xfffffff0u

/* Targets that are no states. */
#define GRAPH_VIOLATION		0xffffffffu	/* a check fired */
#define GRAPH_NONE		0xfffffffeu

/* Edges and labels share a word with this: it is its state's last edge. */
#define GRAPH_LAST		0x80000000u

enum graph_fairness {
	GRAPH_STRONG,		/* enabled again and again: happens again and again */
	GRAPH_WEAK,		/* only if it stays enabled (taking an unfair lock) */
};

/* A choice with all its answers, and what it did to its task's walk. */
struct graph_label {
	struct choice choice;
	uint16_t picks[GRAPH_PICKS_MAX];
	uint8_t n_picks;
	uint8_t fairness;	/* enum graph_fairness */
	uint8_t n_notes;
	uint8_t in_walk;	/* the task was in a walk before */
	uint16_t action;	/* that fairness is owed to: a task, or a store's drain */
	uint16_t read_action;	/* that a load of a place returns the newest value; 0: no matter */
	uint8_t reads_newest;	/* and it did */
	struct {
		uint32_t steps;
		uint32_t note;	/* enum walk_note */
	} notes[GRAPH_NOTES_MAX];
	uint32_t steps_after;	/* behind the last note */
};

struct graph_edge {
	uint32_t target;
	uint32_t label;		/* place, and GRAPH_LAST */
};

struct graph {
	uint32_t n_states;
	uint32_t room_states;
	uint32_t *first;	/* per state: place of its first edge, or GRAPH_NONE */
	uint8_t *in_walk;	/* per state: one bit for each of the first 8 walkers */
	struct graph_edge *edges;
	uint64_t n_edges, room_edges;
	struct graph_label *labels;
	uint32_t n_labels, room_labels;
	uint32_t *label_slots;	/* hash table of places */
	uint32_t nr_slots;
};

bool graph_init(struct graph *g);
void graph_clear(struct graph *g);
size_t graph_bytes(const struct graph *g);

/* A new state's number, or GRAPH_NONE: no room. */
uint32_t graph_add_state(struct graph *g, uint8_t in_walk);
/* The place of a label, new or known, or GRAPH_NONE. */
uint32_t graph_add_label(struct graph *g, const struct graph_label *label);
/* All edges of a state; label without GRAPH_LAST. */
bool graph_add_edges(struct graph *g, uint32_t state, const struct graph_edge *edges, size_t n);

static inline const struct graph_label *graph_label(const struct graph *g,
						    const struct graph_edge *edge)
{
	return &g->labels[edge->label & ~GRAPH_LAST];
}

/* The edges of a state; those on the search's path when it ended have none. */
static inline const struct graph_edge *graph_first(const struct graph *g, uint32_t state)
{
	return g->first[state] == GRAPH_NONE ? NULL : &g->edges[g->first[state]];
}

static inline const struct graph_edge *graph_next(const struct graph_edge *edge)
{
	return edge->label & GRAPH_LAST ? NULL : edge + 1;
}

/* Which edges count; data is the caller's. */
typedef bool (*graph_filter)(const struct graph *g, uint32_t from, const struct graph_edge *edge,
			     void *data);

/* A way through the graph: its edges in order, by place. */
struct graph_path {
	uint32_t *edge;
	size_t n, room;
};

bool graph_path_add(struct graph_path *path, uint32_t edge);
bool graph_path_append(struct graph_path *path, const struct graph_path *more);
void graph_path_clear(struct graph_path *path);

/*
 * The shortest way from a state to the first edge for which goal says so, that
 * edge included, over edges that filter lets pass (NULL: all). Appends to path.
 * False: there is none, or no memory.
 */
bool graph_shortest(const struct graph *g, uint32_t from, graph_filter filter, graph_filter goal,
		    void *data, struct graph_path *path);

/* An act of the task itself, not of the system or of a softirq above it? */
static inline bool graph_label_is_of(const struct graph_label *label, unsigned int task)
{
	return label->choice.kind == CHOICE_TASK && label->action == task;
}

/* Steps of a label that belong to the walk (pass: only those behind the last note). */
uint64_t graph_label_steps(const struct graph_label *label);

#endif
