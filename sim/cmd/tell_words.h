/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happened at one transition, in words. */
#ifndef SIM_CMD_TELL_WORDS_H
#define SIM_CMD_TELL_WORDS_H

#include "sim/engine/engine.h"

/* For trace_row.text; NULL: nothing worth a line. Free it. */
char *tell_words(const struct engine *e, const struct trace_record *rec);
/* The name of the object it is about ("desc2.more"), "" if none; returns buf. */
const char *tell_object(const struct engine *e, const struct trace_record *rec, char *buf,
			size_t len);
/* Whether it is a point, and not a note or the beginning or end of an operation. */
bool tell_is_point(const struct trace_record *rec);

#endif
