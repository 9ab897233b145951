/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vCPUs: guest mode, requests, and the TLB.
 *
 * A vCPU's TLB is its own: nobody else reads or writes it. Others ask for a
 * flush by a request, and make a vCPU that is in the guest leave it, where it
 * sees to requests before it goes back.
 *
 * Handshake (source of the idea: kvm_make_all_cpus_request(), vcpu_enter_guest()):
 *	vCPU:	 mode = IN_GUEST_MODE; smp_mb; look for requests
 *	flusher: request; smp_mb; look at mode
 * Either the flusher sees that the vCPU is in the guest and makes it leave, or the
 * vCPU sees the request before the guest's first access. Both barriers are needed:
 * each side stores, then loads what the other one stores.
 */
#include "kvm_mmu.h"

static void kvm_flush_tlb_local(struct kvm_vcpu *vcpu)
{
	unsigned int i;

	for (i = 0; i < KVM_TLB_ENTRIES; i++)
		vcpu->tlb[i] = (struct kvm_tlb_entry){ 0 };
	kvm_note(KVM_NOTE_TLB_FLUSHED, NULL, 0);
}

static void vcpu_enter_guest(struct kvm_vcpu *vcpu)
{
	WRITE_ONCE(vcpu->mode, IN_GUEST_MODE);
	/* Mode before requests; pairs with smp_mb() in kvm_flush_remote_tlbs(). */
	if (vcpu->kvm->handshake != KVM_HANDSHAKE_NO_ENTER_MB)
		smp_mb();
	if (!test_bit(KVM_REQ_TLB_FLUSH, &vcpu->requests))
		return;
	clear_bit(KVM_REQ_TLB_FLUSH, &vcpu->requests);
	/* The sptes behind the request; pairs with smp_wmb() in kvm_request_flush(). */
	smp_mb__after_atomic();
	kvm_flush_tlb_local(vcpu);
}

static void vcpu_leave_guest(struct kvm_vcpu *vcpu)
{
	/* Behind what the guest has stored; pairs with smp_load_acquire() in kvm_kick_vcpu(). */
	smp_store_release(&vcpu->mode, OUTSIDE_GUEST_MODE);
}

static struct kvm_tlb_entry *tlb_find(struct kvm_vcpu *vcpu, const u64 *sptep, unsigned long gfn)
{
	unsigned int i;

	for (i = 0; i < KVM_TLB_ENTRIES; i++) {
		if (vcpu->tlb[i].sptep == sptep && spte_allows_write(vcpu->tlb[i].spte, gfn))
			return &vcpu->tlb[i];
	}
	return NULL;
}

/* What hardware does on a miss: the bits are set and the entry is filled as one event. */
static struct kvm_tlb_entry *tlb_fill(struct kvm_vcpu *vcpu, u64 *sptep, unsigned long gfn)
{
	unsigned int which = ((unsigned long)sptep / sizeof(*sptep)) % KVM_TLB_ENTRIES;
	u64 old = READ_ONCE(*sptep), new;

	for (;;) {
		if (!spte_allows_write(old, gfn))
			return NULL;
		new = old | SPTE_ACCESSED | SPTE_DIRTY;
		if (new == old)
			break;
		mark_state(&old);
		if (try_cmpxchg(sptep, &old, new))
			break;
	}
	vcpu->tlb[which] = (struct kvm_tlb_entry){ .sptep = sptep, .spte = new };
	kvm_note(KVM_NOTE_TLB_FILLED, sptep, which);
	return &vcpu->tlb[which];
}

static bool guest_write(struct kvm_vcpu *vcpu, u64 *sptep, unsigned long gfn)
{
	struct kvm_tlb_entry *entry = tlb_find(vcpu, sptep, gfn);

	if (!entry)
		entry = tlb_fill(vcpu, sptep, gfn);
	if (!entry)
		return false;
	/* Nothing comes between a look at the entry and its use: this vCPU flushes elsewhere. */
	WRITE_ONCE(vcpu->kvm->guest_pages[gfn], 1);
	kvm_note(KVM_NOTE_GUEST_WROTE, NULL, kvm_note_write(gfn, entry - vcpu->tlb));
	return true;
}

int kvm_vcpu_write(struct kvm_vcpu *vcpu, u64 *sptep, unsigned long gfn)
{
	const struct kvm_outer none = { 0 };
	bool done;
	int ret;

	for (;;) {
		mark_outer(&none);
		vcpu_enter_guest(vcpu);
		done = guest_write(vcpu, sptep, gfn);
		vcpu_leave_guest(vcpu);
		if (done)
			return 0;
		ret = kvm_mmu_page_fault(vcpu, sptep, gfn);
		if (ret)
			return ret;
	}
}

static void kvm_request_flush(struct kvm_vcpu *vcpu)
{
	/* The sptes before the request; pairs with smp_mb__after_atomic() in vcpu_enter_guest(). */
	smp_wmb();
	set_bit(KVM_REQ_TLB_FLUSH, &vcpu->requests);
}

/* Until the vCPU is out of the guest, or has been. */
static void kvm_kick_vcpu(struct kvm_vcpu *vcpu)
{
	unsigned long mode = cmpxchg(&vcpu->mode, IN_GUEST_MODE, EXITING_GUEST_MODE);

	if (mode != IN_GUEST_MODE && mode != EXITING_GUEST_MODE)
		return;
	/* Behind what the guest has stored; pairs with vcpu_leave_guest(). */
	while (smp_load_acquire(&vcpu->mode) == EXITING_GUEST_MODE)
		cpu_relax();
}

void kvm_flush_remote_tlbs(struct kvm *kvm)
{
	unsigned long i;

	kvm_note(KVM_NOTE_FLUSH_BEGINS, NULL, 0);
	for (i = 0; i < kvm->nr_vcpus; i++) {
		mark_state(&i);
		if (kvm->vcpus[i].has_guest)
			kvm_request_flush(&kvm->vcpus[i]);
	}
	/* Requests before modes; pairs with smp_mb() in vcpu_enter_guest(). */
	if (kvm->handshake != KVM_HANDSHAKE_NO_FLUSH_MB)
		smp_mb();
	for (i = 0; i < kvm->nr_vcpus; i++) {
		mark_state(&i);
		if (kvm->vcpus[i].has_guest)
			kvm_kick_vcpu(&kvm->vcpus[i]);
	}
	kvm_note(KVM_NOTE_FLUSH_ENDS, NULL, 0);
}
