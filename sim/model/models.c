/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of memory models, made from the list in Makefile.am. */
#include <string.h>
#include "sim/model/model.h"

#define X(name) extern const struct model model_##name;
#include "models.inc"
#undef X

const struct model *const models[] = {
#define X(name) &model_##name,
#include "models.inc"
#undef X
	NULL
};

const struct model *model_find(const char *name)
{
	const struct model *const *s;

	for (s = models; *s; s++) {
		if (!strcmp((*s)->name, name))
			return *s;
	}
	return NULL;
}
