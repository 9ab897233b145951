/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-unordered-loads: nulls, but the walker's loads of the list are ordered
 * by nothing except that each descriptor is found through a pointer, as the code
 * of 2013 had them. Wrong where loads may be done out of order: the walker finds
 * the source of a move cleared and reads an older value of the hole. x86 loads
 * in program order.
 *
 * The parameter `acquire` gives back the order of some loads: the head's, or the
 * slots'. The slots' is what is needed.
 */
#include "pte_list_walk.h"

enum { BUSTED_ACQUIRE = PTE_LIST_NR_PARAMS };
enum { ACQUIRE_HEAD = 1 << 0, ACQUIRE_SLOTS = 1 << 1 };

/* In the order of the bits. */
static const char *const busted_acquires[] = { "none", "head", "slots", "both", NULL };

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = "acquire", .summary = "which loads of a walker come before all later ones",
	  .def = 0, .max = 3, .words = busted_acquires },
	{ .name = NULL },
};

static inline u64 *busted_load_slot(const struct kvm *kvm, struct pte_list_desc *desc, u32 slot)
{
	if (!(kvm->param[BUSTED_ACQUIRE] & ACQUIRE_SLOTS))
		return READ_ONCE(desc->sptes[slot]);
	/* Before lower slots and other descriptors; pairs with stack_fill_hole(). */
	return smp_load_acquire(&desc->sptes[slot]);
}

static inline unsigned long busted_load_head(const struct kvm *kvm, struct kvm_rmap_head *rmap)
{
	if (!(kvm->param[BUSTED_ACQUIRE] & ACQUIRE_HEAD))
		return READ_ONCE(rmap->val);
	/* Before the descriptors; pairs with stack_push() and stack_pop(). */
	return smp_load_acquire(&rmap->val);
}

static bool busted_slots(struct kvm *kvm, struct rmap_walk *walk, struct pte_list_iter *it)
{
	struct pte_list_desc *desc = pte_list_desc_of(kvm, it->word);
	u64 *sptep;

	for (it->slot = kvm->pte_list_ext; it->slot;) {
		it->slot--;
		mark_state(it);
		sptep = busted_load_slot(kvm, desc, it->slot);
		walk_step(walk);
		if (sptep && !walk->visit(walk, sptep))
			return false;
	}
	return true;
}

/* As pte_list_pass(). */
static enum pte_list_step busted_pass(struct kvm *kvm, struct kvm_rmap_head *rmap,
				      struct rmap_walk *walk, struct pte_list_iter *it)
{
	enum pte_list_step step = PTE_LIST_ON;
	unsigned long more;

	*it = (struct pte_list_iter){ 0 };
	mark_state(it);
	it->word = busted_load_head(kvm, rmap);
	walk_step(walk);
	if (!it->word)
		return PTE_LIST_END;
	if (!pte_list_many(it->word))
		return walk->visit(walk, (u64 *)it->word) ? PTE_LIST_END : PTE_LIST_STOPPED;
	while (step == PTE_LIST_ON) {
		if (!busted_slots(kvm, walk, it))
			return PTE_LIST_STOPPED;
		mark_state(it);
		more = READ_ONCE(pte_list_desc_of(kvm, it->word)->more);
		walk_step(walk);
		step = pte_list_next_nulls(kvm, rmap, it, more);
		it->word = more;
		it->slot = 0;
	}
	return step;
}

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	struct pte_list_iter it;
	enum pte_list_step step;

	rcu_read_lock();
	for (;;) {
		step = busted_pass(kvm, rmap, walk, &it);
		if (step != PTE_LIST_RESTART)
			break;
		walk_restart(walk);
	}
	rcu_read_unlock();
	return pte_list_result(step);
}

RMAP_ALGORITHM(busted_unordered_loads) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-unordered-loads",
	.summary = "nulls whose walker loads the list in no order",
	.source = "\"KVM: MMU: introduce nulls desc\", 2013, taken to a machine that is not x86",
	.broken = true,
	.params = busted_params,
	.objects = pte_list_objects,
	.init = pte_list_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = pte_list_objects_max,
	.add = stack_add,
	.remove = stack_remove,
	.zap_all = stack_zap_all,
	.walk = busted_walk,
	.audit = stack_audit,
	.describe = pte_list_describe,
};
