/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times of operations, in ticks of the time stamp counter. Each stamp bounds
 * what it claims, so that coverage can be judged without a false alarm:
 *
 * - a walk begins before its first load: the lfence lets no load begin until
 *   rdtsc has its value;
 * - a walk ends after its last load: rdtsc waits behind lfence for all loads;
 * - an add ends when its stores are visible to all: mfence waits for the store
 *   buffer, which an unlock by a plain store does not, and lfence for mfence;
 * - a remove begins before its first store is visible: rdtsc has its value
 *   before it retires, and a store leaves the CPU after it retires, in order.
 *
 * What is measured too early or too late by that only makes fewer walks count.
 */
#ifndef SIM_HW_STAMPS_H
#define SIM_HW_STAMPS_H

#include <stdint.h>

static inline uint64_t stamp_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) :: "memory");
	return (uint64_t)high << 32 | low;
}

static inline void stamp_lfence(void)
{
	__asm__ volatile("lfence" ::: "memory");
}

static inline uint64_t stamp_walk_begin(void)
{
	uint64_t t = stamp_tsc();

	stamp_lfence();
	return t;
}

static inline uint64_t stamp_walk_end(void)
{
	stamp_lfence();
	return stamp_tsc();
}

/* After mmu_lock was released. */
static inline uint64_t stamp_add_end(void)
{
	__asm__ volatile("mfence" ::: "memory");
	stamp_lfence();
	return stamp_tsc();
}

/* Under mmu_lock. */
static inline uint64_t stamp_remove_begin(void)
{
	return stamp_tsc();
}

/*
 * Where checked.c takes the stamps of an add and a remove. A test that wants
 * them wrong has a header of its own with these two elsewhere.
 */
#define STAMP_ADD_BEFORE_LOCK()		0
#define STAMP_ADD_AFTER_UNLOCK(early)	((void)(early), stamp_add_end())
#define STAMP_REMOVE_UNDER_LOCK()	stamp_remove_begin()
#define STAMP_REMOVE_AFTER_UNLOCK(t)	(t)

#endif
