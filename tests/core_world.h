/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small world around one algorithm, single-threaded, for each build of core/:
 * the simulator's (calls outside of any task), the hardware's, and one whose
 * addresses are those of a kernel (tests/high/). core_world.c is compiled once
 * for each, like core/ itself; what differs is behind struct core_back.
 *
 * A world and all in it is owned by free(). One world per build at a time: the
 * simulator has one engine a process.
 */
#ifndef TESTS_CORE_WORLD_H
#define TESTS_CORE_WORLD_H

#include "core/rmap.h"

#define CORE_EXT_MAX	64
#define CORE_SPTES_MAX	64

/* What a world is made of. */
struct core_spec {
	unsigned int algorithm;		/* place in the table, the same in every build */
	long param[RMAP_PARAM_MAX];
	unsigned int ext, rmaps, sptes, address_bits;
	unsigned int descs;		/* in the simulator's pool */
	unsigned int cache_objs;
	bool alloc_zero, lock_rw;
};

/* A list as describe() tells it, from the head on; only of descriptor lists. */
struct core_list {
	int direct;			/* the head's spte, or -1 */
	unsigned int n;			/* descriptors */
	int nulls;			/* the rmap whose nulls end it, or -1 */
	struct core_desc {
		const void *where;
		uint64_t position;	/* of the word that led here */
		bool many, numbered;	/* likewise */
		int spte[CORE_EXT_MAX];	/* by slot, -1: empty */
	} desc[CORE_SPTES_MAX];
};

struct core_walked {
	enum rmap_walk_result result;
	unsigned int visits[CORE_SPTES_MAX];	/* by spte */
	unsigned int strangers;			/* pointers to what is no spte */
	unsigned int total;
	bool counted;		/* the statistics are: not in the simulator's build */
	struct rmap_walk_stats stats;
};

struct core_audited {
	const char *error;
	unsigned int found[CORE_SPTES_MAX], strangers;
	unsigned int nr_sptes, nr_objects;
	bool keeps_nothing;
};

struct core_world;

struct core_build {
	const char *name;
	const struct rmap_algorithm *const *algorithms;
	struct core_world *(*make)(const struct core_spec *spec);
	void (*free)(struct core_world *w);
	/* NULL, or why n entries in one rmap are refused; until the next call. */
	const char *(*refusal)(struct core_world *w, unsigned int n);
	int (*add)(struct core_world *w, unsigned int rmap, unsigned int spte);
	void (*remove)(struct core_world *w, unsigned int rmap, unsigned int spte);
	void (*zap_all)(struct core_world *w, unsigned int rmap);
	/* visit says stop after so many; 0: never. */
	void (*walk)(struct core_world *w, unsigned int rmap, unsigned int stop,
		     struct core_walked *out);
	void (*audit)(struct core_world *w, unsigned int rmap, struct core_audited *out);
	/* False: it is no list of descriptors. */
	bool (*list)(struct core_world *w, unsigned int rmap, struct core_list *out);
	unsigned int (*objects_max)(struct core_world *w, unsigned int n);
	unsigned long (*live)(struct core_world *w);	/* objects allocated */
	unsigned long (*cached)(struct core_world *w);	/* of them, in the vCPU's cache */
	const char *(*complaint)(struct core_world *w);	/* a warning or a bad access, or NULL */
};

extern const struct core_build core_build_sim, core_build_hw, core_build_high;

/* What a back end does for its build; in core_back_sim.c and core_back_hw.c. */
struct core_back {
	bool counts;		/* walk statistics, in struct rmap_walk */
	struct kvm *(*make)(const struct core_spec *spec);
	void (*free)(struct kvm *kvm);
	void (*enter)(void);
	void (*leave)(void);
	unsigned long (*live)(struct kvm *kvm);
	const char *(*complaint)(void);
};

#define core_hooks	KERN_SYM(core_hooks)
extern const struct core_back core_hooks;

#endif
