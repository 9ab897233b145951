/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One value out of a plan as the database holds it: a scenario with every key in it. */
#ifndef OUTPUT_PLOT_PLAN_TEXT_H
#define OUTPUT_PLOT_PLAN_TEXT_H

/* key: "GROUP.KEY". NULL if text (may be NULL) has no such key; free it. */
char *plan_text_value(const char *text, const char *key);

#endif
