/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of checks, made from the list in Makefile.am. */
#include <string.h>
#include "sim/check/check.h"

#define X(name) extern const struct check check_##name;
#include "checks.inc"
#undef X

const struct check *const checks[] = {
#define X(name) &check_##name,
#include "checks.inc"
#undef X
	NULL
};

const struct check *check_find(const char *name)
{
	const struct check *const *s;

	for (s = checks; *s; s++) {
		if (!strcmp((*s)->name, name))
			return *s;
	}
	return NULL;
}
