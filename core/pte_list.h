/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of sptes in descriptors: the words, and the two forms in which KVM has
 * kept them. Algorithms differ in how they walk; what they keep is here.
 *
 * Words
 *	head	0, an spte pointer, or descriptor | PTE_LIST_MANY
 *	more	the next descriptor (MANY clear), or nulls: the address of the
 *		rmap's head | PTE_LIST_MANY, at the end of a stack; 0 at the end
 *		of a tail-form list
 *	A word that leads to a descriptor may carry that descriptor's position
 *	in bits position_shift and up; they are replaced, not or-ed, and pointers
 *	come back by sign extension from the highest address bit, so that the
 *	same code is right for kernel and user addresses.
 *
 * Stack form (the 2013 series; in substance Linux since 6.4)
 *	I1 only the head's descriptor is partly filled, from slot 0 up;
 *	I2 the distance of a listed descriptor from the tail never changes;
 *	I3 an entry moves only towards the tail, or to a lower slot;
 *	I4 the list of an rmap ends in the nulls of that rmap.
 *
 * Tail form (Linux to 6.3)
 *	I5 every listed descriptor has its slots filled from 0 up, none is empty;
 *	I6 a new descriptor goes to the tail.
 *
 * Writers hold mmu_lock for writing. Walkers may read any word at any time;
 * what they need is stated with the walks.
 */
#ifndef CORE_PTE_LIST_H
#define CORE_PTE_LIST_H

#include "mmu.h"

#define PTE_LIST_MANY	1ul

/*
 * A descriptor that is freed by RCU: the queue of callbacks has its room before it,
 * for all of the descriptor may still be read while it waits.
 */
struct pte_list_rcu_desc {
	struct rcu_head rcu;
	struct pte_list_desc desc;
};

/* The parameters that every user of the stack form has, in this order. */
enum pte_list_param { PTE_LIST_COLLAPSE, PTE_LIST_INIT, PTE_LIST_NR_PARAMS };
enum pte_list_init { PTE_LIST_SLOTS_FIRST, PTE_LIST_MORE_FIRST };

/* What happens when a descriptor's position does not fit. */
enum pte_list_overflow { PTE_LIST_REJECT, PTE_LIST_WRAP, PTE_LIST_UNNUMBERED };

#define pte_list_no_yes		KERN_SYM(pte_list_no_yes)
#define pte_list_init_words	KERN_SYM(pte_list_init_words)
#define pte_list_no_params	KERN_SYM(pte_list_no_params)
#define pte_list_objects	KERN_SYM(pte_list_objects)
#define pte_list_rcu_objects	KERN_SYM(pte_list_rcu_objects)
#define pte_list_free_words	KERN_SYM(pte_list_free_words)
#define pte_list_callbacks	KERN_SYM(pte_list_callbacks)
extern const char *const pte_list_no_yes[];
extern const char *const pte_list_init_words[];
extern const struct rmap_param pte_list_no_params[];
extern const struct rmap_object_type pte_list_objects[];
extern const struct rmap_object_type pte_list_rcu_objects[];
extern const char *const pte_list_free_words[];
extern const struct rmap_callback pte_list_callbacks[];

/* How what readers may still stand in is freed: the slab itself, or a callback of ours. */
enum pte_list_free { PTE_LIST_KFREE_RCU, PTE_LIST_CALL_RCU };

#define PTE_LIST_FREE_PARAM							\
	{ .name = "free", .summary = "how a grace period is waited for before memory is free", \
	  .def = PTE_LIST_KFREE_RCU, .max = 1, .words = pte_list_free_words }

#define PTE_LIST_STACK_PARAMS							\
	{ .name = "collapse", .summary = "back to a direct pointer when one spte is left", \
	  .def = 0, .max = 1, .words = pte_list_no_yes },			\
	{ .name = "init", .summary = "what a new descriptor gets first",	\
	  .def = PTE_LIST_SLOTS_FIRST, .max = 1, .words = pte_list_init_words }

static inline bool pte_list_many(unsigned long word)
{
	return word & PTE_LIST_MANY;
}

/* Of a `more`: does it end the list instead of leading on? */
static inline bool pte_list_is_nulls(unsigned long more)
{
	return more & PTE_LIST_MANY;
}

static inline unsigned long pte_list_nulls(const struct kvm_rmap_head *rmap)
{
	return (unsigned long)rmap | PTE_LIST_MANY;
}

/* The pointer in a word, without MANY and position. */
static inline void *pte_list_pointer(const struct kvm *kvm, unsigned long word)
{
	unsigned int up = 64 - kvm->address_bits;

	return (void *)((long)((word & ~PTE_LIST_MANY) << up) >> up);
}

static inline struct pte_list_desc *pte_list_desc_of(const struct kvm *kvm, unsigned long word)
{
	return pte_list_pointer(kvm, word);
}

/* 0: unnumbered. */
static inline u64 pte_list_position(const struct kvm *kvm, unsigned long word)
{
	if (!kvm->position_max)
		return 0;
	return word >> kvm->position_shift;
}

static inline unsigned long pte_list_word(const struct kvm *kvm, const struct pte_list_desc *desc,
					  u64 position)
{
	unsigned long word = (unsigned long)desc;

	if (!kvm->position_max)
		return word;
	return (word & ((1ul << kvm->position_shift) - 1)) | position << kvm->position_shift;
}

#define pte_list_init		KERN_SYM(pte_list_init)
#define pte_list_init_rcu	KERN_SYM(pte_list_init_rcu)
#define pte_list_destroy	KERN_SYM(pte_list_destroy)
#define pte_list_objects_max	KERN_SYM(pte_list_objects_max)
#define pte_list_describe	KERN_SYM(pte_list_describe)
#define pte_list_alloc		KERN_SYM(pte_list_alloc)
#define pte_list_free		KERN_SYM(pte_list_free)
#define pte_list_free_rcu	KERN_SYM(pte_list_free_rcu)

#define pte_list_audit_slots	KERN_SYM(pte_list_audit_slots)
#define pte_list_check_extent	KERN_SYM(pte_list_check_extent)

int pte_list_init(struct kvm *kvm);
/* Descriptors that are not type-safe, freed by kfree_rcu(), or by call_rcu() if descs_by_call. */
int pte_list_init_rcu(struct kvm *kvm);
void pte_list_destroy(struct kvm *kvm);
u32 pte_list_objects_max(const struct kvm *kvm, u32 sptes);
void pte_list_describe(const struct kvm *kvm, enum rmap_word_place place, unsigned long word,
		       struct rmap_word *out);
struct pte_list_desc *pte_list_alloc(struct kvm_vcpu *vcpu);
void pte_list_free(struct kvm *kvm, struct pte_list_desc *desc);
/* The callback of a descriptor that is freed by call_rcu(). */
void pte_list_free_rcu(struct rcu_head *head);
u32 pte_list_audit_slots(const struct kvm *kvm, struct pte_list_desc *desc,
			 struct rmap_audit *audit);
const char *pte_list_check_extent(const struct kvm *kvm, u32 sptes_max, char *buf, size_t len);

/* Stack form. add: 0, -ENOMEM or -EOVERFLOW and nothing changed. */
#define stack_add		KERN_SYM(stack_add)
#define stack_remove		KERN_SYM(stack_remove)
#define stack_zap_all		KERN_SYM(stack_zap_all)
#define stack_audit		KERN_SYM(stack_audit)

int stack_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep);
void stack_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep);
void stack_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap);
void stack_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit);

/* The steps of which stack_add() and stack_remove() consist. */
#define stack_next_position	KERN_SYM(stack_next_position)
#define stack_find		KERN_SYM(stack_find)
#define stack_last_used		KERN_SYM(stack_last_used)
#define stack_fill_hole		KERN_SYM(stack_fill_hole)
#define stack_shrink		KERN_SYM(stack_shrink)
#define stack_fill_desc		KERN_SYM(stack_fill_desc)
#define stack_audit_from	KERN_SYM(stack_audit_from)

/* A place in a list that a writer looks at; all that lives across a mark. */
struct stack_place {
	unsigned long word;	/* that led to the descriptor */
	unsigned long slot;
};

/* The position of a descriptor pushed on this head word, or -EOVERFLOW. */
long stack_next_position(const struct kvm *kvm, unsigned long head);
/* Where sptep is, from this head word on; false if it is nowhere. */
bool stack_find(struct kvm *kvm, unsigned long head, const u64 *sptep, struct stack_place *at);
/* The highest used slot of a descriptor, or -1. */
long stack_last_used(const struct kvm *kvm, struct pte_list_desc *desc);
/* Move the entry in slot `last` of `from` to the hole, and clear that slot. */
void stack_fill_hole(struct kvm *kvm, const struct stack_place *hole, struct pte_list_desc *from,
		     long last);
/* After slot `last` of the head's descriptor was cleared: pop or collapse if it is time. */
void stack_shrink(struct kvm *kvm, struct kvm_rmap_head *rmap, unsigned long head, long last);
/* All of a new descriptor, in the order of the `init` parameter. */
void stack_fill_desc(struct kvm *kvm, struct pte_list_desc *desc, u64 *first, u64 *second,
		     unsigned long more);

/* As stack_audit(), of the list that a head word begins. */
void stack_audit_from(struct kvm *kvm, struct kvm_rmap_head *rmap, unsigned long head,
		      struct rmap_audit *audit);

/* Tail form. */
#define tail_add		KERN_SYM(tail_add)
#define tail_remove		KERN_SYM(tail_remove)
#define tail_zap_all		KERN_SYM(tail_zap_all)
#define tail_audit		KERN_SYM(tail_audit)

int tail_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep);
void tail_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep);
void tail_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap);
void tail_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit);

#endif
