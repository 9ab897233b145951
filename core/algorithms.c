/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of algorithms, made from the list in Makefile.am. */
#include "rmap.h"

#define X(name) extern RMAP_ALGORITHM(name);
#include "algorithms.inc"
#undef X

const struct rmap_algorithm *const rmap_algorithms[] = {
#define X(name) &KERN_SYM(rmap_algorithm_##name),
#include "algorithms.inc"
#undef X
	NULL
};
