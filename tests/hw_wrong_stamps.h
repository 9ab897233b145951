/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stamps in the wrong order, on purpose: an add that is said to have ended
 * before it took mmu_lock, a remove that is said to begin after it released it.
 * The judge must then accuse walks of a right algorithm; if it does not, it is
 * asleep. In the place of sim/hw/stamps.h when checked.c is built for that test.
 */
#ifndef TESTS_HW_WRONG_STAMPS_H
#define TESTS_HW_WRONG_STAMPS_H

#include "sim/hw/stamps.h"

#undef STAMP_ADD_BEFORE_LOCK
#undef STAMP_ADD_AFTER_UNLOCK
#undef STAMP_REMOVE_AFTER_UNLOCK

#define STAMP_ADD_BEFORE_LOCK()		stamp_tsc()
#define STAMP_ADD_AFTER_UNLOCK(early)	(early)
#define STAMP_REMOVE_AFTER_UNLOCK(t)	((void)(t), stamp_add_end())

#endif
