/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A memory model says what a load may return and when a store is seen. One file
 * sim/model/NAME.c, ending in one const struct model model_NAME.
 *
 * A model keeps its state (buffers, messages, floors) in state_size bytes that
 * the engine owns, saves and restores with the run. Addresses are locations of
 * the arena; the engine has checked them. Memory holds what has drained.
 */
#ifndef SIM_MODEL_MODEL_H
#define SIM_MODEL_MODEL_H

#include "sim/engine/event.h"
#include "scenarios/plan.h"

/* A note that travels behind the stores of its cpu (the end of an add). */
struct model_note {
	uint16_t task;
	uint16_t kind;		/* the engine's */
	uint32_t arg;
};

struct model_env {
	/* Deliver a note whose stores are now visible to all. */
	void (*deliver)(const struct model_note *note);
	/* Answer a question of the model's own (CHOICE_READ): 0..n-1, 0 newest. */
	uint32_t (*pick)(enum choice_kind kind, unsigned int cpu, uint32_t n);
};

struct model {
	const char *name;
	const char *summary;
	const char *source;

	/*
	 * Loads and stores act on memory at once and nothing is ever pending:
	 * tasks may act in line. Only then may the functions below be NULL
	 * where it is said.
	 */
	bool direct;

	size_t (*state_size)(const struct plan *plan);
	void (*begin)(void *state, const struct plan *plan, const struct model_env *env);

	/* Is this announced event a point? (A store that enters a buffer is not.) */
	bool (*asked)(const void *state, const struct sim_event *ev);		/* NULL: all are */
	/* May it happen now? (A fence waits for an empty buffer.) NULL: always. */
	bool (*enabled)(const void *state, unsigned int cpu, const struct sim_event *ev);

	uint64_t (*load)(void *state, unsigned int cpu, const struct sim_event *ev);
	void (*store)(void *state, unsigned int cpu, const struct sim_event *ev, uint64_t value);
	/* The two halves of an atomic, one transition; a failed compare stores nothing. */
	uint64_t (*rmw_load)(void *state, unsigned int cpu, const struct sim_event *ev);
	void (*rmw_store)(void *state, unsigned int cpu, const struct sim_event *ev,
			  uint64_t value);
	void (*fence)(void *state, unsigned int cpu, const struct sim_event *ev);
	void (*note)(void *state, unsigned int cpu, const struct model_note *note);

	/* Pending drains of a cpu: how many can be chosen from; drain number pick. */
	unsigned int (*pending)(const void *state, unsigned int cpu);	/* NULL: none */
	void (*drain)(void *state, unsigned int cpu, unsigned int pick);

	/* Mix the model's part of the identity into h. */
	uint64_t (*identity)(const void *state, uint64_t h);		/* NULL: no state */
};

extern const struct model *const models[];	/* NULL-terminated */
const struct model *model_find(const char *name);

#endif
