/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small scenarios, made from a seed, for what can only be tried out in full on those. */
#ifndef TESTS_SEARCH_PROGRAMS_H
#define TESTS_SEARCH_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The text of a scenario: two or three tasks, a few operations each, any
 * algorithm but the one that hangs; free it with g_free(). Now and then it asks
 * for more than its algorithm holds and is no valid scenario. *tight: one walk
 * against what the broken variants stumble over.
 */
char *search_program(uint64_t seed, bool *tight);

#endif
