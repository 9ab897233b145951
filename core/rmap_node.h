/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list of one node per spte that ends in nulls, as include/linux/
 * rculist_nulls.h has it. Algorithms differ in where a node is inserted.
 *
 * Words
 *	head, next	a node, or nulls: the address of the rmap's head with bit
 *			0 set. An empty list's head is its own nulls
 *	spte		the spte that the node stands for
 *	N1 a node's spte and next are complete before a word leads to it;
 *	N2 a node never moves; it is unlinked, freed and reused, as another one.
 *
 * Writers hold mmu_lock; they look for a node by its spte, so the kernel's
 * pprev, which no walker reads, is left out. Nodes are type-safe: what a walker
 * stands in remains a node.
 */
#ifndef CORE_RMAP_NODE_H
#define CORE_RMAP_NODE_H

#include "mmu.h"

#define NODE_NULLS	1ul

struct rmap_node {
	unsigned long next;
	u64 *sptep;
};

static inline bool node_is_nulls(unsigned long word)
{
	return word & NODE_NULLS;
}

static inline unsigned long node_nulls(const struct kvm_rmap_head *rmap)
{
	return (unsigned long)rmap | NODE_NULLS;
}

static inline struct rmap_node *node_of(unsigned long word)
{
	return (struct rmap_node *)word;
}

#define node_no_params		KERN_SYM(node_no_params)
#define node_objects		KERN_SYM(node_objects)
extern const struct rmap_param node_no_params[];
extern const struct rmap_object_type node_objects[];

#define node_init		KERN_SYM(node_init)
#define node_destroy		KERN_SYM(node_destroy)
#define node_objects_max	KERN_SYM(node_objects_max)
#define node_new		KERN_SYM(node_new)
#define node_add		KERN_SYM(node_add)
#define node_remove		KERN_SYM(node_remove)
#define node_zap_all		KERN_SYM(node_zap_all)
#define node_walk		KERN_SYM(node_walk)
#define node_audit		KERN_SYM(node_audit)
#define node_describe		KERN_SYM(node_describe)

int node_init(struct kvm *kvm);
void node_destroy(struct kvm *kvm);
u32 node_objects_max(const struct kvm *kvm, u32 sptes);

/* A complete node that nothing leads to, or NULL. */
struct rmap_node *node_new(struct kvm_vcpu *vcpu, u64 *sptep, unsigned long next);

/* Under mmu_lock. */
int node_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep);
void node_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep);
void node_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap);

enum rmap_walk_result node_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
				struct rmap_walk *walk);

void node_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit);
void node_describe(const struct kvm *kvm, enum rmap_word_place place, unsigned long word,
		   struct rmap_word *out);

#endif
