/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tail form, as arch/x86/kvm/mmu kept it up to Linux 6.3: entries go into
 * the first descriptor with room, new descriptors to the tail; a hole is filled
 * from its own descriptor's last slot, and an empty descriptor is unlinked
 * wherever it is. Invariants I5 and I6 are in pte_list.h.
 *
 * All functions run under mmu_lock, held for writing; the tail form has no
 * lockless walkers of its own but may be walked by those that validate.
 */
#include "pte_list.h"

/* Where a writer stands: the descriptor, the one before it, a slot. */
struct tail_place {
	struct pte_list_desc *prev;
	struct pte_list_desc *desc;
	unsigned long slot;
};

_Static_assert(sizeof(struct tail_place) == 24, "no padding");

static struct pte_list_desc *tail_new_desc(struct kvm_vcpu *vcpu, u64 *first, u64 *second)
{
	struct pte_list_desc *desc = pte_list_alloc(vcpu);

	if (desc)
		stack_fill_desc(vcpu->kvm, desc, first, second, 0);
	return desc;
}

static int tail_add_second(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, unsigned long head,
			   u64 *sptep)
{
	struct pte_list_desc *desc;

	desc = tail_new_desc(vcpu, (u64 *)head, sptep);
	if (!desc)
		return -ENOMEM;
	/* The descriptor before the head; pairs with the dependency of who follows it. */
	smp_store_release(&rmap->val, (unsigned long)desc | PTE_LIST_MANY);
	return 0;
}

/* The first descriptor with room, or the last one. */
static void tail_find_room(struct kvm *kvm, struct tail_place *at)
{
	struct pte_list_desc *next;

	for (;;) {
		mark_state(at);
		if (!READ_PLAIN(at->desc->sptes[kvm->pte_list_ext - 1]))
			return;
		next = (struct pte_list_desc *)READ_PLAIN(at->desc->more);
		if (!next)
			return;
		at->desc = next;
	}
}

static long tail_last_used(const struct kvm *kvm, struct tail_place *at)
{
	at->slot = kvm->pte_list_ext;
	while (at->slot--) {
		mark_state(at);
		if (READ_PLAIN(at->desc->sptes[at->slot]))
			return at->slot;
	}
	return -1;
}

int tail_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	unsigned long head = READ_PLAIN(rmap->val);
	struct tail_place at = { 0 };
	struct pte_list_desc *desc;
	long last;

	mmu_assert_write_locked(vcpu->kvm);
	if (!head) {
		/* The spte before the head; pairs with the dependency of its visitor. */
		smp_store_release(&rmap->val, (unsigned long)sptep);
		return 0;
	}
	if (!pte_list_many(head))
		return tail_add_second(vcpu, rmap, head, sptep);
	at.desc = pte_list_desc_of(vcpu->kvm, head);
	tail_find_room(vcpu->kvm, &at);
	last = tail_last_used(vcpu->kvm, &at);
	if (last + 1 < (long)vcpu->kvm->pte_list_ext) {
		/* The spte before the slot; pairs with the dependency of its visitor. */
		smp_store_release(&at.desc->sptes[last + 1], sptep);
		return 0;
	}
	desc = tail_new_desc(vcpu, sptep, NULL);
	if (!desc)
		return -ENOMEM;
	/* The descriptor before the link; pairs with the dependency of who follows it. */
	smp_store_release(&at.desc->more, (unsigned long)desc);
	return 0;
}

static bool tail_find(struct kvm *kvm, const u64 *sptep, struct tail_place *at)
{
	while (at->desc) {
		for (at->slot = 0; at->slot < kvm->pte_list_ext; at->slot++) {
			mark_state(at);
			if (READ_PLAIN(at->desc->sptes[at->slot]) == sptep)
				return true;
		}
		at->prev = at->desc;
		at->desc = (struct pte_list_desc *)READ_PLAIN(at->desc->more);
	}
	return false;
}

static void tail_unlink(struct kvm *kvm, struct kvm_rmap_head *rmap, const struct tail_place *at)
{
	unsigned long more = READ_PLAIN(at->desc->more);

	if (at->prev)
		WRITE_ONCE(at->prev->more, more);
	else
		WRITE_ONCE(rmap->val, more ? more | PTE_LIST_MANY : 0);
	pte_list_free(kvm, at->desc);
}

static void tail_remove_at(struct kvm *kvm, struct kvm_rmap_head *rmap, struct tail_place *at)
{
	unsigned long hole = at->slot;
	struct tail_place from = { .desc = at->desc };
	long last = tail_last_used(kvm, &from);
	u64 *moved;

	if ((unsigned long)last != hole) {
		moved = READ_PLAIN(at->desc->sptes[last]);
		WRITE_ONCE(at->desc->sptes[hole], moved);
	}
	WRITE_ONCE(at->desc->sptes[last], NULL);
	if (last == 0)
		tail_unlink(kvm, rmap, at);
}

void tail_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	unsigned long head = READ_PLAIN(rmap->val);
	struct tail_place at = { 0 };

	mmu_assert_write_locked(kvm);
	if (!pte_list_many(head)) {
		if (!WARN_ON_ONCE((u64 *)head != sptep))
			WRITE_ONCE(rmap->val, 0);
		return;
	}
	at.desc = pte_list_desc_of(kvm, head);
	if (!WARN_ON_ONCE(!tail_find(kvm, sptep, &at)))
		tail_remove_at(kvm, rmap, &at);
}

void tail_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap)
{
	unsigned long head = READ_PLAIN(rmap->val);
	struct tail_place at = { 0 };

	mmu_assert_write_locked(kvm);
	/* The head before the descriptors' freedom; pairs with who enters by the head. */
	smp_store_release(&rmap->val, 0);
	if (pte_list_many(head))
		at.desc = pte_list_desc_of(kvm, head);
	while (at.desc) {
		mark_state(&at);
		at.prev = at.desc;
		at.desc = (struct pte_list_desc *)READ_PLAIN(at.desc->more);
		pte_list_free(kvm, at.prev);
	}
}

void tail_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit)
{
	unsigned long head = READ_PLAIN(rmap->val);
	struct pte_list_desc *desc = NULL;

	if (pte_list_many(head)) {
		desc = pte_list_desc_of(kvm, head);
	} else if (head) {
		audit->nr_sptes = 1;
		audit->found(audit, (u64 *)head);
	}
	while (desc && !audit->error) {
		audit->where = desc;
		audit->nr_objects++;
		if (!pte_list_audit_slots(kvm, desc, audit))
			audit->error = "a listed descriptor is empty";
		if (audit->nr_objects > kvm->nr_sptes && !audit->error)
			audit->error = "the list is a cycle";
		desc = (struct pte_list_desc *)READ_PLAIN(desc->more);
	}
}
