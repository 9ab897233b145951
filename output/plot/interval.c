/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Confidence intervals over seeds and samples; see interval.h. */
#include <math.h>
#include <stdlib.h>
#include "output/plot/interval.h"

#define Z975	1.959963984540054

/* By degrees of freedom, from 1; beyond, the expansion below is good to 1e-5. */
static const double student[] = {
	12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004,
	2.262157, 2.228139, 2.200985, 2.178813, 2.160369, 2.144787, 2.131450, 2.119905,
	2.109816, 2.100922, 2.093024, 2.085963,
};

double interval_normal(void)
{
	return Z975;
}

/* Cornish and Fisher's expansion in 1 / df. */
static double student_expanded(double df)
{
	double z = Z975, z3 = z * z * z, z5 = z3 * z * z;

	return z + (z3 + z) / (4 * df) + (5 * z5 + 16 * z3 + 3 * z) / (96 * df * df) +
	       (3 * z5 * z * z + 19 * z5 + 17 * z3 - 15 * z) / (384 * df * df * df);
}

double interval_student(double df)
{
	unsigned int known = sizeof(student) / sizeof(*student);

	if (!(df >= 1))
		return NAN;
	return df <= known ? student[(unsigned int)df - 1] : student_expanded(df);
}

double interval_ratio_error(const struct interval_sums *s)
{
	double ratio = s->x / s->y;
	double squares = s->xx - 2 * ratio * s->xy + ratio * ratio * s->yy;

	if (s->n < 2)
		return NAN;
	/* Equal ratios in all clusters: 0, give or take what rounding leaves. */
	return sqrt(s->n / (s->n - 1) * fmax(squares, 0)) / s->y;
}

void interval_wilson(double p, double size, double z, double *low, double *high)
{
	double zz = z * z / size;
	double middle = (p + zz / 2) / (1 + zz);
	double half = z / (1 + zz) * sqrt(p * (1 - p) / size + zz / (4 * size));

	/* At 0 and 1 the ends meet the value but for rounding. */
	*low = p <= 0 ? 0 : fmax(middle - half, 0);
	*high = p >= 1 ? 1 : fmin(middle + half, 1);
}

void interval_mean(const struct interval_sums *s, struct interval *i)
{
	double half = interval_student(s->n - 1) * interval_ratio_error(s);

	*i = (struct interval){
		.value = s->x / s->y,
		.known = s->n >= INTERVAL_CLUSTERS && s->x > 0,
	};
	i->low = i->known ? fmax(i->value - half, 0) : NAN;
	i->high = i->known ? i->value + half : NAN;
}

static double size_alike(const struct interval_sums *s)
{
	return s->y * s->y / s->yy;
}

static double size_effective(const struct interval_sums *s)
{
	double p = s->x / s->y, error = interval_ratio_error(s);

	return s->y / fmax(error * error * s->y / (p * (1 - p)), 1);
}

static void share_of_size(const struct interval_sums *s, bool alike, struct interval *i)
{
	double size;

	*i = (struct interval){
		.value = s->x / s->y,
		.low = NAN,
		.high = NAN,
		.known = s->n >= (alike ? INTERVAL_CLUSTERS_ALIKE : INTERVAL_CLUSTERS),
	};
	if (!i->known)
		return;
	size = alike ? size_alike(s) : size_effective(s);
	interval_wilson(i->value, size, interval_student(s->n - 1), &i->low, &i->high);
}

void interval_share(const struct interval_sums *s, struct interval *i)
{
	share_of_size(s, s->x <= 0 || s->x >= s->y, i);
}

void interval_share_alike(const struct interval_sums *s, struct interval *i)
{
	share_of_size(s, true, i);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The largest k with P(B(n, 1/2) < k) <= 0.025; 0: there is none. */
static unsigned int median_rank(unsigned int n)
{
	double log_share = -(n * log(2)), below = exp(log_share);
	unsigned int k = 0;

	while (below <= 0.025 && k < n) {
		k++;
		log_share += log(n - k + 1.0) - log(k);
		below += exp(log_share);
	}
	return k;
}

void interval_median(double *values, unsigned int n, struct interval *i)
{
	unsigned int k = median_rank(n);

	qsort(values, n, sizeof(*values), by_value);
	*i = (struct interval){
		.value = (values[(n - 1) / 2] + values[n / 2]) / 2,
		.low = k ? values[k - 1] : NAN,
		.high = k ? values[n - k] : NAN,
		.known = k > 0,
	};
}
