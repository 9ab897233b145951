/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * template: the smallest algorithm that is right; made to be copied.
 *
 *	1. cp core/rmap_template.c core/rmap_NAME.c, add the file to ALGORITHMS
 *	   in Makefile.am;
 *	2. say here: encoding, invariants (I1..), guarantees (G1..), who may run
 *	   beside whom, source of the idea;
 *	3. rename the functions and the table; RMAP_ALGORITHM() takes the file's
 *	   NAME, .name is what users type, with hyphens;
 *	4. write. Shared words are touched by the primitives of kern.h only, one
 *	   per line; what lives across a loop's turn stands in one struct that
 *	   mark_state() gets.
 *
 * Encoding: the head points to the only spte; there is room for no second one.
 * I1 the head is 0 or the address of an spte that was added;
 * G1 a walk is one pass of one step, and visits the spte if it is in the list
 *    throughout.
 * Beside it may run: any number of walkers, and one writer under mmu_lock.
 * Source: the direct pointer that every form of KVM's rmap begins with.
 */
#include "pte_list.h"

static int template_init(struct kvm *kvm)
{
	(void)kvm;
	return 0;
}

static void template_destroy(struct kvm *kvm)
{
	(void)kvm;
}

static const char *template_check_extent(const struct kvm *kvm, u32 sptes_max, char *buf,
					 size_t len)
{
	(void)kvm;
	(void)buf;
	(void)len;
	return sptes_max > 1 ? "this algorithm has room for one spte in an rmap" : NULL;
}

static u32 template_objects_max(const struct kvm *kvm, u32 sptes)
{
	(void)kvm;
	(void)sptes;
	return 0;
}

static int template_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	mmu_assert_write_locked(vcpu->kvm);
	if (READ_PLAIN(rmap->val))
		return -ENOMEM;
	/* The spte before the head that leads to it; pairs with template_walk()'s dependency. */
	smp_store_release(&rmap->val, (unsigned long)sptep);
	return 0;
}

static void template_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap)
{
	mmu_assert_write_locked(kvm);
	WRITE_ONCE(rmap->val, 0);
}

static void template_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	u64 *present = (u64 *)READ_PLAIN(rmap->val);

	if (!WARN_ON_ONCE(present != sptep))
		template_zap_all(kvm, rmap);
}

static enum rmap_walk_result template_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					   struct rmap_walk *walk)
{
	u64 *sptep;

	(void)kvm;
	rcu_read_lock();
	sptep = (u64 *)READ_ONCE(rmap->val);
	walk_step(walk);
	rcu_read_unlock();
	if (sptep && !walk->visit(walk, sptep))
		return RMAP_WALK_STOPPED;
	return RMAP_WALK_COMPLETE;
}

static void template_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit)
{
	u64 *sptep = (u64 *)READ_PLAIN(rmap->val);

	(void)kvm;
	if (!sptep)
		return;
	audit->nr_sptes++;
	audit->found(audit, sptep);
}

RMAP_ALGORITHM(template) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "template",
	.summary = "one spte per rmap; made to be copied",
	.source = "the direct pointer of KVM's rmap",
	.params = pte_list_no_params,
	.objects = pte_list_objects,
	.init = template_init,
	.destroy = template_destroy,
	.check_extent = template_check_extent,
	.objects_max = template_objects_max,
	.add = template_add,
	.remove = template_remove,
	.zap_all = template_zap_all,
	.walk = template_walk,
	.audit = template_audit,
	.describe = pte_list_describe,
};
