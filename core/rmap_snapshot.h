/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One counted array for each rmap; what it is and what it guarantees stands in
 * rmap_snapshot.c. Algorithms differ in how they walk.
 */
#ifndef CORE_RMAP_SNAPSHOT_H
#define CORE_RMAP_SNAPSHOT_H

#include "pte_list.h"

enum { SNAPSHOT_MAX, SNAPSHOT_FREE };

struct rmap_snapshot {
	struct rcu_head rcu;
	unsigned long n;
	u64 *sptes[];
};

/* What a copy needs, without padding: a mark takes it whole. */
struct snapshot_copy {
	struct rmap_snapshot *old;	/* or NULL */
	struct rmap_snapshot *new;	/* or NULL: nothing stays */
	unsigned long n;		/* of old */
	u32 from, to;			/* slots of both that come next */
	u32 found;			/* slot of what is removed, + 1 */
	u32 others;			/* entries of old beside that */
};

_Static_assert(sizeof(struct snapshot_copy) == 40, "no padding");

#define snapshot_params		KERN_SYM(snapshot_params)
#define snapshot_objects	KERN_SYM(snapshot_objects)
#define snapshot_callbacks	KERN_SYM(snapshot_callbacks)
#define snapshot_free_rcu	KERN_SYM(snapshot_free_rcu)
#define snapshot_init		KERN_SYM(snapshot_init)
#define snapshot_destroy	KERN_SYM(snapshot_destroy)
#define snapshot_check_extent	KERN_SYM(snapshot_check_extent)
#define snapshot_objects_max	KERN_SYM(snapshot_objects_max)
#define snapshot_add		KERN_SYM(snapshot_add)
#define snapshot_remove		KERN_SYM(snapshot_remove)
#define snapshot_copy_without	KERN_SYM(snapshot_copy_without)
#define snapshot_publish	KERN_SYM(snapshot_publish)
#define snapshot_zap_all	KERN_SYM(snapshot_zap_all)
#define snapshot_walk		KERN_SYM(snapshot_walk)
#define snapshot_audit		KERN_SYM(snapshot_audit)
#define snapshot_describe	KERN_SYM(snapshot_describe)

extern const struct rmap_param snapshot_params[];
extern const struct rmap_object_type snapshot_objects[];
extern const struct rmap_callback snapshot_callbacks[];

int snapshot_init(struct kvm *kvm);
void snapshot_destroy(struct kvm *kvm);
const char *snapshot_check_extent(const struct kvm *kvm, u32 sptes_max, char *buf, size_t len);
u32 snapshot_objects_max(const struct kvm *kvm, u32 sptes);

/* Under mmu_lock. */
int snapshot_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep);
void snapshot_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep);
void snapshot_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap);

/* The steps of which snapshot_remove() consists: the copy (false: none is needed), the head. */
bool snapshot_copy_without(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep,
			   struct snapshot_copy *c);
void snapshot_publish(struct kvm_rmap_head *rmap, const struct snapshot_copy *c);
/* The callback that gives an array back. */
void snapshot_free_rcu(struct rcu_head *head);

enum rmap_walk_result snapshot_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
				    struct rmap_walk *walk);
void snapshot_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit);
void snapshot_describe(const struct kvm *kvm, enum rmap_word_place place, unsigned long word,
		       struct rmap_word *out);

#endif
