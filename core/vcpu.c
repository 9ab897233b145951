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
 * each side stores, then loads what the other one stores. A vCPU that has left need
 * not be waited for, but what its guest has stored is to be seen by who copies the page
 * behind the flush: the mode is stored by a release, and who finds it is ordered behind
 * it, by an acquire, or by smp_rmb where the cmpxchg fails, which orders nothing. Where
 * shadow pages are freed behind the flush (free = ipi, shadow_page.c), a vCPU that reads
 * them says so in its mode likewise, and the flush waits for it.
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
	/* Behind what the guest has stored; pairs with smp_load_acquire() in kvm_await_vcpu(). */
	smp_store_release(&vcpu->mode, OUTSIDE_GUEST_MODE);
}

static struct kvm_tlb_entry *tlb_find(struct kvm_vcpu *vcpu, unsigned long addr,
				      unsigned long gfn)
{
	unsigned int i;

	for (i = 0; i < KVM_TLB_ENTRIES; i++) {
		if (vcpu->tlb[i].addr == addr && spte_allows_write(vcpu->tlb[i].spte, gfn))
			return &vcpu->tlb[i];
	}
	return NULL;
}

/* All that lives on in a fill. */
struct tlb_walk {
	u64 *sptep;
	u64 old;
};

/* What hardware does on a miss: the bits are set and the entry is filled as one event. */
static struct kvm_tlb_entry *tlb_fill(struct kvm_vcpu *vcpu, unsigned long addr, unsigned long gfn)
{
	struct tlb_walk walk = { .sptep = kvm_guest_sptep(vcpu->kvm, addr) };
	unsigned int which = addr % KVM_TLB_ENTRIES;
	u64 new;

	if (!walk.sptep)
		return NULL;
	walk.old = READ_ONCE(*walk.sptep);
	for (;;) {
		if (!spte_allows_write(walk.old, gfn))
			return NULL;
		new = walk.old | SPTE_ACCESSED | SPTE_DIRTY;
		if (new == walk.old)
			break;
		mark_state(&walk);
		if (try_cmpxchg(walk.sptep, &walk.old, new))
			break;
	}
	vcpu->tlb[which] = (struct kvm_tlb_entry){ .addr = addr, .sptep = walk.sptep, .spte = new };
	kvm_note(KVM_NOTE_TLB_FILLED, walk.sptep, which);
	return &vcpu->tlb[which];
}

static bool guest_write(struct kvm_vcpu *vcpu, unsigned long addr, unsigned long gfn)
{
	struct kvm_tlb_entry *entry = tlb_find(vcpu, addr, gfn);

	if (!entry)
		entry = tlb_fill(vcpu, addr, gfn);
	if (!entry)
		return false;
	/* Nothing comes between a look at the entry and its use: this vCPU flushes elsewhere. */
	WRITE_ONCE(vcpu->kvm->guest_pages[gfn], 1);
	kvm_note(KVM_NOTE_GUEST_WROTE, NULL, kvm_note_write(gfn, entry - vcpu->tlb));
	return true;
}

int kvm_vcpu_write(struct kvm_vcpu *vcpu, unsigned long addr, unsigned long gfn)
{
	const struct kvm_outer none = { 0 };
	bool done;
	int ret;

	for (;;) {
		mark_outer(&none);
		vcpu_enter_guest(vcpu);
		done = guest_write(vcpu, addr, gfn);
		vcpu_leave_guest(vcpu);
		if (done)
			return 0;
		ret = kvm_mmu_page_fault(vcpu, addr, gfn);
		if (ret)
			return ret == KVM_FAULT_EMULATE ? 0 : ret;
	}
}

/* As guests do: they see to their own TLBs, and do not say a word of it to KVM. */
int kvm_vcpu_set_guest_dir(struct kvm_vcpu *vcpu, unsigned long table, unsigned long gfn,
			   bool large)
{
	WRITE_ONCE(vcpu->kvm->guest_dir[table], kvm_guest_entry(gfn, large));
	return 0;
}

static void kvm_request_flush(struct kvm_vcpu *vcpu)
{
	/* The sptes before the request; pairs with smp_mb__after_atomic() in vcpu_enter_guest(). */
	smp_wmb();
	set_bit(KVM_REQ_TLB_FLUSH, &vcpu->requests);
}

/* Which vCPU a flush waits for, and what it has found it at. */
struct kvm_kick {
	unsigned long vcpu, mode;
};

/* Until the vCPU is at something else. */
static void kvm_await_vcpu(struct kvm_vcpu *vcpu, unsigned long mode)
{
	const struct kvm_kick kick = { .vcpu = vcpu->vcpu_id, .mode = mode };

	for (;;) {
		mark_state(&kick);
		/*
		 * Behind what the guest has stored and the reader has read; pairs with
		 * vcpu_leave_guest() and walk_shadow_page_lockless_end().
		 */
		if (smp_load_acquire(&vcpu->mode) != mode)
			return;
		cpu_relax();
	}
}

/* Does the flush wait for those that read shadow page tables? */
static bool kvm_awaits_readers(const struct kvm *kvm)
{
	return kvm->sp_entries && kvm->free == KVM_FREE_IPI;
}

/* Until the vCPU is out of the guest, or has been; or has read what it is reading. */
static void kvm_kick_vcpu(struct kvm_vcpu *vcpu)
{
	unsigned long mode = cmpxchg(&vcpu->mode, IN_GUEST_MODE, EXITING_GUEST_MODE);

	if (mode != OUTSIDE_GUEST_MODE) {
		kvm_await_vcpu(vcpu, mode == IN_GUEST_MODE ? EXITING_GUEST_MODE : mode);
		return;
	}
	/* Behind what the guest has stored before it left; pairs with vcpu_leave_guest(). */
	if (vcpu->kvm->handshake != KVM_HANDSHAKE_NO_KICK_RMB)
		smp_rmb();
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
	/*
	 * Requests, and what was unlinked, before modes; pairs with smp_mb() in
	 * vcpu_enter_guest() and walk_shadow_page_lockless_begin().
	 */
	if (kvm->handshake != KVM_HANDSHAKE_NO_FLUSH_MB)
		smp_mb();
	for (i = 0; i < kvm->nr_vcpus; i++) {
		mark_state(&i);
		if (kvm->vcpus[i].has_guest || kvm_awaits_readers(kvm))
			kvm_kick_vcpu(&kvm->vcpus[i]);
	}
	kvm_note(KVM_NOTE_FLUSH_ENDS, NULL, 0);
}
