/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tests/linux_list.c asks of the lists that Linux keeps: the kernel's own
 * functions in a shared object, which tests/long_linux.sh makes of linux_side.c
 * and a kernel's source. Kernel names stay on that side, ours on the other.
 */
#ifndef TESTS_LINUX_LIST_H
#define TESTS_LINUX_LIST_H

#define LINUX_RMAPS	3
#define LINUX_SPTES	64
#define LINUX_EXT	14	/* slots of a descriptor; linux_side.c holds the kernel to it */

/* A list as it lies in memory, from the head on. */
struct linux_lie {
	int direct;			/* the head's spte, or -1 */
	unsigned int n;			/* descriptors */
	int spte[LINUX_SPTES][LINUX_EXT];	/* by descriptor and slot, -1: empty */
};

struct linux_side {
	/* Returns what pte_list_add() does: how many entries stand before the new one. */
	int (*add)(unsigned int rmap, unsigned int spte);
	void (*remove)(unsigned int rmap, unsigned int spte);
	void (*zap_all)(unsigned int rmap);
	unsigned int (*count)(unsigned int rmap);
	/* By the kernel's iterator, in its order; returns how many. */
	unsigned int (*walk)(unsigned int rmap, int spte[LINUX_SPTES]);
	void (*look)(unsigned int rmap, struct linux_lie *out);
	long (*live)(void);		/* descriptors */
};

extern const struct linux_side linux_side;

#endif
