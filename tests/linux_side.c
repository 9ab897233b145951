/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's side of tests/linux_list.c. LINUX_PTE_LIST is a file that
 * tests/long_linux.sh takes out of a kernel's source: struct pte_list_desc and
 * the functions on it, as they stand there. Not compiled by make.
 */
#include "tests/linux_shim.h"
#include LINUX_PTE_LIST
#include "tests/linux_list.h"

_Static_assert(PTE_LIST_EXT == LINUX_EXT, "as many slots as the other side compares");

#define PRESENT	1

static struct kvm_rmap_head rmaps[LINUX_RMAPS];
static u64 sptes[LINUX_SPTES];

static int side_add(unsigned int rmap, unsigned int spte)
{
	shim_cache.size = sizeof(struct pte_list_desc);
	sptes[spte] = PRESENT;
	return pte_list_add(&shim_cache, &sptes[spte], &rmaps[rmap]);
}

static void side_remove(unsigned int rmap, unsigned int spte)
{
	mmu_spte_clear_track_bits(NULL, &sptes[spte]);
	pte_list_remove(&sptes[spte], &rmaps[rmap]);
}

static void side_zap_all(unsigned int rmap)
{
	kvm_zap_all_rmap_sptes(NULL, &rmaps[rmap]);
}

static unsigned int side_count(unsigned int rmap)
{
	return pte_list_count(&rmaps[rmap]);
}

static unsigned int side_walk(unsigned int rmap, int spte[LINUX_SPTES])
{
	struct rmap_iterator iter;
	unsigned int n = 0;
	u64 *sptep;

	for (sptep = rmap_get_first(&rmaps[rmap], &iter); sptep; sptep = rmap_get_next(&iter)) {
		BUG_ON(n == LINUX_SPTES);
		spte[n++] = sptep - sptes;
	}
	return n;
}

static void side_look(unsigned int rmap, struct linux_lie *out)
{
	struct pte_list_desc *desc;
	unsigned int i;

	out->direct = -1;
	out->n = 0;
	if (!rmaps[rmap].val)
		return;
	if (!(rmaps[rmap].val & 1)) {
		out->direct = (u64 *)rmaps[rmap].val - sptes;
		return;
	}
	for (desc = (void *)(rmaps[rmap].val & ~1ul); desc; desc = desc->more) {
		BUG_ON(out->n == LINUX_SPTES);
		for (i = 0; i < LINUX_EXT; i++)
			out->spte[out->n][i] = desc->sptes[i] ? desc->sptes[i] - sptes : -1;
		out->n++;
	}
}

static long side_live(void)
{
	return shim_cache.live;
}

const struct linux_side linux_side = {
	.add = side_add,
	.remove = side_remove,
	.zap_all = side_zap_all,
	.count = side_count,
	.walk = side_walk,
	.look = side_look,
	.live = side_live,
};
