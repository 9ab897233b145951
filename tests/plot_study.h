/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A study's database made for tests of plots: a sweep of two algorithms over
 * retries and writers, with a count for each run, and samples on hardware.
 */
#ifndef TESTS_PLOT_STUDY_H
#define TESTS_PLOT_STUDY_H

#include "output/plot/plot.h"

#define STUDY_RUNS	40	/* of a batch; two batches a point */

/* name: of the scenario, the algorithms and the machine, where it is not NULL. */
struct store *plot_study(const char *path, const char *name);

/* The script of a plot of the study, or the test fails; free it. */
char *plot_study_script(struct store *s, const char *plot, const struct plot_request *request);

#endif
