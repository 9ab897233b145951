/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadow pages come and go, while others read them without mmu_lock.
 *
 * A zap unlinks the page, so that nobody finds it any more, drops each of its
 * sptes, flushes, and frees the page. The flush makes vCPUs leave the guest, so
 * hardware does not stand in the page behind it. Those that read page tables by
 * software might, and a walker of an rmap holds pointers to sptes; kvm->free says
 * how the page waits for them:
 *	ipi	a reader says so in its vCPU's mode, between
 *		walk_shadow_page_lockless_begin() and _end(), and the flush waits for it
 *		as it does for a guest (in the kernel: interrupts are off meanwhile, and
 *		the flush's IPI is answered afterwards). The flush holds mmu_lock. So a
 *		reader must not wait for mmu_lock: no walk that may fall back on it, as
 *		`locked`, `first-level` and `position` with finite retries do. Those need
 *		a harvest that holds mmu_lock throughout;
 *	rcu	a reader is in a read-side section, around its walk and its visits, and
 *		the page is freed by kfree_rcu(). Asked for in 2013 (v3 09/15 of "KVM:
 *		MMU: lockless write-protect"), where the reader is an ioctl that cannot
 *		keep interrupts off for that long;
 *	typesafe  nobody waits, but the memory stays a shadow page: the reader may find
 *		itself in another one, and must be content with any spte;
 *	at-once	nobody waits. Wrong, unless all readers hold mmu_lock.
 *
 * When a page is given to any of these, no rmap has an entry that leads into it.
 * The rmap of an entry is that of the gfn which the page says, so this hangs on the
 * page's being what those who added the entry took it for; and on each spte's being
 * dropped before it becomes anything else. kvm->bookkeeping gets one of these wrong:
 *	mmio-over-present  an MMIO spte is put where a present one stands;
 *	reuse-gfn	a page is taken for the one that the guest's entry wants because
 *		it is there, whatever gfn it was made for;
 *	reuse-role	the same, whether it is direct or not.
 * No race is needed for any of them.
 *
 * Source of the ideas: arch/x86/kvm/mmu: kvm_mmu_get_child_sp(),
 * kvm_mmu_prepare_zap_page(), kvm_mmu_commit_zap_page(); CVE-2026-23401
 * (mmio-over-present); of the kind of the others: CVE-2026-46113, CVE-2026-53359.
 */
#include "kvm_mmu.h"

#define SHADOW_PAGE_CACHE	"kvm_mmu_page"

static const struct rmap_field shadow_page_fields[] = {
	{ .name = "gfn", .offset = offsetof(struct kvm_mmu_page, gfn), .size = 8 },
	{ .name = "role", .offset = offsetof(struct kvm_mmu_page, role), .size = 4 },
	{ .name = "gfns", .offset = offsetof(struct kvm_mmu_page, shadowed_translation),
	  .size = 2, .array = KVM_SP_ENTRIES_MAX },
	{ .name = "spt", .offset = offsetof(struct kvm_mmu_page, spt), .size = 8, .array = 1 },
	{ .name = NULL },
};

const struct rmap_object_type kvm_shadow_page_type = {
	.cache = SHADOW_PAGE_CACHE, .prefix = "sp", .fields = shadow_page_fields,
};

int kvm_mmu_init_shadow_pages(struct kvm *kvm)
{
	size_t size = sizeof(struct kvm_mmu_page) + kvm->sp_entries * sizeof(u64);
	unsigned int flags = kvm->free == KVM_FREE_TYPESAFE ? SLAB_TYPESAFE_BY_RCU : 0;

	kvm->shadow_page_cache = kmem_cache_create(SHADOW_PAGE_CACHE, size, 8, flags);
	return kvm->shadow_page_cache ? 0 : -ENOMEM;
}

void walk_shadow_page_lockless_begin(struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;

	if (!kvm->sp_entries || kvm->free == KVM_FREE_AT_ONCE)
		return;
	if (kvm->free != KVM_FREE_IPI) {
		rcu_read_lock();
		return;
	}
	if (kvm->handshake == KVM_HANDSHAKE_NO_READING_MB) {
		WRITE_ONCE(vcpu->mode, READING_SHADOW_PAGE_TABLES);
		return;
	}
	/* Mode before what is read; pairs with smp_mb() in kvm_flush_remote_tlbs(). */
	smp_store_mb(vcpu->mode, READING_SHADOW_PAGE_TABLES);
}

void walk_shadow_page_lockless_end(struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;

	if (!kvm->sp_entries || kvm->free == KVM_FREE_AT_ONCE)
		return;
	if (kvm->free != KVM_FREE_IPI) {
		rcu_read_unlock();
		return;
	}
	/* Behind all that was read; pairs with smp_load_acquire() in kvm_await_vcpu(). */
	smp_store_release(&vcpu->mode, OUTSIDE_GUEST_MODE);
}

u64 *kvm_guest_sptep(struct kvm *kvm, unsigned long addr)
{
	u64 entry;

	if (!kvm->sp_entries)
		return &kvm->sptes[addr];
	entry = READ_ONCE(kvm->root[addr / kvm->sp_entries]);
	if (!(entry & SPTE_PRESENT))
		return NULL;
	if (spte_is_large(entry))
		return &kvm->root[addr / kvm->sp_entries];
	return &kvm_child_sp(entry)->spt[addr % kvm->sp_entries];
}

int mmu_topup_shadow_page(struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;

	if (!kvm->sp_entries || vcpu->spare_page)
		return 0;
	vcpu->spare_page = kmem_cache_alloc(kvm->shadow_page_cache, GFP_KERNEL_ACCOUNT);
	return vcpu->spare_page ? 0 : -ENOMEM;
}

/* What a zap needs to know that only it still knows: the page, and the caller's own. */
static void zap_goes_on(const struct kvm_mmu_page *sp, unsigned int index, u64 guest)
{
	const struct kvm_outer outer = {
		.mask = (unsigned long)sp, .gfn = index, .stage = guest,
	};

	mark_outer(&outer);
}

static void kvm_mmu_free_page(struct kvm *kvm, struct kvm_mmu_page *sp)
{
	kvm_note(KVM_NOTE_PAGE_FREED, sp, 0);
	if (kvm->free == KVM_FREE_RCU)
		kfree_rcu(sp, rcu_head);
	else
		kmem_cache_free(kvm->shadow_page_cache, sp);
}

/* The page is unlinked; it goes. */
static void kvm_mmu_zap_sp(struct kvm *kvm, struct kvm_mmu_page *sp, u64 guest)
{
	unsigned int i;

	for (i = 0; i < kvm->sp_entries; i++) {
		zap_goes_on(sp, i, guest);
		drop_spte(kvm, sp, &sp->spt[i]);
	}
	zap_goes_on(sp, i, guest);
	/* However little was dropped: readers may stand in the page. */
	kvm_flush_remote_tlbs(kvm);
	kvm_mmu_free_page(kvm, sp);
}

/* Whatever stands there for the table goes. guest: what the caller is about to put there. */
static void kvm_mmu_zap_child(struct kvm *kvm, unsigned long table, u64 guest)
{
	u64 entry = READ_ONCE(kvm->root[table]);

	if (!(entry & SPTE_PRESENT))
		return;
	if (!spte_is_large(entry)) {
		WRITE_ONCE(kvm->root[table], 0);
		kvm_mmu_zap_sp(kvm, kvm_child_sp(entry), guest);
		return;
	}
	drop_spte(kvm, NULL, &kvm->root[table]);
	zap_goes_on(NULL, 0, guest);
	kvm_flush_remote_tlbs(kvm);
}

int kvm_zap_page(struct kvm *kvm, unsigned long table)
{
	mmu_write_lock(kvm);
	kvm_mmu_zap_child(kvm, table, 0);
	mmu_write_unlock(kvm);
	return 0;
}

/* Filled in, then linked. Its sptes are 0: so they were when it was freed, or made. */
static struct kvm_mmu_page *kvm_mmu_link_child(struct kvm_vcpu *vcpu, unsigned long table,
					       u64 guest)
{
	struct kvm *kvm = vcpu->kvm;
	struct kvm_mmu_page *sp = vcpu->spare_page;

	if (WARN_ON_ONCE(!sp))
		return NULL;
	vcpu->spare_page = NULL;
	WRITE_PLAIN(sp->gfn, guest >> KVM_GUEST_GFN_SHIFT);
	WRITE_PLAIN(sp->role, kvm_guest_entry_role(guest));
	/* The page before what leads to it; pairs with the dependency of who follows. */
	smp_store_release(&kvm->root[table], kvm_link_sp(sp));
	return sp;
}

/* Is it the page that the guest's entry wants? */
static bool kvm_mmu_sp_fits(struct kvm *kvm, struct kvm_mmu_page *sp, u64 guest)
{
	if (kvm->bookkeeping != KVM_BOOKS_REUSE_GFN &&
	    READ_PLAIN(sp->gfn) != guest >> KVM_GUEST_GFN_SHIFT)
		return false;
	if (kvm->bookkeeping == KVM_BOOKS_REUSE_ROLE)
		return true;
	return READ_PLAIN(sp->role) == kvm_guest_entry_role(guest);
}

struct kvm_mmu_page *kvm_mmu_get_child_sp(struct kvm_vcpu *vcpu, unsigned long table, u64 guest)
{
	struct kvm *kvm = vcpu->kvm;
	u64 entry = READ_ONCE(kvm->root[table]);

	if (!(entry & SPTE_PRESENT))
		return kvm_mmu_link_child(vcpu, table, guest);
	if (!spte_is_large(entry) && kvm_mmu_sp_fits(kvm, kvm_child_sp(entry), guest))
		return kvm_child_sp(entry);
	/* The guest's entry leads elsewhere by now, or the log wants small sptes. */
	kvm_mmu_zap_child(kvm, table, guest);
	zap_goes_on(NULL, 1, guest);
	return kvm_mmu_link_child(vcpu, table, guest);
}

/* As it is when the log begins: the table's pages are mapped already, and protected. */
int kvm_map_large(struct kvm_vcpu *vcpu, unsigned long table)
{
	struct kvm *kvm = vcpu->kvm;
	unsigned long gfn = READ_ONCE(kvm->guest_dir[table]) >> KVM_GUEST_GFN_SHIFT;
	int ret = mmu_topup_memory_cache(vcpu);

	if (ret)
		return ret;
	mmu_write_lock(kvm);
	WRITE_ONCE(kvm->root[table], make_large_spte(gfn, kvm->sp_entries) & ~SPTE_WRITABLE);
	ret = kvm_rmap(kvm)->add(vcpu, &kvm->rmaps[gfn], &kvm->root[table]);
	mmu_write_unlock(kvm);
	return ret;
}

void kvm_mmu_page_set_gfn(struct kvm_mmu_page *sp, unsigned int index, unsigned long gfn)
{
	if (!(READ_PLAIN(sp->role) & KVM_SP_DIRECT))
		WRITE_PLAIN(sp->shadowed_translation[index], gfn);
}
