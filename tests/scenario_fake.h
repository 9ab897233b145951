/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the tests of the scenario reader: a small vocabulary, so that they need
 * neither core/ nor a simulator, and a scenario to spoil.
 */
#ifndef TESTS_SCENARIO_FAKE_H
#define TESTS_SCENARIO_FAKE_H

#include "scenarios/scenario.h"

extern const struct scenario_vocabulary fake_vocabulary;

/* Has something of every group; its lines are numbered in the source. */
extern const char fake_scenario[];

/* fake_scenario with that line (1..) replaced; free it. */
char *fake_with_line(guint line, const char *text);
/* Read it as some/x.scenario. */
struct plan *fake_parse(const char *text, const char *const *set, GError **error);
struct plan *fake_must_parse(const char *text, const char *const *set);
/* All of words (separated by |) are in the message. */
void assert_words(const GError *error, const char *words);

#endif
