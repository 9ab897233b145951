/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * busted-unfenced-flag: a walker says in vcpu->mode that it walks, and a writer
 * that takes a descriptor off the head frees it when nobody says so, or waits
 * until nobody does. So no descriptor is reused under a walker, and any end of a
 * list is the end. Wrong without a full barrier on both sides: each of the two
 * stores (mode; the head) may wait in its cpu's buffer while the load behind it
 * (the head; mode) is done, and then neither sees the other. x86 does that too.
 * Source of the handshake: walk_shadow_page_lockless_begin() in arch/x86/kvm/mmu.
 *
 * The walk is in a read-side section as well, as it is in the kernel, where interrupts
 * are off: what the flag fails to keep is still a descriptor.
 *
 * The parameter `fence` puts barriers there; with both it is right. The walk
 * under the flag is short: a writer waits under mmu_lock, which no walker takes.
 */
#include "pte_list_walk.h"

enum { BUSTED_FENCE = PTE_LIST_NR_PARAMS };
enum { FENCE_WALKER = 1 << 0, FENCE_WRITER = 1 << 1 };

/* In the order of the bits. */
static const char *const busted_fences[] = { "none", "walker", "writer", "both", NULL };

static const struct rmap_param busted_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = "fence", .summary = "who has a full barrier between its store and its load",
	  .def = 0, .max = 3, .words = busted_fences },
	{ .name = NULL },
};

static enum rmap_walk_result busted_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					 struct rmap_walk *walk)
{
	static const struct pte_list_rules rules = {
		.slots = pte_list_slots_down, .next = pte_list_next_locked,
	};
	struct kvm_vcpu *vcpu = &kvm->vcpus[smp_processor_id()];
	struct pte_list_iter it = { 0 };
	enum pte_list_step step;

	rcu_read_lock();
	WRITE_ONCE(vcpu->mode, READING_SHADOW_PAGE_TABLES);
	if (kvm->param[BUSTED_FENCE] & FENCE_WALKER) {
		/* Our mode before the head's load; pairs with busted_await_walkers(). */
		smp_mb();
	}
	step = pte_list_pass(kvm, rmap, walk, &it, &rules);
	/* What was read before it is given up; pairs with busted_await_walkers(). */
	smp_store_release(&vcpu->mode, OUTSIDE_GUEST_MODE);
	rcu_read_unlock();
	return pte_list_result(step);
}

static bool busted_walks(struct kvm *kvm, unsigned long vcpu)
{
	/* Before the descriptors' reuse; pairs with the release in busted_walk(). */
	return smp_load_acquire(&kvm->vcpus[vcpu].mode) == READING_SHADOW_PAGE_TABLES;
}

/* The descriptor that head led to has left the list: until nobody stands in it. */
static void busted_await_walkers(struct kvm *kvm, unsigned long head)
{
	struct stack_place at = { .word = head };

	if (kvm->param[BUSTED_FENCE] & FENCE_WRITER) {
		/* The head's store before the modes' loads; pairs with busted_walk(). */
		smp_mb();
	}
	for (at.slot = 0; at.slot < kvm->nr_vcpus; at.slot++) {
		for (;;) {
			mark_state(&at);
			if (!busted_walks(kvm, at.slot))
				break;
			cpu_relax();
		}
	}
}

static void busted_unlink(struct kvm *kvm, struct kvm_rmap_head *rmap, unsigned long head,
			  unsigned long to)
{
	/* What was moved before the head; pairs with the acquire of a walker's load of it. */
	smp_store_release(&rmap->val, to);
	busted_await_walkers(kvm, head);
	pte_list_free(kvm, pte_list_desc_of(kvm, head));
}

static void busted_shrink(struct kvm *kvm, struct kvm_rmap_head *rmap, unsigned long head,
			  long last)
{
	struct pte_list_desc *desc = pte_list_desc_of(kvm, head);
	unsigned long more = READ_PLAIN(desc->more);

	if (last == 0)
		busted_unlink(kvm, rmap, head, pte_list_is_nulls(more) ? 0 : more | PTE_LIST_MANY);
	else if (last == 1 && kvm->param[PTE_LIST_COLLAPSE] && pte_list_is_nulls(more))
		busted_unlink(kvm, rmap, head, (unsigned long)READ_PLAIN(desc->sptes[0]));
}

static void busted_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	unsigned long head = READ_PLAIN(rmap->val);
	struct stack_place hole = { 0 };
	long last;

	if (!pte_list_many(head)) {
		WRITE_ONCE(rmap->val, 0);
		return;
	}
	if (WARN_ON_ONCE(!stack_find(kvm, head, sptep, &hole)))
		return;
	last = stack_last_used(kvm, pte_list_desc_of(kvm, head));
	stack_fill_hole(kvm, &hole, pte_list_desc_of(kvm, head), last);
	busted_shrink(kvm, rmap, head, last);
}

static void busted_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap)
{
	struct stack_place at = { .word = READ_PLAIN(rmap->val) };
	unsigned long more;

	WRITE_ONCE(rmap->val, 0);
	if (pte_list_many(at.word))
		busted_await_walkers(kvm, at.word);
	while (pte_list_many(at.word)) {
		mark_state(&at);
		more = READ_PLAIN(pte_list_desc_of(kvm, at.word)->more);
		pte_list_free(kvm, pte_list_desc_of(kvm, at.word));
		at.word = pte_list_is_nulls(more) ? 0 : more | PTE_LIST_MANY;
	}
}

RMAP_ALGORITHM(busted_unfenced_flag) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "busted-unfenced-flag",
	.summary = "walkers announce themselves to writers without full barriers",
	.source = "walk_shadow_page_lockless_begin() in arch/x86/kvm/mmu, which has its barrier",
	.broken = true,
	.announces = true,
	.params = busted_params,
	.objects = pte_list_objects,
	.init = pte_list_init,
	.destroy = pte_list_destroy,
	.check_extent = pte_list_check_extent,
	.objects_max = pte_list_objects_max,
	.add = stack_add,
	.remove = busted_remove,
	.zap_all = busted_zap_all,
	.walk = busted_walk,
	.audit = stack_audit,
	.describe = pte_list_describe,
};
