/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * position: as nulls, and each word that leads to a descriptor carries that
 * descriptor's position, counted from the tail, in spare bits of the pointer. A
 * walker follows a link only if it leads towards the tail.
 *
 * Encoding and I1 to I4: pte_list.h; further
 *	I7 a listed descriptor's position is fixed while it is listed;
 *	I8 a link's position is one less than that of the word that leads to
 *	   its descriptor, as long as positions neither wrap nor overflow.
 * The current position is the one in the word that led to the descriptor; it is
 * never read again. Nulls are looked for first, since they carry no position.
 *
 * G1 as for nulls;
 * G2 with compare = gt a pass takes at most as many descriptors as the position
 *    it enters at, because the position falls with each link that is followed;
 *    with ge, as the mail has it, nothing falls when two are equal;
 * G3 at most `retries` restarts, so retries + 1 passes without mmu_lock, then
 *    one under it.
 * Beside it may run: any number of walkers, and one writer under mmu_lock.
 * Source: the answers to "KVM: MMU: introduce nulls desc", kvm list, 2013.
 */
#include "pte_list_walk.h"

enum {
	POSITION_SHIFT = PTE_LIST_NR_PARAMS,
	POSITION_BITS,
	POSITION_COMPARE,
	POSITION_RETRIES,
	POSITION_OVERFLOW,
};

enum { POSITION_GE, POSITION_GT };

#define POSITION_UNLIMITED	1000000

static const char *const position_compares[] = { "ge", "gt", NULL };
static const char *const position_overflows[] = { "reject", "wrap", "locked", NULL };

static const struct rmap_param position_params[] = {
	PTE_LIST_STACK_PARAMS,
	{ .name = "position-shift", .summary = "lowest bit of the position in a word",
	  .def = 50, .min = 48, .max = 63 },
	{ .name = "position-bits", .summary = "width of the position; 0: all from the shift up",
	  .def = 0, .min = 0, .max = 16 },
	{ .name = "compare", .summary = "follow if the current position is ge or gt the next",
	  .def = POSITION_GT, .max = 1, .words = position_compares },
	{ .name = "retries", .summary = "restarts before mmu_lock is taken",
	  .def = 3, .min = 0, .max = POSITION_UNLIMITED, .max_word = "unlimited" },
	{ .name = "overflow", .summary = "what becomes of a descriptor whose position does not fit",
	  .def = PTE_LIST_REJECT, .max = 2, .words = position_overflows },
	{ .name = NULL },
};

static u64 position_max(const struct kvm *kvm)
{
	long bits = 64 - kvm->param[POSITION_SHIFT];

	if (kvm->param[POSITION_BITS] && kvm->param[POSITION_BITS] < bits)
		bits = kvm->param[POSITION_BITS];
	return (1ull << bits) - 1;
}

static int position_init(struct kvm *kvm)
{
	kvm->position_shift = kvm->param[POSITION_SHIFT];
	kvm->position_max = position_max(kvm);
	kvm->position_overflow = kvm->param[POSITION_OVERFLOW];
	return pte_list_init(kvm);
}

/* Written by hand: this runs in programs whose core/ may call no library. */
static void position_append(char *buf, size_t len, const char *text, u64 number)
{
	char digits[24];
	size_t at = 0, n = 0;

	while (buf[at] && at + 1 < len)
		at++;
	while (*text && at + 1 < len)
		buf[at++] = *text++;
	do {
		digits[n++] = '0' + number % 10;
		number /= 10;
	} while (number);
	while (n && at + 1 < len)
		buf[at++] = digits[--n];
	buf[at] = 0;
}

static const char *position_check_extent(const struct kvm *kvm, u32 sptes_max, char *buf,
					 size_t len)
{
	u32 descs = pte_list_objects_max(kvm, sptes_max);

	buf[0] = 0;
	if (kvm->param[POSITION_SHIFT] < kvm->address_bits) {
		position_append(buf, len,
				"position-shift lies inside the address; valid: at least ",
				kvm->address_bits);
		return buf;
	}
	if (kvm->param[POSITION_OVERFLOW] == PTE_LIST_REJECT && descs > position_max(kvm)) {
		position_append(buf, len, "one rmap may need ", descs);
		position_append(buf, len, " descriptors, but the position field numbers only ",
				position_max(kvm));
		position_append(buf, len, ", that is sptes up to ",
				position_max(kvm) * kvm->pte_list_ext);
		return buf;
	}
	return pte_list_check_extent(kvm, sptes_max, buf, len);
}

/* Does the link lead towards the tail? */
static bool position_falls(const struct kvm *kvm, u64 position, u64 next)
{
	return kvm->param[POSITION_COMPARE] == POSITION_GT ? position > next : position >= next;
}

static enum pte_list_step position_next(const struct kvm *kvm, const struct kvm_rmap_head *rmap,
					const struct pte_list_iter *it, unsigned long more)
{
	u64 position = pte_list_position(kvm, it->word);
	enum pte_list_step step = pte_list_next_nulls(kvm, rmap, it, more);

	if (step != PTE_LIST_ON)
		return step;
	if (!pte_list_position(kvm, more))
		return PTE_LIST_LOCK;
	return position_falls(kvm, position, pte_list_position(kvm, more)) ? PTE_LIST_ON :
									     PTE_LIST_RESTART;
}

/* An unnumbered descriptor cannot be compared with: its list is walked under mmu_lock. */
static bool position_enter(const struct kvm *kvm, unsigned long head)
{
	return pte_list_position(kvm, head);
}

static bool position_may_retry(const struct kvm *kvm, struct pte_list_iter *it)
{
	if (kvm->param[POSITION_RETRIES] == POSITION_UNLIMITED)
		return true;	/* not counted: a walk that has no limit has no counter */
	if (it->restarts == kvm->param[POSITION_RETRIES])
		return false;
	it->restarts++;
	return true;
}

static enum pte_list_step position_walk_lockless(struct kvm *kvm, struct kvm_rmap_head *rmap,
						 struct rmap_walk *walk, struct pte_list_iter *it)
{
	static const struct pte_list_rules rules = {
		.enter = position_enter, .slots = pte_list_slots_down, .next = position_next,
	};
	enum pte_list_step step;

	rcu_read_lock();
	for (;;) {
		step = pte_list_pass(kvm, rmap, walk, it, &rules);
		if (step != PTE_LIST_RESTART || !position_may_retry(kvm, it))
			break;
		walk_restart(walk);
	}
	rcu_read_unlock();
	return step;
}

static enum rmap_walk_result position_walk(struct kvm *kvm, struct kvm_rmap_head *rmap,
					   struct rmap_walk *walk)
{
	struct pte_list_iter it = { 0 };
	enum pte_list_step step = position_walk_lockless(kvm, rmap, walk, &it);

	if (step != PTE_LIST_RESTART && step != PTE_LIST_LOCK)
		return pte_list_result(step);
	walk_slow_path(walk);
	return pte_list_walk_locked(kvm, rmap, walk, &it);
}

RMAP_ALGORITHM(position) = {
	.abi = RMAP_ABI,
	.size = sizeof(struct rmap_algorithm),
	.name = "position",
	.summary = "nulls, and links are followed only towards the tail; mmu_lock after N restarts",
	.source = "answers to \"KVM: MMU: introduce nulls desc\", kvm list, 2013",
	.params = position_params,
	.objects = pte_list_objects,
	.init = position_init,
	.destroy = pte_list_destroy,
	.check_extent = position_check_extent,
	.objects_max = pte_list_objects_max,
	.add = stack_add,
	.remove = stack_remove,
	.zap_all = stack_zap_all,
	.walk = position_walk,
	.audit = stack_audit,
	.describe = pte_list_describe,
};
