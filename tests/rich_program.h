/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small litmus tests in C, made from a seed, that use all there is: orderings of
 * every kind, atomics, dependencies, locks, read-side sections, grace periods.
 */
#ifndef TESTS_RICH_PROGRAM_H
#define TESTS_RICH_PROGRAM_H

#include <glib.h>

/* Two to four processes over two or three locations; free it. */
char *rich_text(guint32 seed, const char *name);

#endif
