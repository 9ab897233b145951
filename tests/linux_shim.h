/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As much of a kernel as the functions on rmap lists in arch/x86/kvm/mmu/mmu.c
 * of Linux 6.1 need to be compiled in user space. The slab is the C library's
 * heap, zeroed as KVM asks for; an spte is present while it is not 0.
 */
#ifndef TESTS_LINUX_SHIM_H
#define TESTS_LINUX_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

typedef unsigned long long u64;

struct kvm;
struct kmem_cache;

struct kvm_rmap_head {
	unsigned long val;
};

struct kvm_mmu_memory_cache {
	size_t size;		/* of an object */
	long live;		/* objects handed out and not freed */
};

#define pr_err(...)		fprintf(stderr, __VA_ARGS__)
#define rmap_printk(...)	do { } while (0)
#define BUG()			abort()
#define BUG_ON(cond)								\
	do {									\
		if (cond) {							\
			pr_err("%s: %s\n", __func__, #cond);			\
			BUG();							\
		}								\
	} while (0)

/* One cache for all: it is what objects go back to. */
static struct kvm_mmu_memory_cache shim_cache;
static struct kmem_cache *pte_list_desc_cache;

static inline void *kvm_mmu_memory_cache_alloc(struct kvm_mmu_memory_cache *mc)
{
	void *p = calloc(1, mc->size);

	BUG_ON(!p);
	mc->live++;
	return p;
}

static inline void kmem_cache_free(struct kmem_cache *cache, void *p)
{
	(void)cache;
	shim_cache.live--;
	free(p);
}

static inline bool is_shadow_present_pte(u64 spte)
{
	return spte;
}

static inline u64 mmu_spte_clear_track_bits(struct kvm *kvm, u64 *sptep)
{
	u64 old = *sptep;

	(void)kvm;
	*sptep = 0;
	return old;
}

#endif
