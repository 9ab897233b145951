/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What gnuplot makes of the scripts: images that are neither empty nor clipped, and
 * nothing but images. Skipped where there is no gnuplot.
 */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "output/plot/script.h"
#include "tests/plot_study.h"
#include "tests/png.h"

#define NASTY	"it's\n!touch PWNED\n`touch PWNED`@a{b}$c^d_e&f~g\"h\\i%g<j>\r\x1b[31m\xff"

static gboolean no_gnuplot(void)
{
	char *path = g_find_program_in_path("gnuplot");

	if (!path)
		g_test_skip("gnuplot is not installed");
	g_free(path);
	return !path;
}

/* The image of a plot of the study with that name, made in a folder that stays empty. */
static char *image_of(const char *plot, enum plot_format format, const char *name, gsize *n)
{
	const struct plot_request request = { .format = format };
	char *dir = g_dir_make_tmp("plot-XXXXXX", NULL), *old = g_get_current_dir(), *data;
	struct plot_drawing drawing;
	GError *error = NULL;
	struct store *s;
	GBytes *image;

	g_assert_cmpint(g_chdir(dir), ==, 0);
	s = plot_study("study.db", name);
	plot_draw(s, plot_find(plot), &request, &drawing, &error);
	g_assert_no_error(error);
	image = plot_image(&drawing, format, &error);
	g_assert_no_error(error);
	data = g_bytes_unref_to_data(image, n);
	plot_drawing_clear(&drawing);
	store_close(s, NULL);
	g_unlink("study.db");
	g_assert_cmpint(g_chdir(old), ==, 0);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
	g_free(dir);
	g_free(old);
	return data;
}

/* --- SVG */

/* Every point is drawn, and where it can be seen. */
static guint count_points(const char *svg)
{
	/* Of points; texts have other quotes. */
	static const char mark[] = "' transform='translate(";
	const char *c;
	double x, y;
	guint n = 0;

	for (c = strstr(svg, mark); c; c = strstr(c + 1, mark)) {
		x = g_ascii_strtod(c + strlen(mark), NULL);
		y = g_ascii_strtod(strchr(c, ',') + 1, NULL);
		g_assert_cmpfloat(x, >, 0.115 * SCRIPT_WIDTH - 1);
		g_assert_cmpfloat(x, <, SCRIPT_WIDTH);
		g_assert_cmpfloat(y, >, 0.09 * SCRIPT_HEIGHT);
		g_assert_cmpfloat(y, <, 0.83 * SCRIPT_HEIGHT);
		n++;
	}
	return n;
}

static gboolean has_text(const char *svg, const char *text)
{
	return strstr(svg, text) != NULL;
}

static void test_svg(void)
{
	static const struct {
		const char *plot;
		guint points;	/* at least, those of the legend included */
		const char *text;
	} drawn[] = {
		{ "restarts", 12 + 3, "restarts per walk" },
		{ "slow-path", 12 + 3, "share of walks on the slow path" },
		{ "throughput", 2 * 6 + 2, "operations per 1,000 points" },
		{ "walk-steps", 40, "steps of a walk" },
	};
	gsize n, i;
	char *svg;

	if (no_gnuplot())
		return;
	for (i = 0; i < G_N_ELEMENTS(drawn); i++) {
		svg = image_of(drawn[i].plot, PLOT_SVG, NULL, &n);
		g_assert_cmpuint(count_points(svg), >=, drawn[i].points);
		g_assert_true(has_text(svg, drawn[i].text));
		g_assert_true(has_text(svg, "</svg>"));
		g_free(svg);
	}
}

/* --- PNG */

static guint count_colours(const struct png *png, guint left, guint top, guint right, guint bottom)
{
	GHashTable *seen = g_hash_table_new(NULL, NULL);
	guint x, y, n;

	for (y = top; y < bottom; y++) {
		for (x = left; x < right; x++)
			g_hash_table_add(seen, GUINT_TO_POINTER(png_pixel(png, x, y)));
	}
	n = g_hash_table_size(seen);
	g_hash_table_unref(seen);
	return n;
}

/* One colour all along the image's edge: nothing is cut off there. */
static void check_edge(const struct png *png)
{
	g_assert_cmpuint(count_colours(png, 0, 0, png->width, 2), ==, 1);
	g_assert_cmpuint(count_colours(png, 0, png->height - 2, png->width, png->height), ==, 1);
	g_assert_cmpuint(count_colours(png, 0, 0, 2, png->height), ==, 1);
	g_assert_cmpuint(count_colours(png, png->width - 2, 0, png->width, png->height), ==, 1);
}

static void test_png(void)
{
	static const char *const drawn[] = {
		"restarts", "slow-path", "throughput", "walk-steps",
	};
	struct png png;
	gsize n, i;
	char *data;

	if (no_gnuplot())
		return;
	for (i = 0; i < G_N_ELEMENTS(drawn); i++) {
		data = image_of(drawn[i], PLOT_PNG, NULL, &n);
		g_assert_true(png_read(&png, (const guint8 *)data, n));
		g_assert_cmpuint(png.width, ==, SCRIPT_WIDTH);
		g_assert_cmpuint(png.height, ==, SCRIPT_HEIGHT);
		/* The area, the title, the legend. */
		g_assert_cmpuint(count_colours(&png, 130, 80, 700, 480), >, 10);
		g_assert_cmpuint(count_colours(&png, 15, 8, 400, 32), >, 5);
		g_assert_cmpuint(count_colours(&png, 850, 80, 998, 200), >, 5);
		check_edge(&png);
		png_clear(&png);
		g_free(data);
	}
}

/* --- names that would like to be commands: drawn as they are, and nothing else happens */

static void test_names(void)
{
	gsize n;
	char *svg;

	if (no_gnuplot())
		return;
	svg = image_of("slow-path", PLOT_SVG, NASTY, &n);
	g_assert_true(has_text(svg, "it's\\n!touch PWNED\\n`touch PWNED`@a{b}$c^d_e&amp;f~g\"h"));
	g_assert_true(has_text(svg, "nullsit's\\n!touch"));
	g_assert_cmpuint(count_points(svg), >=, 12);
	g_free(svg);
	g_free(image_of("restarts", PLOT_PNG, NASTY, &n));
	/* A label of the axis is no format. */
	svg = image_of("slow-path", PLOT_SVG, "%g%d%s", &n);
	g_assert_true(has_text(svg, "nulls%g%d%s"));
	g_free(svg);
}

/* --- another gnuplot, or none */

static void with_gnuplot(const char *program, const char *message)
{
	const struct plot_drawing drawing = { .script = (char *)"plot x\n" };
	char *dir = g_dir_make_tmp("plot-XXXXXX", NULL), *old = g_strdup(g_getenv("PATH"));
	char *path = g_build_filename(dir, "gnuplot", NULL);
	GError *error = NULL;

	if (program) {
		g_file_set_contents(path, program, -1, &error);
		g_assert_no_error(error);
		g_assert_cmpint(g_chmod(path, 0755), ==, 0);
	}
	g_setenv("PATH", dir, TRUE);
	g_assert_null(plot_image(&drawing, PLOT_PNG, &error));
	g_setenv("PATH", old, TRUE);
	g_assert_error(error, PLOT_ERROR, PLOT_ERROR_TOOL);
	if (!strstr(error->message, message))
		g_error("'%s' is not in '%s'", message, error->message);
	g_error_free(error);
	g_unlink(path);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
	g_free(dir);
	g_free(old);
	g_free(path);
}

#define VERSION(v)	"[ \"$1\" = --version ] && echo 'gnuplot " v "' && exit 0\n"

static void test_tool(void)
{
	with_gnuplot(NULL, "gnuplot was not found; in Debian it is in the package gnuplot-nox");
	with_gnuplot("#!/bin/sh\n" VERSION("4.6 patchlevel 6"), "5.0 or newer is needed");
	with_gnuplot("#!/bin/sh\necho nonsense\n", "this one says 'nonsense'");
	with_gnuplot("#!/bin/sh\n" VERSION("5.4 patchlevel 1") "echo 'no such thing' >&2; exit 1\n",
		     "gnuplot failed: no such thing");
	with_gnuplot("#!/bin/sh\n" VERSION("5.4 patchlevel 1") "kill -9 $$\n",
		     "killed by signal 9");
	with_gnuplot("#!/bin/sh\n" VERSION("5.4 patchlevel 1") "exit 0\n", "made no image");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/plot-image/svg", test_svg);
	g_test_add_func("/plot-image/png", test_png);
	g_test_add_func("/plot-image/names", test_names);
	g_test_add_func("/plot-image/tool", test_tool);
	return g_test_run();
}
