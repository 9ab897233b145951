/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of a search. Each step is one file:
 *
 *	explore.c	depth first over all choices; fills table and graph
 *	transition.c	one choice and what is done unasked behind it
 *	scc.c		strongly connected components of a part of the graph
 *	worst.c		longest ways: exact worst cases
 *	fair.c		fair cycles: what can be kept from finishing
 *	tell.c		a way through the graph as a run, recorded
 *	save.c		the search in a file, and back
 */
#ifndef SIM_SEARCH_PRIVATE_H
#define SIM_SEARCH_PRIVATE_H

#include <signal.h>
#include "sim/engine/state.h"
#include "sim/search/graph.h"
#include "sim/search/search.h"
#include "sim/search/table.h"

/* One state on the search's path. */
struct frame {
	uint32_t state;
	uint16_t n;		/* alternatives */
	uint16_t next;		/* to be tried */
	uint16_t picks[GRAPH_PICKS_MAX];
	uint8_t n_picks;	/* answers that the next try begins with */
	bool live;		/* the engine stands in it */
	bool kept;		/* a checkpoint was taken */
	uint32_t taken;		/* label by which the path goes on */
	uint64_t pending;	/* place of its first edge */
	uint64_t checkpoint;	/* place in the search's checkpoints */
};

/* What fairness is owed to beside the tasks; numbered from n_tasks on. */
struct action {
	uint8_t kind;		/* CHOICE_DRAIN, CHOICE_GRACE, CHOICE_READ; CHOICE_TASK: softirq */
	uint16_t cpu;
	uint32_t place;
};

/* A way as labels, in order. */
struct way {
	uint32_t *label;
	size_t n, room;
	size_t cycle_from;	/* of a worst case: place of a cycle's first label; n: none */
};

/* Strongly connected components: room for one partition at a time, used again and again. */
struct components {
	const struct graph *g;
	uint32_t *of;		/* per state: number of its component, 0xffffffff: left out */
	uint32_t n;		/* components; a component's successors have lower numbers */
	uint32_t *member;	/* states, component by component */
	uint32_t *first;	/* n + 1 places in member */
	uint32_t *order;	/* of all states, as the search left them */
	uint32_t *scratch;
	uint64_t *value;	/* per component: the caller's */
	uint32_t *by;		/* likewise */
};

struct search {
	const struct plan *plan;
	struct search_options opt;
	struct search_result *res;
	struct engine *e;
	struct graph graph;
	struct table table;
	uint64_t *words;		/* of the present state */
	uint32_t n_states;

	uint32_t claimed;		/* classes whose loads go unasked, a bit each */
	uint8_t walker_bit[TASKS_MAX];	/* place among the walkers, 0xff: none */

	struct frame *frames;
	size_t n_frames, room_frames;
	uint8_t *checkpoints;
	size_t checkpoints_used, checkpoints_room;
	struct graph_edge *pending;	/* of the states on the path */
	size_t n_pending, room_pending;

	/* the transition that is under way */
	unsigned int want;		/* place in the choice set */
	bool go_on;			/* unasked: the running task */
	uint16_t picks[GRAPH_PICKS_MAX];
	uint16_t of[GRAPH_PICKS_MAX];	/* how many there were */
	uint8_t n_given, n_picks;
	bool too_many_picks;
	bool claim_broken;
	bool deadlocked;		/* the end that was reached last is none */
	struct graph_label label;
	uint32_t place;			/* of the access that was chosen */
	bool read_asked;
	struct action *actions;
	size_t n_actions, room_actions;

	/* the first violation that a check reported */
	bool violated;
	uint64_t violated_at;		/* states by then */
	bool hung;			/* each time would cost limits.hang seconds */
	struct way violation;		/* in the order of the search, perhaps not the shortest */
	struct way counterexample;	/* what is told: stem, then the cycle */
	size_t cycle_from;		/* place of the cycle's first label; n: none */
	struct way worst[SEARCH_WALKERS_MAX][SEARCH_NR_METRICS];
	struct components *components;	/* while the graph is judged */

	double begun, next_look, next_save;	/* s, monotonic */
	double seconds_before;		/* of sessions resumed from */
};

extern const struct strategy search_strategy;

/* explore.c: false with error set; else res->verdict says how it ended. */
bool search_explore(struct search *s, GError **error);
/* How a state that has just been reached is entered; see explore.c. */
bool search_begin(struct search *s);
/* A checkpoint of the state that the engine stands in. */
bool search_keep_checkpoint(struct search *s, struct frame *f);
/* Stop with this limit. */
void search_limit(struct search *s, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
double search_clock(void);

/* transition.c: from the state in which the engine stands, by e->set.ev[s->want]. */
void transition_take(struct search *s);
/* By a label; false: it is not among the choices. */
bool transition_take_label(struct search *s, const struct graph_label *label);
/* Nobody can do anything more, whether all are done or not; reports a deadlock. */
bool transition_at_end(struct search *s);

static inline unsigned int search_nr_actions(const struct search *s)
{
	return s->plan->n_tasks + s->n_actions;
}

/* worst.c, fair.c: on the finished graph; false: no memory. */
bool worst_find(struct search *s);
bool fair_find(struct search *s);

/* scc.c */
bool components_init(struct components *c, const struct graph *g);
void components_find(struct components *c, const uint8_t *in, graph_filter filter, void *data);
void components_clear(struct components *c);
/* What one takes at the most. */
size_t components_bytes(const struct graph *g);

bool way_add(struct way *w, uint32_t label);
bool way_add_path(struct way *w, const struct graph *g, const struct graph_path *path);
void way_clear(struct way *w);

/* save.c */
bool save_write(struct search *s, GError **error);
/* *there: a search was read, and the engine stands where it goes on. */
bool save_read(struct search *s, bool *there, GError **error);
/* The search is over: nothing is left to go on with. */
void save_remove(struct search *s);

extern volatile sig_atomic_t search_interrupted;

#endif
