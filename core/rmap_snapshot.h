/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One counted array for each rmap; what it is and what it guarantees stands in
 * rmap_snapshot.c. Algorithms differ in how they walk.
 */
#ifndef CORE_RMAP_SNAPSHOT_H
#define CORE_RMAP_SNAPSHOT_H

#include "mmu.h"

enum { SNAPSHOT_MAX };

struct rmap_snapshot {
	struct rcu_head rcu;
	unsigned long n;
	u64 *sptes[];
};

#define snapshot_params		KERN_SYM(snapshot_params)
#define snapshot_objects	KERN_SYM(snapshot_objects)
#define snapshot_init		KERN_SYM(snapshot_init)
#define snapshot_destroy	KERN_SYM(snapshot_destroy)
#define snapshot_check_extent	KERN_SYM(snapshot_check_extent)
#define snapshot_objects_max	KERN_SYM(snapshot_objects_max)
#define snapshot_add		KERN_SYM(snapshot_add)
#define snapshot_remove		KERN_SYM(snapshot_remove)
#define snapshot_zap_all	KERN_SYM(snapshot_zap_all)
#define snapshot_audit		KERN_SYM(snapshot_audit)
#define snapshot_describe	KERN_SYM(snapshot_describe)

extern const struct rmap_param snapshot_params[];
extern const struct rmap_object_type snapshot_objects[];

int snapshot_init(struct kvm *kvm);
void snapshot_destroy(struct kvm *kvm);
const char *snapshot_check_extent(const struct kvm *kvm, u32 sptes_max, char *buf, size_t len);
u32 snapshot_objects_max(const struct kvm *kvm, u32 sptes);

/* Under mmu_lock. */
int snapshot_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep);
void snapshot_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep);
void snapshot_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap);

void snapshot_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit);
void snapshot_describe(const struct kvm *kvm, enum rmap_word_place place, unsigned long word,
		       struct rmap_word *out);

#endif
