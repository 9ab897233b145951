/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walking a list of descriptors: the iterator, apart from the rule by which an
 * algorithm goes on.
 *
 * A pass reads the head, then descriptor by descriptor the slots and last the
 * `more`, and asks the algorithm's rule what that `more` means. The slots are
 * read from the highest to the lowest: a writer fills a hole from the last used
 * slot of the head's descriptor, so an entry that moves while a walker is in
 * that descriptor moves to where the walker has yet to look.
 *
 * Orderings a lockless walker relies on: what it loads of the list it loads in
 * program order, across descriptors too. An entry that moves is found at its
 * target by whoever has found its source empty, so each load acquires: it pairs
 * with the release that cleared the source, and with that which took an emptied
 * descriptor off the head. On x86 an acquire is a plain load.
 */
#ifndef CORE_PTE_LIST_WALK_H
#define CORE_PTE_LIST_WALK_H

#include "pte_list.h"

/* All that lives on across a mark; no padding. */
struct pte_list_iter {
	unsigned long word;	/* that led to the present descriptor */
	u32 slot;		/* slots below it are still to be read */
	union {			/* the algorithm's own: */
		u32 restarts;	/* counted up to a finite limit only, or */
		u32 sequence;	/* the count that this pass began with */
	};
};

_Static_assert(sizeof(struct pte_list_iter) == 16, "no padding");

enum pte_list_step {
	PTE_LIST_ON,		/* follow the link */
	PTE_LIST_END,		/* the list has been seen */
	PTE_LIST_RESTART,	/* this is not where we wanted to be */
	PTE_LIST_LOCK,		/* only mmu_lock helps */
	PTE_LIST_STOPPED,	/* visit said so */
};

/* How an algorithm reads a descriptor and what it makes of its `more`. */
struct pte_list_rules {
	/* May a pass enter the list by this head word? NULL: always. */
	bool (*enter)(const struct kvm *kvm, unsigned long head);
	bool (*slots)(struct kvm *kvm, struct rmap_walk *walk, struct pte_list_iter *it);
	enum pte_list_step (*next)(const struct kvm *kvm, const struct kvm_rmap_head *rmap,
				   const struct pte_list_iter *it, unsigned long more);
};

/* Visit the used slots from the highest to the lowest; false: visit said to stop. */
static inline __attribute__((always_inline)) bool
pte_list_slots_down(struct kvm *kvm, struct rmap_walk *walk, struct pte_list_iter *it)
{
	struct pte_list_desc *desc = pte_list_desc_of(kvm, it->word);
	u64 *sptep;

	for (it->slot = kvm->pte_list_ext; it->slot;) {
		it->slot--;
		mark_state(it);
		/* Before lower slots and other descriptors; pairs with stack_fill_hole(). */
		sptep = smp_load_acquire(&desc->sptes[it->slot]);
		walk_step(walk);
		if (sptep && !walk->visit(walk, sptep))
			return false;
	}
	return true;
}

/* From the head word that stands in it->word to wherever the rules lead. */
static inline __attribute__((always_inline)) enum pte_list_step
pte_list_pass_from(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_walk *walk,
		   struct pte_list_iter *it, const struct pte_list_rules *rules)
{
	enum pte_list_step step;
	unsigned long more;

	if (!it->word)
		return PTE_LIST_END;
	if (!pte_list_many(it->word))
		return walk->visit(walk, (u64 *)it->word) ? PTE_LIST_END : PTE_LIST_STOPPED;
	if (rules->enter && !rules->enter(kvm, it->word))
		return PTE_LIST_LOCK;
	for (;;) {
		if (!rules->slots(kvm, walk, it))
			return PTE_LIST_STOPPED;
		mark_state(it);
		more = READ_ONCE(pte_list_desc_of(kvm, it->word)->more);
		walk_step(walk);
		step = rules->next(kvm, rmap, it, more);
		if (step != PTE_LIST_ON)
			return step;
		it->word = more;
		it->slot = 0;
	}
}

static inline __attribute__((always_inline)) enum pte_list_step
pte_list_pass(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_walk *walk,
	      struct pte_list_iter *it, const struct pte_list_rules *rules)
{
	it->word = 0;
	it->slot = 0;
	mark_state(it);
	/* Before the descriptors; pairs with stack_push() and stack_pop(). */
	it->word = smp_load_acquire(&rmap->val);
	walk_step(walk);
	return pte_list_pass_from(kvm, rmap, walk, it, rules);
}

static inline __attribute__((always_inline)) enum rmap_walk_result
pte_list_result(enum pte_list_step step)
{
	return step == PTE_LIST_STOPPED ? RMAP_WALK_STOPPED : RMAP_WALK_COMPLETE;
}

/* Passes without mmu_lock until one ends: no bound. */
static inline __attribute__((always_inline)) enum rmap_walk_result
pte_list_walk_unbounded(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_walk *walk,
			const struct pte_list_rules *rules)
{
	struct pte_list_iter it = { 0 };
	enum pte_list_step step;

	rcu_read_lock();
	for (;;) {
		step = pte_list_pass(kvm, rmap, walk, &it, rules);
		if (step != PTE_LIST_RESTART)
			break;
		walk_restart(walk);
	}
	rcu_read_unlock();
	return pte_list_result(step);
}

/* One pass without mmu_lock, in a read-side section that keeps what it meets in place. */
static inline __attribute__((always_inline)) enum rmap_walk_result
pte_list_walk_once(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_walk *walk,
		   const struct pte_list_rules *rules)
{
	struct pte_list_iter it = { 0 };
	enum pte_list_step step;

	rcu_read_lock();
	step = pte_list_pass(kvm, rmap, walk, &it, rules);
	rcu_read_unlock();
	return pte_list_result(step);
}

/* Under mmu_lock nothing moves: links are followed until there are none. */
static inline enum pte_list_step pte_list_next_locked(const struct kvm *kvm,
						      const struct kvm_rmap_head *rmap,
						      const struct pte_list_iter *it,
						      unsigned long more)
{
	(void)kvm;
	(void)rmap;
	(void)it;
	return !more || pte_list_is_nulls(more) ? PTE_LIST_END : PTE_LIST_ON;
}

static inline __attribute__((always_inline)) enum rmap_walk_result
pte_list_walk_locked(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_walk *walk,
		     struct pte_list_iter *it)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = pte_list_next_locked,
	};
	enum pte_list_step step;

	/* Where the passes before have been no longer counts, even while we wait. */
	*it = (struct pte_list_iter){ 0 };
	mark_state(it);
	if (!walk->mmu_locked)
		mmu_read_lock(kvm);
	step = pte_list_pass(kvm, rmap, walk, it, &rules);
	if (!walk->mmu_locked)
		mmu_read_unlock(kvm);
	return pte_list_result(step);
}

/*
 * The rule of the nulls list: an end in our own nulls is the end. In another
 * rmap's, or at a descriptor that leads nowhere, we have been carried off by a
 * descriptor that was popped and reused, and begin again.
 */
static inline enum pte_list_step pte_list_next_nulls(const struct kvm *kvm,
						     const struct kvm_rmap_head *rmap,
						     const struct pte_list_iter *it,
						     unsigned long more)
{
	(void)kvm;
	(void)it;
	if (more == pte_list_nulls(rmap))
		return PTE_LIST_END;
	return !more || pte_list_is_nulls(more) ? PTE_LIST_RESTART : PTE_LIST_ON;
}

#endif
