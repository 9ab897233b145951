/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A memory model says what a load may return and when a store is seen. One file
 * sim/model/NAME.c, ending in one const struct model model_NAME.
 *
 * A model keeps its state (buffers, messages, floors) in state_size bytes that
 * the engine owns, saves and restores with the run; what of it decides how a
 * run goes on it puts into words (identity). Addresses are locations of the
 * arena; the engine has checked them. Memory holds what has drained.
 *
 * A place is the offset of a location in the simulated memory.
 */
#ifndef SIM_MODEL_MODEL_H
#define SIM_MODEL_MODEL_H

#include "sim/engine/event.h"
#include "scenarios/plan.h"

enum model_note_kind {
	NOTE_ADDED,		/* an add has returned; arg: spte */
	NOTE_FREED,		/* an object was freed; arg: cache << 16 | object */
	NOTE_GUEST_WROTE,	/* a guest has written to a page; arg: gfn */
	NOTE_RCU_LEFT,		/* a read-side section has ended */
	NOTE_RCU_FREED,		/* kfree_rcu() was called; arg as of NOTE_FREED */
	NOTE_PAGE_FREED,	/* a shadow page is going to be freed; arg: its place */
};

/* A note travels behind the stores that its cpu has made before. */
struct model_note {
	uint16_t cpu;
	uint16_t kind;		/* enum model_note_kind */
	uint32_t arg;
};

/* What a drain did, for those who watch. */
struct model_drained {
	unsigned int cpu;
	uint32_t place;
	unsigned int size;
	uint64_t before, value;
	struct sim_site *site;	/* of the store */
};

enum model_grace {
	GRACE_STARTS,		/* for all sections that begin from now on; cpu waits for it */
	GRACE_QUEUED,		/* likewise, and nobody waits for it but an object */
	GRACE_SECTION,		/* a read-side section of cpu begins */
	GRACE_LEFT,		/* the last reader of a cpu that cpu waits for has left */
	GRACE_ENDS,		/* cpu goes on behind a grace period */
};

#define MODEL_NO_OBJECT	UINT32_MAX

struct model_env {
	/* Deliver a note whose stores are now visible to all. */
	void (*deliver)(const struct model_note *note);
	void (*drained)(const struct model_drained *what);
	/* A question of the model's own (CHOICE_READ): 0..n-1, 0 is the newest. */
	uint32_t (*pick)(unsigned int cpu, uint32_t n);
	/*
	 * Place of the object in which a place lies, or to which a value points,
	 * whatever its tag bits: of what is only reached by pointers, that is.
	 */
	uint32_t (*object)(uint32_t place);
	uint32_t (*pointee)(uint64_t value);
	/*
	 * Where it is known what the tasks will still do, a bit for each cpu: which
	 * may still load from place (atomics and locks do); which may load behind a
	 * fence, an acquire, or what else makes the time of an earlier load matter.
	 * NULL: all may.
	 */
	uint64_t (*may_load)(uint32_t place);
	uint64_t (*may_order)(void);
};

struct buffer;

struct model {
	const char *name;
	const char *summary;
	const char *source;
	const char *scope;	/* what a verdict has to say of it; NULL: nothing */

	/*
	 * Loads and stores act on memory at once and nothing is ever pending:
	 * tasks may act in line. Only then may functions below be NULL where it
	 * is said.
	 */
	bool direct;
	/*
	 * A load returns the youngest store to its location that waits in its own
	 * cpu's buffer, else what memory holds: tasks may load in line. NULL: not so.
	 */
	struct buffer *(*buffer)(void *state, unsigned int cpu);
	bool fifo;		/* of a cpu's stores only the oldest can drain */
	bool asks;		/* its loads ask questions (CHOICE_READ) */
	unsigned int cpus_max;	/* 0: as many as there may be */

	size_t (*state_size)(const struct plan *plan);
	void (*begin)(void *state, const struct plan *plan, const struct model_env *env);

	/* Is this announced event a point? (A store that enters a buffer is not.) */
	bool (*asked)(const void *state, unsigned int cpu, const struct sim_event *ev); /* NULL */
	/* May it happen now? (A fence waits for an empty buffer.) NULL: always. */
	bool (*enabled)(const void *state, unsigned int cpu, const struct sim_event *ev);

	uint64_t (*load)(void *state, unsigned int cpu, const struct sim_event *ev);
	void (*store)(void *state, unsigned int cpu, const struct sim_event *ev, uint64_t value);
	/* The two halves of an atomic, one transition; a failed compare stores nothing. */
	uint64_t (*rmw_load)(void *state, unsigned int cpu, const struct sim_event *ev);
	void (*rmw_store)(void *state, unsigned int cpu, const struct sim_event *ev,
			  uint64_t value);
	void (*fence)(void *state, unsigned int cpu, const struct sim_event *ev);

	void (*note)(void *state, const struct model_note *note);
	/* Take a note back that has not been delivered. NULL: there are none. */
	void (*cancel)(void *state, const struct model_note *note);

	/* Places of the stores of cpu that can drain now, at most max; how many. NULL: none. */
	unsigned int (*pending)(const void *state, unsigned int cpu, uint32_t *places,
				unsigned int max);
	/* Is anything on its way from any cpu? NULL: no. */
	bool (*busy)(const void *state);
	void (*drain)(void *state, unsigned int cpu, uint32_t place);

	/* Could cpu load something other than value there by now? NULL: compare memory. */
	bool (*changed)(const void *state, unsigned int cpu, const void *addr, unsigned int size,
			uint64_t value);
	/* From here on cpu sees all that has drained by now. NULL: it always does. */
	void (*sync)(void *state, unsigned int cpu);
	/* cpu accesses nothing more before its next sync. NULL: no matter. */
	void (*rest)(void *state, unsigned int cpu);
	void (*grace)(void *state, unsigned int cpu, enum model_grace what);	/* NULL */
	/* A register of cpu is set from others, without memory (ev->deps). NULL: no matter. */
	void (*move)(void *state, unsigned int cpu, const struct sim_deps *deps);
	/* What the cpu accesses at addr it has found through its last load. NULL: no matter. */
	void (*depend)(void *state, unsigned int cpu, const void *addr);
	/*
	 * The add of an spte is visible to all that ask; is a cpu forced to see it
	 * by now, though nothing was asked? NULL: it is.
	 */
	void (*visible)(void *state, uint32_t spte);
	bool (*sees)(const void *state, unsigned int cpu, uint32_t spte);

	/* The model's part of a state's identity as words; returns how many. NULL: none. */
	size_t (*words)(const void *state, uint64_t *to);
	size_t (*words_max)(const struct plan *plan);
};

/* Can tasks act in line? */
static inline bool model_is_quick(const struct model *model)
{
	return model->direct || model->buffer;
}

extern const struct model *const models[];	/* NULL-terminated */
const struct model *model_find(const char *name);

#endif
