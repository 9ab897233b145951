/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rmapsim plot: a named plot of a study's database, as an image or as gnuplot's script. */
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "output/plot/plot.h"
#include "sim/cmd/common.h"
#include "sim/cmd/plot_list.h"

#define STANDARD_OUTPUT	"-"

static char *plot_db, *plot_out, *plot_format, *plot_x, *plot_series, *plot_y_scale;
static char **plot_where, **plot_experiments;
static gboolean plot_list;

static const GOptionEntry plot_entries[] = {
	{ "db", 0, 0, G_OPTION_ARG_FILENAME, &plot_db, "the study's database", "FILE" },
	{ "format", 0, 0, G_OPTION_ARG_STRING, &plot_format,
	  "png (default), svg, or gnuplot: the script itself", "FORMAT" },
	{ "out", 0, 0, G_OPTION_ARG_FILENAME, &plot_out,
	  "where to (default NAME.png and so on; - is standard output)", "FILE|FOLDER" },
	{ "where", 0, 0, G_OPTION_ARG_STRING_ARRAY, &plot_where,
	  "only these: a swept key, algorithm, scenario, source (sim, hw), mode", "KEY=VALUE" },
	{ "experiment", 0, 0, G_OPTION_ARG_STRING_ARRAY, &plot_experiments,
	  "only this one; can be given several times", "N" },
	{ "x", 0, 0, G_OPTION_ARG_STRING, &plot_x, "the key of the x axis", "KEY" },
	{ "series", 0, 0, G_OPTION_ARG_STRING, &plot_series,
	  "the keys that make series; others are pooled", "KEY[,KEY]" },
	{ "y-scale", 0, 0, G_OPTION_ARG_STRING, &plot_y_scale,
	  "linear or log; log is taken by itself if values are far apart", "SCALE" },
	{ "list", 0, 0, G_OPTION_ARG_NONE, &plot_list,
	  "list the plots, and what the database has for them", NULL },
	{ 0 },
};

static const struct cmd_form plot_form = {
	.name = "plot",
	.args = "NAME --db FILE",
	.text = "Draws a plot of what a database holds: simulated walks and walks on hardware\n"
		"side by side. 'rmapsim list plots' names the plots, --list the keys and values\n"
		"of a database.\n\n"
		"Without --experiment, it draws the newest sweep and all that ran on hardware of\n"
		"the same scenario. --where takes KEY=VALUE[,VALUE...] or KEY=A..B, any number of\n"
		"times; the end of a key will do (retries, writer.count).",
	.own = plot_entries,
};

/* --- the request */

static int parse_format(enum plot_format *format)
{
	guint i;

	*format = PLOT_PNG;
	for (i = 0; i < PLOT_FORMATS; i++) {
		char *end = g_strconcat(".", plot_formats[i], NULL);

		/* The name of the file says it too. */
		if (!plot_format && plot_out && g_str_has_suffix(plot_out, end))
			*format = i;
		g_free(end);
		if (!plot_format || strcmp(plot_format, plot_formats[i]))
			continue;
		*format = i;
		return CMD_GO_ON;
	}
	if (!plot_format)
		return CMD_GO_ON;
	return cmd_misused(&plot_form, "--format %s: valid are png, svg, gnuplot", plot_format);
}

static int parse_experiments(GArray *ids)
{
	char **text;
	guint64 n;
	gint64 id;

	for (text = plot_experiments; text && *text; text++) {
		if (!cmd_parse_u64(*text, &n) || n > G_MAXINT64)
			return cmd_misused(&plot_form, "--experiment %s: valid is the number of an "
					   "experiment; see --list", *text);
		id = n;
		g_array_append_val(ids, id);
	}
	return CMD_GO_ON;
}

static int find_plot(const struct cmd_options *opt, const struct plot **plot)
{
	GString *valid;
	int status;
	guint i;

	if (opt->args[0] && opt->args[1])
		return cmd_misused(&plot_form, "'%s' is one NAME too many", opt->args[1]);
	*plot = opt->args[0] ? plot_find(opt->args[0]) : NULL;
	if (*plot)
		return CMD_GO_ON;
	valid = g_string_new(NULL);
	for (i = 0; plots[i]; i++)
		g_string_append_printf(valid, "%s%s", i ? ", " : "", plots[i]->name);
	if (opt->args[0])
		status = cmd_misused(&plot_form, "'%s' is no plot; valid are %s", opt->args[0],
				     valid->str);
	else
		status = cmd_misused(&plot_form, "the NAME of a plot is needed: %s", valid->str);
	g_string_free(valid, TRUE);
	return status;
}

/* --- where it goes */

/* A folder gets a file that is named after the plot; free it. */
static char *output_path(const struct plot *plot, enum plot_format format)
{
	char *name, *path;

	if (plot_out && !g_file_test(plot_out, G_FILE_TEST_IS_DIR) &&
	    !g_str_has_suffix(plot_out, "/"))
		return g_strdup(plot_out);
	name = g_strdup_printf("%s.%s", plot->name, plot_formats[format]);
	path = plot_out ? g_build_filename(plot_out, name, NULL) : g_strdup(name);
	g_free(name);
	return path;
}

static gboolean same_file(const char *a, const char *b)
{
	struct stat s, t;

	return !stat(a, &s) && !stat(b, &t) && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

/* A folder that ends in / is made. */
static int prepare_output(const char *path)
{
	if (same_file(path, plot_db))
		return cmd_misused(&plot_form, "--out %s is the database itself", path);
	if (plot_out && g_str_has_suffix(plot_out, "/") && g_mkdir_with_parents(plot_out, 0777)) {
		cmd_message("%s: cannot make this folder: %s", plot_out, g_strerror(errno));
		return CMD_SYSTEM;
	}
	return CMD_GO_ON;
}

/* To a file beside it that is renamed when all of it is there. */
static int write_file(const char *path, GBytes *image)
{
	gsize n;
	const char *data = g_bytes_get_data(image, &n);
	GError *error = NULL;

	if (g_file_set_contents_full(path, data, n, G_FILE_SET_CONTENTS_CONSISTENT, 0666, &error))
		return CMD_OK;
	cmd_message("%s", error->message);
	g_error_free(error);
	return CMD_SYSTEM;
}

static void say_drawn(const struct plot_drawing *d, const char *path)
{
	char *word;

	printf("%s: %u points in %u series\n", path, d->points, d->series);
	if (!d->query)
		return;
	word = cmd_shell_word(plot_db);
	printf("one of them, %s:\n  sqlite3 %s \"%s\"\n", d->shown, word, d->query);
	g_free(word);
}

static int write_image(const struct plot *plot, const struct plot_drawing *d,
		       enum plot_format format, GBytes *image)
{
	gsize n;
	const char *data = g_bytes_get_data(image, &n);
	char *path;
	int status;

	if (!g_strcmp0(plot_out, STANDARD_OUTPUT)) {
		fwrite(data, 1, n, stdout);
		return CMD_OK;
	}
	path = output_path(plot, format);
	status = prepare_output(path);
	if (status == CMD_GO_ON)
		status = write_file(path, image);
	if (status == CMD_OK)
		say_drawn(d, path);
	g_free(path);
	return status;
}

/* --- doing it */

static int draw(struct store *store, const struct plot *plot, const struct plot_request *request)
{
	struct plot_drawing drawing;
	GError *error = NULL;
	GBytes *image = NULL;
	int status;

	if (plot_draw(store, plot, request, &drawing, &error))
		image = plot_image(&drawing, request->format, &error);
	if (error) {
		gboolean tool = g_error_matches(error, PLOT_ERROR, PLOT_ERROR_TOOL);

		status = cmd_fail(error);
		status = tool ? CMD_SYSTEM : status;
	} else {
		status = write_image(plot, &drawing, request->format, image);
	}
	if (status == CMD_OK && drawing.remark)
		cmd_message("%s", drawing.remark);
	g_clear_pointer(&image, g_bytes_unref);
	plot_drawing_clear(&drawing);
	return status;
}

static int plot_into(const struct plot *plot, const struct plot_request *request)
{
	GError *error = NULL;
	struct store *store = store_open(plot_db, STORE_READ, &error);
	int status;

	if (!store)
		return cmd_fail(error);
	status = draw(store, plot, request);
	store_close(store, NULL);
	return status;
}

static int plot_named(const struct cmd_options *opt)
{
	struct plot_request request = {
		.x = plot_x, .series = plot_series, .y_scale = plot_y_scale,
		.where = (const char *const *)plot_where,
	};
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	const struct plot *plot = NULL;
	int status = find_plot(opt, &plot);

	if (status == CMD_GO_ON)
		status = parse_format(&request.format);
	if (status == CMD_GO_ON)
		status = parse_experiments(ids);
	if (status == CMD_GO_ON && !plot_db)
		status = cmd_misused(&plot_form, "--db FILE is needed");
	request.experiments = (const gint64 *)(gconstpointer)ids->data;
	request.n_experiments = ids->len;
	if (status == CMD_GO_ON)
		status = plot_into(plot, &request);
	g_array_unref(ids);
	return status;
}

static int plot_main(int argc, char **argv)
{
	struct cmd_options opt;
	int status = cmd_parse(&plot_form, argc, argv, &opt, NULL);

	if (status == CMD_GO_ON)
		status = plot_list ? plot_list_all(plot_db) : plot_named(&opt);
	cmd_options_clear(&opt);
	return status;
}

const struct subcommand cmd_plot = {
	.name = "plot",
	.summary = "a named plot of a database, as PNG, SVG or gnuplot's script",
	.run = plot_main,
};
