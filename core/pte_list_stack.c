/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stack form: descriptors are pushed at the head and popped there. Source:
 * "KVM: MMU: introduce nulls desc" and its series, 2013; in substance what
 * arch/x86/kvm/mmu has kept since Linux 6.4. Encoding and invariants I1 to I4
 * are in pte_list.h.
 *
 * All functions run under mmu_lock, held for writing. Lockless walkers read the
 * words meanwhile, so every word is stored whole, and what becomes reachable is
 * complete before it does.
 */
#include "pte_list.h"

/* What a writer's loop needs, without padding: a mark takes it whole. */
_Static_assert(sizeof(struct stack_place) == 16, "no padding");

long stack_next_position(const struct kvm *kvm, unsigned long head)
{
	u64 position = pte_list_position(kvm, head);

	if (!kvm->position_max)
		return 0;
	if (!pte_list_many(head))
		return 1;
	if (!position)
		return 0;	/* above an unnumbered one all are */
	if (position < kvm->position_max)
		return position + 1;
	switch (kvm->position_overflow) {
	case PTE_LIST_WRAP:
		return 1;
	case PTE_LIST_UNNUMBERED:
		return 0;
	default:
		return -EOVERFLOW;
	}
}

static void stack_fill_slots(struct kvm *kvm, struct pte_list_desc *desc, u64 *first, u64 *second)
{
	struct stack_place at = { 0 };

	WRITE_ONCE(desc->sptes[0], first);
	for (at.slot = 1; at.slot < kvm->pte_list_ext; at.slot++) {
		mark_state(&at);
		WRITE_ONCE(desc->sptes[at.slot], at.slot == 1 ? second : NULL);
	}
}

void stack_fill_desc(struct kvm *kvm, struct pte_list_desc *desc, u64 *first, u64 *second,
		     unsigned long more)
{
	if (kvm->param[PTE_LIST_INIT] == PTE_LIST_MORE_FIRST)
		WRITE_ONCE(desc->more, more);
	stack_fill_slots(kvm, desc, first, second);
	if (kvm->param[PTE_LIST_INIT] == PTE_LIST_SLOTS_FIRST)
		WRITE_ONCE(desc->more, more);
}

/* A new descriptor becomes the head's. */
static int stack_push(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, unsigned long head,
		      u64 *first, u64 *second, unsigned long more)
{
	struct kvm *kvm = vcpu->kvm;
	long position = stack_next_position(kvm, head);
	struct pte_list_desc *desc;

	if (position < 0)
		return position;
	desc = pte_list_alloc(vcpu);
	if (!desc)
		return -ENOMEM;
	stack_fill_desc(kvm, desc, first, second, more);
	/*
	 * The descriptor's words before the head that leads to them; pairs with
	 * the address dependency from a walker's load of the head.
	 */
	smp_store_release(&rmap->val, pte_list_word(kvm, desc, position) | PTE_LIST_MANY);
	return 0;
}

/* The lowest free slot of the head's descriptor; false if there is none. */
static bool stack_add_to_head(struct kvm *kvm, unsigned long head, u64 *sptep)
{
	struct pte_list_desc *desc = pte_list_desc_of(kvm, head);
	struct stack_place at = { .word = head };

	if (READ_PLAIN(desc->sptes[kvm->pte_list_ext - 1]))
		return false;
	for (at.slot = 0; at.slot < kvm->pte_list_ext; at.slot++) {
		mark_state(&at);
		if (!READ_PLAIN(desc->sptes[at.slot]))
			break;
	}
	/* The spte before the slot; pairs with the dependency of a walker that visits it. */
	smp_store_release(&desc->sptes[at.slot], sptep);
	return true;
}

int stack_add(struct kvm_vcpu *vcpu, struct kvm_rmap_head *rmap, u64 *sptep)
{
	unsigned long head = READ_PLAIN(rmap->val);

	mmu_assert_write_locked(vcpu->kvm);
	if (!head) {
		/* The spte before the head; pairs with the dependency of its visitor. */
		smp_store_release(&rmap->val, (unsigned long)sptep);
		return 0;
	}
	if (!pte_list_many(head))
		return stack_push(vcpu, rmap, head, (u64 *)head, sptep, pte_list_nulls(rmap));
	if (stack_add_to_head(vcpu->kvm, head, sptep))
		return 0;
	return stack_push(vcpu, rmap, head, sptep, NULL, head & ~PTE_LIST_MANY);
}

static bool stack_find_in_desc(struct kvm *kvm, const u64 *sptep, struct stack_place *at)
{
	struct pte_list_desc *desc = pte_list_desc_of(kvm, at->word);

	for (at->slot = 0; at->slot < kvm->pte_list_ext; at->slot++) {
		mark_state(at);
		if (READ_PLAIN(desc->sptes[at->slot]) == sptep)
			return true;
	}
	return false;
}

bool stack_find(struct kvm *kvm, unsigned long head, const u64 *sptep, struct stack_place *at)
{
	at->word = head;
	while (!stack_find_in_desc(kvm, sptep, at)) {
		unsigned long more = READ_PLAIN(pte_list_desc_of(kvm, at->word)->more);

		if (!more || pte_list_is_nulls(more))
			return false;
		at->word = more;
	}
	return true;
}

long stack_last_used(const struct kvm *kvm, struct pte_list_desc *desc)
{
	struct stack_place at = { .slot = kvm->pte_list_ext };

	while (at.slot--) {
		mark_state(&at);
		if (READ_PLAIN(desc->sptes[at.slot]))
			return at.slot;
	}
	return -1;
}

static void stack_pop(struct kvm *kvm, struct kvm_rmap_head *rmap, struct pte_list_desc *desc)
{
	unsigned long more = READ_PLAIN(desc->more);

	/*
	 * What was moved out of the descriptor before the head that no longer
	 * leads to it; pairs with the acquire of a walker's load of the head.
	 */
	smp_store_release(&rmap->val, pte_list_is_nulls(more) ? 0 : more | PTE_LIST_MANY);
	pte_list_free(kvm, desc);
}

static void stack_collapse(struct kvm *kvm, struct kvm_rmap_head *rmap, struct pte_list_desc *desc)
{
	u64 *only;

	if (!pte_list_is_nulls(READ_PLAIN(desc->more)))
		return;
	only = READ_PLAIN(desc->sptes[0]);
	WRITE_ONCE(rmap->val, (unsigned long)only);
	pte_list_free(kvm, desc);
}

void stack_shrink(struct kvm *kvm, struct kvm_rmap_head *rmap, unsigned long head, long last)
{
	struct pte_list_desc *desc = pte_list_desc_of(kvm, head);

	if (last == 0)
		stack_pop(kvm, rmap, desc);
	else if (last == 1 && kvm->param[PTE_LIST_COLLAPSE])
		stack_collapse(kvm, rmap, desc);
}

/* The hole is filled first and its source cleared second: no instant without the entry. */
void stack_fill_hole(struct kvm *kvm, const struct stack_place *hole, struct pte_list_desc *from,
		     long last)
{
	struct pte_list_desc *to = pte_list_desc_of(kvm, hole->word);
	u64 *moved;

	if (to != from || hole->slot != (unsigned long)last) {
		moved = READ_PLAIN(from->sptes[last]);
		WRITE_ONCE(to->sptes[hole->slot], moved);
	}
	/*
	 * The filled hole before the cleared source; pairs with the order of a
	 * walker's loads, which meets the source first and the hole later.
	 */
	smp_store_release(&from->sptes[last], NULL);
}

void stack_remove(struct kvm *kvm, struct kvm_rmap_head *rmap, u64 *sptep)
{
	unsigned long head = READ_PLAIN(rmap->val);
	struct stack_place hole = { 0 };
	long last;

	mmu_assert_write_locked(kvm);
	if (!pte_list_many(head)) {
		if (!WARN_ON_ONCE((u64 *)head != sptep))
			WRITE_ONCE(rmap->val, 0);
		return;
	}
	if (WARN_ON_ONCE(!stack_find(kvm, head, sptep, &hole)))
		return;
	last = stack_last_used(kvm, pte_list_desc_of(kvm, head));
	stack_fill_hole(kvm, &hole, pte_list_desc_of(kvm, head), last);
	stack_shrink(kvm, rmap, head, last);
}

void stack_zap_all(struct kvm *kvm, struct kvm_rmap_head *rmap)
{
	struct stack_place at = { .word = READ_PLAIN(rmap->val) };
	unsigned long more;

	mmu_assert_write_locked(kvm);
	/*
	 * The head before the descriptors' freedom, which the slab passes on;
	 * pairs with a walker that enters by the head: it finds nothing.
	 */
	smp_store_release(&rmap->val, 0);
	while (pte_list_many(at.word)) {
		mark_state(&at);
		more = READ_PLAIN(pte_list_desc_of(kvm, at.word)->more);
		pte_list_free(kvm, pte_list_desc_of(kvm, at.word));
		at.word = pte_list_is_nulls(more) ? 0 : more | PTE_LIST_MANY;
	}
}

static const char *stack_audit_slots(const struct kvm *kvm, struct pte_list_desc *desc, bool first,
				     struct rmap_audit *audit)
{
	u32 used = pte_list_audit_slots(kvm, desc, audit);

	if (used < kvm->pte_list_ext && !first)
		return "a descriptor that is not the head's has an empty slot";
	return used ? audit->error : "the head's descriptor is empty";
}

/* Positions go down by one; what follows a 1 is the end, or with wrap the maximum. */
static const char *stack_audit_position(const struct kvm *kvm, unsigned long word,
					unsigned long more)
{
	u64 position = pte_list_position(kvm, word);
	u64 below = pte_list_position(kvm, more);

	if (!kvm->position_max || !position)
		return NULL;
	if (pte_list_is_nulls(more))
		return position == 1 ? NULL : "the last descriptor's position is not 1";
	if (below == position - 1 && below)
		return NULL;
	if (kvm->position_overflow == PTE_LIST_WRAP && position == 1 && below == kvm->position_max)
		return NULL;
	return "positions do not go down by one";
}

void stack_audit_from(struct kvm *kvm, struct kvm_rmap_head *rmap, unsigned long head,
		      struct rmap_audit *audit)
{
	unsigned long word, more;

	if (head && !pte_list_many(head)) {
		audit->nr_sptes = 1;
		audit->found(audit, (u64 *)head);
	}
	for (word = head; pte_list_many(word) && !audit->error; word = more | PTE_LIST_MANY) {
		struct pte_list_desc *desc = pte_list_desc_of(kvm, word);

		audit->where = desc;
		audit->nr_objects++;
		audit->error = stack_audit_slots(kvm, desc, word == head, audit);
		more = READ_PLAIN(desc->more);
		if (!audit->error)
			audit->error = stack_audit_position(kvm, word, more);
		if (pte_list_is_nulls(more) && more != pte_list_nulls(rmap) && !audit->error)
			audit->error = "the list ends in the nulls of another rmap";
		if (pte_list_is_nulls(more))
			break;
		if (!more && !audit->error)
			audit->error = "a descriptor leads nowhere";
		if (audit->nr_objects > kvm->nr_sptes && !audit->error)
			audit->error = "the list is a cycle";
	}
}

void stack_audit(struct kvm *kvm, struct kvm_rmap_head *rmap, struct rmap_audit *audit)
{
	unsigned long head = READ_PLAIN(rmap->val);

	stack_audit_from(kvm, rmap, head, audit);
}
