/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-no-end-check: seqcount that checks the count before it follows a link,
 * and not at the end. Wrong: the slots of the last descriptor may be those of
 * another time, or of another rmap, and nothing tells.
 */
#include "pte_list_walk.h"

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = NULL },
};

static seqcount_t *busted_seq(const struct kvm *kvm, const struct kvm_rmap_head *rmap)
{
	return &kvm->rmap_seqs[rmap_number(kvm, rmap)];
}

static int busted_init(struct kvm *kvm)
{
	u32 i;

	for (i = 0; i < kvm->nr_rmaps; i++)
		seqcount_init(&kvm->rmap_seqs[i], 32);
	return pte_list_init(kvm);
}

static int busted_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	int ret;

	/* Odd before the list changes; pairs with read_seqcount_retry(). */
	write_seqcount_begin(busted_seq(vcpu->kvm, rmap));
	ret = tail_add(vcpu, rmap, sptep);
	/* Even after the list has changed; pairs with read_seqcount_begin(). */
	write_seqcount_end(busted_seq(vcpu->kvm, rmap));
	return ret;
}

static void busted_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	/* Odd before the list changes; pairs with read_seqcount_retry(). */
	write_seqcount_begin(busted_seq(kvm, rmap));
	tail_remove(kvm, rmap, sptep);
	/* Even after the list has changed; pairs with read_seqcount_begin(). */
	write_seqcount_end(busted_seq(kvm, rmap));
}

static void busted_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap)
{
	/* Odd before the list changes; pairs with read_seqcount_retry(). */
	write_seqcount_begin(busted_seq(kvm, rmap));
	tail_zap_all(kvm, rmap);
	/* Even after the list has changed; pairs with read_seqcount_begin(). */
	write_seqcount_end(busted_seq(kvm, rmap));
}

static enum pte_list_step busted_next(const struct kvm *kvm, const struct kvm_rmap_head *rmap,
				      const struct pte_list_iter *it, unsigned long more)
{
	if (!more)
		return PTE_LIST_END;
	/* The slots and the link before the count; pairs with write_seqcount_begin(). */
	return read_seqcount_retry(busted_seq(kvm, rmap), it->sequence) ? PTE_LIST_RESTART :
									  PTE_LIST_ON;
}

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = busted_next,
	};
	struct pte_list_iter it = { 0 };
	enum pte_list_step step;

	rcu_read_lock();
	for (;;) {
		it = (struct pte_list_iter){ 0 };
		mark_state(&it);
		/* The count before the list; pairs with write_seqcount_end(). */
		it.sequence = read_seqcount_begin(busted_seq(kvm, rmap));
		step = pte_list_pass(kvm, rmap, walk, &it, &rules);
		if (step != PTE_LIST_RESTART)
			break;
		walk_restart(walk);
	}
	rcu_read_unlock();
	return pte_list_result(step);
}

static u32 busted_objects_max(const struct kvm *kvm, u32 sptes)
{
	(void)kvm;
	return sptes;
}

RMAP_ALGORITHM(busted_no_end_check) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-no-end-check",
	.summary = "seqcount without the check at the end",
	.source = "made for this program",
	.broken = true,
	.needs = RMAP_NEEDS_SEQCOUNTS,
	.params = busted_params,
	.objects = pte_list_objects,
	.init = busted_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = busted_objects_max,
	.add = busted_add,
	.remove = busted_remove,
	.zap_all = busted_zap_all,
	.walk = busted_walk,
	.audit = tail_audit,
	.describe = pte_list_describe,
};
