/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code as core/ could have it that waits for grace periods, right and wrong: the
 * algorithm `snapshot` with a remove or a walk that does something else. It is
 * compiled as core/ is, and put in the place of the algorithm that a plan names.
 */
#ifndef TESTS_RCU_TRIALS_H
#define TESTS_RCU_TRIALS_H

enum rcu_trial {
	/* remove takes slots_lock, and so does the callback that frees the array */
	TRIAL_LOCKS_BH_OFF,
	TRIAL_LOCKS,
	/* walk of vCPU 0: stores to spte0, waits for readers, stores to spte1. Others read both */
	TRIAL_SYNC,
	TRIAL_NO_SYNC,
	TRIAL_SYNC_IN_SECTION,
	TRIAL_SYNC_UNDER_LOCK,
	TRIAL_SYNC_BH_OFF,
	TRIAL_SYNC_IN_SOFTIRQ,		/* in the callback of a remove */
	/* what the others do instead: stay inside until spte1 is set, leave without leaving */
	TRIAL_READER_WAITS,
	TRIAL_READER_FORGETS,
	/* a walk is mmu_lock, taken and released */
	TRIAL_WALK_LOCKED,
};

/* The algorithm of engines that are made from now on is this one. */
void rcu_trial_begin(enum rcu_trial trial);
void rcu_trial_end(void);

#endif
