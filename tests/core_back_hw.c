/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A world on the hardware back end, with user addresses or (tests/high/) a kernel's. */
#include <stdlib.h>
#include <string.h>
#include <glib.h>
#include "core/mmu.h"
#include "sim/kern/hw/kern_hw.h"
#include "tests/core_world.h"

#ifndef HIGH_ADDRESS
#define HIGH_ADDRESS(kvm, p)	(p)
#define HIGH_REAL(p)		(p)
#define high_set_bits(bits)	((void)(bits))
#else
unsigned long high_bits;
#endif

static unsigned long back_warned;

/* Locks and vCPUs have cache lines of their own. */
static void *back_zeroed(size_t size)
{
	void *p = aligned_alloc(HW_LINE, (size + HW_LINE - 1) / HW_LINE * HW_LINE);

	g_assert_nonnull(p);
	return memset(p, 0, size);
}

static struct kvm *back_make(const struct core_spec *spec)
{
	struct kvm *kvm = back_zeroed(sizeof(*kvm));

	high_set_bits(spec->address_bits);
	kvm->mmu_lock_is_rw = spec->lock_rw;
	kvm->pte_list_ext = spec->ext;
	kvm->address_bits = spec->address_bits;
	kvm->nr_rmaps = spec->rmaps;
	kvm->nr_sptes = spec->sptes;
	kvm->nr_vcpus = 1;
	kvm->cache_objs = spec->cache_objs;
	kvm->alloc_zero = spec->alloc_zero;
	memcpy(kvm->param, spec->param, sizeof(kvm->param));
	kvm->rmaps = HIGH_ADDRESS(kvm, g_new0(struct kvm_rmap_head, spec->rmaps));
	kvm->sptes = HIGH_ADDRESS(kvm, g_new0(u64, spec->sptes));
	/* No word keeps their addresses: they need not be a kernel's. */
	kvm->rmap_seqs = g_new0(seqcount_t, spec->rmaps);
	kvm->dirty_bitmap = g_new0(unsigned long, (spec->rmaps + 63) / 64);
	kvm->vcpus = back_zeroed(sizeof(*kvm->vcpus));
	kvm->vcpus[0].kvm = kvm;
	kvm_mmu_init(kvm);
	back_warned = kern_hw_warnings();
	g_assert_cmpint(rmap_algorithms[spec->algorithm]->init(kvm), ==, 0);
	kern_hw_cpu = 0;
	return kvm;
}

static void back_free(struct kvm *kvm)
{
	kmem_cache_destroy(kvm->pte_list_desc_cache);
	g_free(HIGH_REAL(kvm->rmaps));
	g_free(HIGH_REAL(kvm->sptes));
	g_free(kvm->rmap_seqs);
	g_free(kvm->dirty_bitmap);
	free(kvm->vcpus);
	free(kvm);
}

static void back_nothing(void)
{
}

static unsigned long back_live(struct kvm *kvm)
{
	return kvm->pte_list_desc_cache ? kern_hw_cache_live(kvm->pte_list_desc_cache) : 0;
}

static const char *back_complaint(void)
{
	return kern_hw_warnings() == back_warned ? NULL : "a WARN_ON_ONCE was true";
}

const struct core_back core_hooks = {
	.counts = true,
	.make = back_make,
	.free = back_free,
	.enter = back_nothing,
	.leave = back_nothing,
	.live = back_live,
	.complaint = back_complaint,
};
