/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of strategies, made from the list in Makefile.am. */
#include <string.h>
#include "sim/strategy/strategy.h"

#define X(name) extern const struct strategy strategy_##name;
#include "strategies.inc"
#undef X

const struct strategy *const strategies[] = {
#define X(name) &strategy_##name,
#include "strategies.inc"
#undef X
	NULL
};

const struct strategy *strategy_find(const char *name)
{
	const struct strategy *const *s;

	for (s = strategies; *s; s++) {
		if (!strcmp((*s)->name, name))
			return *s;
	}
	return NULL;
}
