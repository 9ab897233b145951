/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writers of the stack form under a lock bit, and the bit itself; encoding and
 * invariants are in pte_list_lock.h. Between lock and unlock the head word is
 * the writer's own: it works on a copy, and the unlock stores the new one whole.
 */
#include "pte_list_lock.h"

/* All that lives across a turn of the spin. */
struct rmap_seen {
	unsigned long head;
};

unsigned long rmap_lock(struct kvm_rmap_head *rmap)
{
	struct rmap_seen seen = { 0 };

	seen.head = READ_ONCE(rmap->val);
	/* 0 is looked for again after each wait: who held the bit may have purged the list. */
	while (seen.head) {
		mark_state(&seen);
		if (seen.head & PTE_LIST_LOCKED) {
			cpu_relax();
			seen.head = READ_ONCE(rmap->val);
			continue;
		}
		/* The list's words after the bit; pairs with the release in rmap_unlock(). */
		if (try_cmpxchg_acquire(&rmap->val, &seen.head, seen.head | PTE_LIST_LOCKED))
			break;
	}
	return seen.head;
}

void rmap_unlock(struct kvm_rmap_head *rmap, unsigned long val)
{
	WARN_ON_ONCE(val & PTE_LIST_LOCKED);
	/*
	 * All accesses to the list before the cleared bit; pairs with the acquire in
	 * rmap_lock(), and where the head was 0 with the dependency of who follows it.
	 */
	smp_store_release(&rmap->val, val);
}

unsigned long rmap_lock_readonly(struct kvm_rmap_head *rmap)
{
	unsigned long old;

	preempt_disable();
	old = rmap_lock(rmap);
	if (!old)
		preempt_enable();
	return old;
}

void rmap_unlock_readonly(struct kvm_rmap_head *rmap, unsigned long old)
{
	if (!old)
		return;
	rmap_unlock(rmap, old);
	preempt_enable();
}

/* The head word of a new descriptor on top of what `more` leads to; 0: no memory. */
static unsigned long lock_push(struct kvm_vcpu *vcpu, u64 *first, u64 *second, unsigned long more)
{
	struct pte_list_desc *desc = pte_list_alloc(vcpu);

	if (!desc)
		return 0;
	stack_fill_desc(vcpu->kvm, desc, first, second, more);
	return (unsigned long)desc | PTE_LIST_MANY;
}

/* The head word with sptep in its list; 0: no memory, and nothing is changed. */
static unsigned long lock_insert(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap,
				 unsigned long head, u64 *sptep)
{
	struct pte_list_desc *desc = pte_list_desc_of(vcpu->kvm, head);
	long last;

	if (!head)
		return (unsigned long)sptep;
	if (!pte_list_many(head))
		return lock_push(vcpu, (u64 *)head, sptep, pte_list_nulls(rmap));
	last = stack_last_used(vcpu->kvm, desc);
	if (last + 1 == (long)vcpu->kvm->pte_list_ext)
		return lock_push(vcpu, sptep, NULL, head & ~PTE_LIST_MANY);
	WRITE_ONCE(desc->sptes[last + 1], sptep);
	return head;
}

int lock_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	unsigned long head, added;

	mmu_assert_write_locked(vcpu->kvm);
	head = rmap_lock(rmap);
	added = lock_insert(vcpu, rmap, head, sptep);
	rmap_unlock(rmap, added ? added : head);
	return added ? 0 : -ENOMEM;
}

/* After slot `last` of the head's descriptor was cleared: the head that there is now. */
static unsigned long lock_shrink(struct kvm *kvm, unsigned long head, long last)
{
	struct pte_list_desc *desc = pte_list_desc_of(kvm, head);
	bool collapse = last == 1 && kvm->param[PTE_LIST_COLLAPSE];
	unsigned long more;

	if (last > 0 && !collapse)
		return head;
	more = READ_PLAIN(desc->more);
	if (collapse && !pte_list_is_nulls(more))
		return head;
	if (collapse)
		head = (unsigned long)READ_PLAIN(desc->sptes[0]);
	else
		head = pte_list_is_nulls(more) ? 0 : more | PTE_LIST_MANY;
	pte_list_free(kvm, desc);
	return head;
}

/* The head word without sptep in its list. */
static unsigned long lock_take_out(struct kvm *kvm, unsigned long head, u64 *sptep)
{
	struct stack_place hole = { 0 };
	long last;

	if (!pte_list_many(head))
		return WARN_ON_ONCE((u64 *)head != sptep) ? head : 0;
	if (WARN_ON_ONCE(!stack_find(kvm, head, sptep, &hole)))
		return head;
	last = stack_last_used(kvm, pte_list_desc_of(kvm, head));
	stack_fill_hole(kvm, &hole, pte_list_desc_of(kvm, head), last);
	return lock_shrink(kvm, head, last);
}

void lock_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	unsigned long head, left;

	mmu_assert_write_locked(kvm);
	head = rmap_lock(rmap);
	if (WARN_ON_ONCE(!head))
		return;
	left = lock_take_out(kvm, head, sptep);
	rmap_unlock(rmap, left);
}

void lock_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap)
{
	struct stack_place at = { 0 };
	unsigned long more;

	mmu_assert_write_locked(kvm);
	at.word = rmap_lock(rmap);
	if (!at.word)
		return;
	while (pte_list_many(at.word)) {
		mark_state(&at);
		more = READ_PLAIN(pte_list_desc_of(kvm, at.word)->more);
		pte_list_free(kvm, pte_list_desc_of(kvm, at.word));
		at.word = pte_list_is_nulls(more) ? 0 : more | PTE_LIST_MANY;
	}
	rmap_unlock(rmap, 0);
}

/* A walker may hold the bit while it is looked at. */
void lock_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit)
{
	unsigned long head = READ_PLAIN(rmap->val);

	if (head == PTE_LIST_LOCKED)
		audit->error = "an empty list is locked";
	else
		stack_audit_from(kvm, rmap, head & ~PTE_LIST_LOCKED, audit);
}

void lock_describe(const struct kvm *kvm, enum rmap_word_place place, unsigned long word,
		   struct rmap_word *out)
{
	bool locked = place == RMAP_PLACE_HEAD && word & PTE_LIST_LOCKED;

	pte_list_describe(kvm, place, locked ? word & ~PTE_LIST_LOCKED : word, out);
	out->locked = locked;
}
