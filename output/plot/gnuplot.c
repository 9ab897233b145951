/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gnuplot as a child that reads a script as its standard input and gives the image
 * on its standard output: no shell, no file names, no start-up files. The script lies
 * in memory as a file: a gnuplot that stops reading early breaks no pipe, and what it
 * says about that is not lost.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "output/plot/plot.h"

#define MAJOR_MIN	5
#define WAY_OUT		"in Debian it is in the package gnuplot-nox; --format gnuplot needs none"

static gboolean write_all(int fd, const char *data, gsize n)
{
	while (n) {
		ssize_t done = write(fd, data, n);

		if (done < 0 && errno != EINTR)
			return FALSE;
		data += MAX(done, 0);
		n -= MAX(done, 0);
	}
	return !lseek(fd, 0, SEEK_SET);
}

/* A file with that text, to be read from its start; -1 with error set. */
static int file_of(const char *text, GError **error)
{
	int fd = memfd_create("script", MFD_CLOEXEC);

	if (fd >= 0 && write_all(fd, text, strlen(text)))
		return fd;
	g_set_error(error, PLOT_ERROR, PLOT_ERROR_TOOL, "cannot hold gnuplot's script: %s",
		    g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static void cannot_run(const GError *err, GError **error)
{
	if (g_error_matches(err, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_TOOL,
			    "gnuplot was not found; " WAY_OUT);
	else
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_TOOL,
			    "gnuplot cannot be run: %s; " WAY_OUT, err->message);
}

static GSubprocess *spawn(const char *const *argv, const char *input, GError **error)
{
	GSubprocessLauncher *launcher;
	GError *err = NULL;
	GSubprocess *child;
	int fd = file_of(input, error);

	if (fd < 0)
		return NULL;
	launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE |
					     G_SUBPROCESS_FLAGS_STDERR_PIPE);
	g_subprocess_launcher_take_stdin_fd(launcher, fd);
	child = g_subprocess_launcher_spawnv(launcher, argv, &err);
	g_object_unref(launcher);
	if (child)
		return child;
	cannot_run(err, error);
	g_error_free(err);
	return NULL;
}

/* What it wrote, as text that ends; NULL is "". */
static char *text_of(GBytes *bytes)
{
	gsize n = 0;
	const char *data = bytes ? g_bytes_get_data(bytes, &n) : NULL;

	return g_strstrip(g_strndup(data ? data : "", n));
}

static gboolean told_fault(GSubprocess *child, GBytes *err, GError **error)
{
	char *text = text_of(err);

	if (g_subprocess_get_if_signaled(child))
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_TOOL, "gnuplot was killed by signal %d",
			    g_subprocess_get_term_sig(child));
	else
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_TOOL, "gnuplot failed%s%.1000s%s",
			    *text ? ": " : "", text, strstr(text, "terminal type") ?
			    "; this gnuplot lacks the terminal: " WAY_OUT : "");
	g_free(text);
	return FALSE;
}

static gboolean run(const char *const *argv, const char *input, GBytes **output, GError **error)
{
	GSubprocess *child = spawn(argv, input, error);
	GError *broken = NULL;
	GBytes *err = NULL;
	gboolean ok;

	if (!child)
		return FALSE;
	ok = g_subprocess_communicate(child, NULL, NULL, output, &err, &broken);
	if (!ok)
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_TOOL, "gnuplot: %s", broken->message);
	else if (!g_subprocess_get_successful(child))
		ok = told_fault(child, err, error);
	g_clear_error(&broken);
	if (!ok)
		g_clear_pointer(output, g_bytes_unref);
	g_clear_pointer(&err, g_bytes_unref);
	g_object_unref(child);
	return ok;
}

/* "gnuplot 5.4 patchlevel 4" */
static gboolean check_version(GError **error)
{
	const char *const argv[] = { "gnuplot", "--version", NULL };
	GBytes *out = NULL;
	char *text;
	gboolean ok;

	if (!run(argv, "", &out, error))
		return FALSE;
	text = text_of(out);
	ok = g_str_has_prefix(text, "gnuplot ") && atoi(text + strlen("gnuplot ")) >= MAJOR_MIN;
	if (!ok)
		g_set_error(error, PLOT_ERROR, PLOT_ERROR_TOOL, "gnuplot 5.0 or newer is needed, "
			    "this one says '%.80s'; " WAY_OUT, text);
	g_free(text);
	g_bytes_unref(out);
	return ok;
}

GBytes *plot_image(const struct plot_drawing *drawing, enum plot_format format, GError **error)
{
	const char *const argv[] = { "gnuplot", "-d", "-", NULL };
	GBytes *out = NULL;

	if (format == PLOT_GNUPLOT)
		return g_bytes_new(drawing->script, strlen(drawing->script));
	if (!check_version(error) || !run(argv, drawing->script, &out, error))
		return NULL;
	if (out && g_bytes_get_size(out))
		return out;
	g_clear_pointer(&out, g_bytes_unref);
	g_set_error(error, PLOT_ERROR, PLOT_ERROR_TOOL, "gnuplot made no image");
	return NULL;
}
