/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Put before fair.c and worst.c for tests/test_search_wrong: whatever a walker does
 * is taken for a step, waiting included. A test of the search must notice.
 */
#ifndef TESTS_SEARCH_WRONG_H
#define TESTS_SEARCH_WRONG_H

#include "sim/search/private.h"

#define steps_after	steps_after + 1
#define graph_label_steps(label)	((label)->steps_after)

#endif
