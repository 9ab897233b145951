/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seqcount: the tail form beside a sequence count of the rmap. A walker checks
 * that the count has not changed before it follows a link, and at the end.
 *
 * Encoding, I5 and I6: pte_list.h; further
 *	I12 the count is odd while the rmap's list is being changed, and another
 *	    one after each change, as long as it does not come round.
 * The slots that were read before a check are those of one list, and the link
 * too: a descriptor that was freed and reused is never walked beyond its slots.
 * What these say is visited before the check; a visit is safe on any spte.
 *
 * G1 a walk visits every spte that was in the list throughout: its last pass saw
 *    one list, unchanged from its begin to its end;
 * G2 a pass takes at most as many descriptors as that list has;
 * G3 there is no bound on restarts: any change of the rmap, be it elsewhere in
 *    the list, begins the walk again. And a walker waits while the count is
 *    odd, with nobody to say that it will ever find it even;
 * G4 a count that comes round between two looks (2^31 changes in the kernel, on
 *    a vCPU that the host has put aside for long enough) is not noticed, and G1
 *    is lost. seq-bits makes it come round sooner. For a writer that repeats
 *    itself after 2^(seq-bits - 1) changes it never matters: an equal count then
 *    means an equal list.
 * Beside it may run: any number of walkers, and one writer under mmu_lock.
 * Source: include/linux/seqlock.h, applied to the list as it was to Linux 6.3.
 */
#include "pte_list_walk.h"

enum { SEQCOUNT_BITS = PTE_LIST_NR_PARAMS };

static const struct rmap_param seqcount_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = "seq-bits", .summary = "width of the sequence count; 32 in the kernel",
	  .def = 32, .min = 2, .max = 32 },
	{ .name = NULL },
};

static seqcount_t *seqcount_of(const struct kvm *kvm, const struct kvm_rmap_head *rmap)
{
	return &kvm->rmap_seqs[rmap_number(kvm, rmap)];
}

static int seqcount_init_all(struct kvm *kvm)
{
	u32 i;

	for (i = 0; i < kvm->nr_rmaps; i++)
		seqcount_init(&kvm->rmap_seqs[i], kvm->param[SEQCOUNT_BITS]);
	return pte_list_init(kvm);
}

static int seqcount_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	seqcount_t *seq = seqcount_of(vcpu->kvm, rmap);
	int ret;

	/* Odd before the list changes; pairs with read_seqcount_retry(). */
	write_seqcount_begin(seq);
	ret = tail_add(vcpu, rmap, sptep);
	/* Even after the list has changed; pairs with read_seqcount_begin(). */
	write_seqcount_end(seq);
	return ret;
}

static void seqcount_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	seqcount_t *seq = seqcount_of(kvm, rmap);

	/* Odd before the list changes; pairs with read_seqcount_retry(). */
	write_seqcount_begin(seq);
	tail_remove(kvm, rmap, sptep);
	/* Even after the list has changed; pairs with read_seqcount_begin(). */
	write_seqcount_end(seq);
}

static void seqcount_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap)
{
	seqcount_t *seq = seqcount_of(kvm, rmap);

	/* Odd before the list changes; pairs with read_seqcount_retry(). */
	write_seqcount_begin(seq);
	tail_zap_all(kvm, rmap);
	/* Even after the list has changed; pairs with read_seqcount_begin(). */
	write_seqcount_end(seq);
}

/* The link was read before the count; whoever put it there has counted before. */
static enum pte_list_step seqcount_next(const struct kvm *kvm, const struct kvm_rmap_head *rmap,
					const struct pte_list_iter *it, unsigned long more)
{
	if (!more)
		return PTE_LIST_END;
	/* The slots and the link before the count; pairs with write_seqcount_begin(). */
	return read_seqcount_retry(seqcount_of(kvm, rmap), it->sequence) ? PTE_LIST_RESTART :
									   PTE_LIST_ON;
}

static enum pte_list_step seqcount_pass(struct kvm *kvm, struct kvm_rmap_head *rmap,
					struct rmap_walk *walk, struct pte_list_iter *it)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = seqcount_next,
	};
	seqcount_t *seq = seqcount_of(kvm, rmap);
	enum pte_list_step step;

	*it = (struct pte_list_iter){ 0 };
	mark_state(it);
	/* The count before the list; pairs with write_seqcount_end(). */
	it->sequence = read_seqcount_begin(seq);
	step = pte_list_pass(kvm, rmap, walk, it, &rules);
	if (step != PTE_LIST_END)
		return step;
	/* The list before the count; pairs with write_seqcount_begin(). */
	return read_seqcount_retry(seq, it->sequence) ? PTE_LIST_RESTART : PTE_LIST_END;
}

static enum rmap_walk_result seqcount_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					   struct rmap_walk *walk)
{
	struct pte_list_iter it = { 0 };
	enum pte_list_step step;

	rcu_read_lock();
	for (;;) {
		step = seqcount_pass(kvm, rmap, walk, &it);
		if (step != PTE_LIST_RESTART)
			break;
		walk_restart(walk);
	}
	rcu_read_unlock();
	return pte_list_result(step);
}

static u32 seqcount_objects_max(const struct kvm *kvm, u32 sptes)
{
	(void)kvm;
	return sptes;
}

RMAP_ALGORITHM(seqcount) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "seqcount",
	.summary = "lockless; restarts whenever the rmap's sequence count has changed; no bound",
	.source = "include/linux/seqlock.h, on the list as Linux had it to 6.3",
	.needs = RMAP_NEEDS_SEQCOUNTS,
	.params = seqcount_params,
	.objects = pte_list_objects,
	.init = seqcount_init_all,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = seqcount_objects_max,
	.add = seqcount_add,
	.remove = seqcount_remove,
	.zap_all = seqcount_zap_all,
	.walk = seqcount_walk,
	.audit = tail_audit,
	.describe = pte_list_describe,
};
