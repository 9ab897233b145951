/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Confidence intervals at 95 % of a ratio of sums over clusters. A cluster is a
 * run (one seed) or a hardware sample; walks of one cluster are not independent,
 * clusters are.
 */
#ifndef OUTPUT_PLOT_INTERVAL_H
#define OUTPUT_PLOT_INTERVAL_H

#include <stdbool.h>

#define INTERVAL_LEVEL		"95 %"
#define INTERVAL_CLUSTERS	3	/* fewer give no interval worth drawing */
#define INTERVAL_CLUSTERS_ALIKE	30	/* nor do fewer that all show the same */

/* Sums over n clusters: numerators x, denominators y (walks), and their products. */
struct interval_sums {
	double n;
	double x, y;
	double xx, xy, yy;
};

struct interval {
	double value;		/* x / y */
	double low, high;
	bool known;		/* low and high are */
};

/* Quantile 0.975 of the normal distribution, and of Student's with df >= 1 degrees of freedom. */
double interval_normal(void);
double interval_student(double df);

/*
 * Standard error of x / y by the delta method: the linearised ratio's variance between
 * clusters. NAN with fewer than two.
 */
double interval_ratio_error(const struct interval_sums *s);

/*
 * A mean per walk: x / y +- t(n - 1) times that error, not below 0. Not known if x is 0:
 * what was never seen has no variance to go by.
 */
void interval_mean(const struct interval_sums *s, struct interval *i);

/*
 * A share of walks: Wilson's interval with t(n - 1) in place of z, for as many independent
 * walks as there would have to be for the error above: the effective size y / deff, where
 * deff, the design effect, is the variance between clusters over that of independent walks,
 * at least 1. A share of 0 or 1 shows no variance: the size is then the smallest that it
 * can be, all walks of a cluster alike: y * y / yy; INTERVAL_CLUSTERS_ALIKE are needed.
 */
void interval_share(const struct interval_sums *s, struct interval *i);

/* The same where sums of products are not known: always the smallest size. */
void interval_share_alike(const struct interval_sums *s, struct interval *i);

/*
 * The median of n > 0 values, which are put in order, between two of them: with k the largest
 * for which fewer than k of n fair coins show heads with a probability of at most 2.5 %, the
 * k-th from below and the k-th from above. Whatever the distribution; fewer than
 * INTERVAL_MEDIAN have no such k.
 */
#define INTERVAL_MEDIAN		6
void interval_median(double *values, unsigned int n, struct interval *i);

/* Wilson's score interval of a share p of size independent trials, for a quantile z. */
void interval_wilson(double p, double size, double z, double *low, double *high);

#endif
