/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shadow PTEs: their bits. The bits that hardware knows stand where x86 has
 * them; the others are software's, among those that hardware ignores.
 */
#ifndef CORE_SPTE_H
#define CORE_SPTE_H

#include "kern.h"

#define SPTE_PRESENT		(1ull << 0)
#define SPTE_WRITABLE		(1ull << 1)
#define SPTE_ACCESSED_BIT	5
#define SPTE_ACCESSED		(1ull << SPTE_ACCESSED_BIT)
#define SPTE_DIRTY		(1ull << 6)
/* The host allows writes, and so does the guest: WRITABLE is off for the log's sake only. */
#define SPTE_HOST_WRITABLE	(1ull << 57)
#define SPTE_MMU_WRITABLE	(1ull << 58)

/* Not present: the page belongs to no memslot, and accesses are emulated. */
#define SPTE_MMIO		(1ull << 59)
/* A large one maps so many more consecutive pages. (Hardware says it in another way.) */
#define SPTE_MORE_SHIFT		52
#define SPTE_MORE_MASK		(7ull << SPTE_MORE_SHIFT)

#define SPTE_GFN_SHIFT		12
#define SPTE_GFN_MASK		(((1ull << 52) - 1) & ~((1ull << SPTE_GFN_SHIFT) - 1))

static inline unsigned long spte_gfn(u64 spte)
{
	return (spte & SPTE_GFN_MASK) >> SPTE_GFN_SHIFT;
}

static inline u64 make_spte(unsigned long gfn)
{
	return SPTE_PRESENT | SPTE_WRITABLE | SPTE_HOST_WRITABLE | SPTE_MMU_WRITABLE |
	       (u64)gfn << SPTE_GFN_SHIFT;
}

static inline bool spte_is_large(u64 spte)
{
	return spte & SPTE_MORE_MASK;
}

/* From gfn on, so many pages. */
static inline u64 make_large_spte(unsigned long gfn, unsigned int pages)
{
	return make_spte(gfn) | (u64)(pages - 1) << SPTE_MORE_SHIFT;
}

static inline bool spte_maps(u64 spte, unsigned long gfn)
{
	return gfn - spte_gfn(spte) <= (spte & SPTE_MORE_MASK) >> SPTE_MORE_SHIFT;
}

/* Does it let the guest write to that page? */
static inline bool spte_allows_write(u64 spte, unsigned long gfn)
{
	return (spte & SPTE_PRESENT) && (spte & SPTE_WRITABLE) && spte_maps(spte, gfn);
}

#endif
