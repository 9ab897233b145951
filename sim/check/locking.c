/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * locking: reported where locks are taken, released and asserted (act.c,
 * request.c, softirq.c), where grace periods are waited for (rcu.c) and where
 * nobody can go on (choice.c).
 */
#include "sim/check/check.h"

const struct check check_locking = {
	.name = "locking",
	.summary = "mmu_lock is held where it must be; nobody waits for ever",
	.doc = "lockdep_assert_held() is true wherever the code under test says so, and only the "
	       "holder unlocks. A run in which no task can go on before all programs have ended "
	       "is a deadlock; the message says who waits for what and who holds it. So is a "
	       "callback that waits for a lock of the task which it has interrupted. "
	       "synchronize_rcu() is called where one may sleep and not from inside a read-side "
	       "section; an operation leaves the sections that it has entered.",
	.always = true,
};
