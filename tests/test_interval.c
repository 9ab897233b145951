/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Confidence intervals against what books and tables say, against their defining
 * equations, and against the clusters themselves.
 */
#include <glib.h>
#include <math.h>
#include "output/plot/interval.h"

#define N	400

static void near(double a, double b, double relative)
{
	g_assert_cmpfloat_with_epsilon(a, b, relative * fmax(fabs(b), 1e-12));
}

/* Each end of Wilson's interval is a share from which p is just z standard errors away. */
static void on_the_edge(double end, double p, double size, double z)
{
	near(fabs(p - end), z * sqrt(end * (1 - end) / size), 1e-9);
}

static void test_wilson(void)
{
	static const double shares[] = { 0.5, 0.1, 0.001, 0.97 };
	double low, high, z = interval_normal();
	unsigned int i;

	interval_wilson(0.5, 10, z, &low, &high);
	near(low, 0.2365931, 1e-6);
	near(high, 0.7634069, 1e-6);
	interval_wilson(0, 10, z, &low, &high);
	g_assert_cmpfloat(low, ==, 0);
	near(high, z * z / (10 + z * z), 1e-12);
	interval_wilson(1, 10, z, &low, &high);
	g_assert_cmpfloat(high, ==, 1);
	near(low, 10 / (10 + z * z), 1e-12);
	for (i = 0; i < G_N_ELEMENTS(shares); i++) {
		interval_wilson(shares[i], 50, 2.5, &low, &high);
		on_the_edge(low, shares[i], 50, 2.5);
		on_the_edge(high, shares[i], 50, 2.5);
	}
}

static void test_student(void)
{
	/* From printed tables. */
	near(interval_student(1), 12.7062, 1e-5);
	near(interval_student(2), 4.3027, 2e-5);
	near(interval_student(10), 2.2281, 2e-5);
	near(interval_student(20), 2.0860, 2e-5);
	near(interval_student(21), 2.0796, 2e-5);
	near(interval_student(30), 2.0423, 2e-5);
	near(interval_student(60), 2.0003, 2e-5);
	near(interval_student(120), 1.9799, 2e-5);
	near(interval_student(1e9), 1.959964, 1e-6);
	g_assert_true(isnan(interval_student(0)));
}

/* Ranks as printed tables of the sign test have them; ends and middle of values out of order. */
static void test_median(void)
{
	static const struct {
		unsigned int n, rank;
	} known[] = { { 6, 1 }, { 8, 1 }, { 9, 2 }, { 12, 3 }, { 20, 6 }, { 25, 8 }, { 100, 40 } };
	double values[100];
	struct interval got;
	unsigned int i, k;

	for (i = 0; i < G_N_ELEMENTS(known); i++) {
		unsigned int n = known[i].n;

		for (k = 0; k < n; k++)
			values[k] = (7 * k + 3) % n;	/* 7 divides none of them */
		interval_median(values, n, &got);
		g_assert_true(got.known);
		g_assert_cmpfloat(got.low, ==, values[known[i].rank - 1]);
		g_assert_cmpfloat(got.high, ==, values[n - known[i].rank]);
		g_assert_cmpfloat(got.value, ==, (values[(n - 1) / 2] + values[n / 2]) / 2);
		for (k = 1; k < n; k++)
			g_assert_cmpfloat(values[k - 1], <=, values[k]);
	}
	for (i = 1; i < INTERVAL_MEDIAN; i++) {
		interval_median((double[]){ 3, 1, 2, 5, 4 }, i, &got);
		g_assert_false(got.known);
		g_assert_true(isnan(got.low) && isnan(got.high));
	}
	g_assert_cmpfloat(got.value, ==, 3);
}

/* Clusters one by one, and their sums. */
struct clusters {
	unsigned int n;
	double x[N], y[N];
};

static struct interval_sums sums_of(const struct clusters *c)
{
	struct interval_sums s = { .n = c->n };
	unsigned int i;

	for (i = 0; i < c->n; i++) {
		s.x += c->x[i];
		s.y += c->y[i];
		s.xx += c->x[i] * c->x[i];
		s.xy += c->x[i] * c->y[i];
		s.yy += c->y[i] * c->y[i];
	}
	return s;
}

/* The same error from each cluster's residual. */
static double error_of(const struct clusters *c)
{
	struct interval_sums s = sums_of(c);
	double ratio = s.x / s.y, squares = 0;
	unsigned int i;

	for (i = 0; i < c->n; i++)
		squares += pow(c->x[i] - ratio * c->y[i], 2);
	return sqrt(squares * c->n / (c->n - 1.0)) / s.y;
}

static void fill(struct clusters *c, unsigned int n, GRand *rand)
{
	unsigned int i;

	c->n = n;
	for (i = 0; i < n; i++) {
		c->y[i] = g_rand_int_range(rand, 1, 9);
		c->x[i] = g_rand_int_range(rand, 0, c->y[i] + 1);
	}
}

static void test_mean(void)
{
	GRand *rand = g_rand_new_with_seed(1);
	struct clusters c;
	struct interval_sums s;
	struct interval i;

	fill(&c, 200, rand);
	s = sums_of(&c);
	interval_mean(&s, &i);
	g_assert_true(i.known);
	near(i.value, s.x / s.y, 1e-12);
	near(i.high - i.value, interval_student(199) * error_of(&c), 1e-9);
	near(i.value - i.low, i.high - i.value, 1e-9);
	g_rand_free(rand);
}

/* Clusters of one walk each are a plain share; of equal walks, a plain share of clusters. */
static void test_share(void)
{
	struct clusters one = { .n = N }, alike = { .n = N };
	double low, high;
	struct interval_sums s;
	struct interval i;
	unsigned int k;

	for (k = 0; k < N; k++) {
		one.y[k] = 1;
		alike.y[k] = 10;
		one.x[k] = k % 4 == 0;
		alike.x[k] = k % 4 == 0 ? 10 : 0;
	}
	interval_wilson(0.25, N, interval_student(N - 1), &low, &high);
	s = sums_of(&one);
	interval_share(&s, &i);
	near(i.low, low, 2e-3);
	near(i.high, high, 2e-3);
	s = sums_of(&alike);
	interval_share(&s, &i);
	near(i.low, low, 2e-3);
	near(i.high, high, 2e-3);
	interval_share_alike(&s, &i);
	near(i.low, low, 1e-9);
	near(i.high, high, 1e-9);
}

static void test_share_between(void)
{
	GRand *rand = g_rand_new_with_seed(2);
	struct clusters c;
	struct interval_sums s;
	struct interval i;
	double p, deff, low, high;

	fill(&c, 300, rand);
	s = sums_of(&c);
	p = s.x / s.y;
	deff = pow(error_of(&c), 2) / (p * (1 - p) / s.y);
	g_assert_cmpfloat(deff, >, 1);
	interval_wilson(p, s.y / deff, interval_student(299), &low, &high);
	interval_share(&s, &i);
	near(i.low, low, 1e-9);
	near(i.high, high, 1e-9);
	g_rand_free(rand);
}

static void test_not_known(void)
{
	const struct interval_sums two = { .n = 2, .x = 1, .y = 4, .xx = 1, .xy = 2, .yy = 8 };
	const struct interval_sums none = { .n = 100, .y = 400, .yy = 1600 };
	const struct interval_sums few = { .n = 20, .y = 80, .yy = 320 };
	struct interval i;

	interval_mean(&two, &i);
	g_assert_false(i.known);
	interval_share(&two, &i);
	g_assert_false(i.known);
	near(i.value, 0.25, 1e-12);
	interval_mean(&none, &i);
	g_assert_false(i.known);
	interval_share(&few, &i);
	g_assert_false(i.known);
	interval_share(&none, &i);
	g_assert_true(i.known);
	g_assert_cmpfloat(i.low, ==, 0);
	near(i.high, pow(interval_student(99), 2) / (100 + pow(interval_student(99), 2)), 1e-12);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/interval/wilson", test_wilson);
	g_test_add_func("/interval/student", test_student);
	g_test_add_func("/interval/median", test_median);
	g_test_add_func("/interval/mean", test_mean);
	g_test_add_func("/interval/share", test_share);
	g_test_add_func("/interval/share-between", test_share_between);
	g_test_add_func("/interval/not-known", test_not_known);
	return g_test_run();
}
