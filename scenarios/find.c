/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding scenario files, and reading them into memory. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "keyfile.h"
#include "scenario.h"

#define SUFFIX ".scenario"
#define DEPTH_MAX 16

static gboolean file_error(GError **error, const char *path, const char *what)
{
	g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_FILE, "%s: %s", path, what);
	return FALSE;
}

/* All of fd up to one byte more than a scenario may have. */
static GString *read_all(int fd)
{
	GString *text = g_string_sized_new(4096);
	char buf[16384];
	ssize_t n;

	while (text->len <= KEYFILE_BYTES_MAX) {
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			g_string_free(text, TRUE);
			return NULL;
		}
		if (!n)
			break;
		g_string_append_len(text, buf, n);
	}
	return text;
}

/* A pipe or a device could keep us for ever. */
static GString *read_file(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	GString *text = NULL;
	struct stat st;

	if (fd < 0) {
		file_error(error, path, g_strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st))
		file_error(error, path, g_strerror(errno));
	else if (!S_ISREG(st.st_mode))
		file_error(error, path, "is not a file; valid: a scenario file");
	else if (!(text = read_all(fd)))
		file_error(error, path, g_strerror(errno));
	close(fd);
	return text;
}

/* The path of a bare name in one of dirs; free it. */
static char *find_bare(const char *name, const char *const *dirs, GError **error)
{
	char *file = g_strconcat(name, SUFFIX, NULL), *path = NULL, *quoted, *all;
	const char *const *dir;

	for (dir = dirs; dir && *dir && !path; dir++) {
		path = g_build_filename(*dir, file, NULL);
		if (!g_file_test(path, G_FILE_TEST_EXISTS))
			g_clear_pointer(&path, g_free);
	}
	g_free(file);
	if (path)
		return path;
	quoted = keyfile_quote(name, -1);
	all = dirs && dirs[0] ? g_strjoinv(", ", (char **)dirs) : g_strdup("(no folder)");
	g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_FILE, "%s: no scenario of that name in "
		    "%s; valid: a name that is there, or a path (with a slash or ending in "
		    SUFFIX ")", quoted, all);
	g_free(quoted);
	g_free(all);
	return NULL;
}

GString *scenario_read(const char *name_or_path, const char *const *dirs, char **path,
		       GError **error)
{
	GString *text = NULL;

	if (strchr(name_or_path, '/') || g_str_has_suffix(name_or_path, SUFFIX))
		*path = g_strdup(name_or_path);
	else
		*path = find_bare(name_or_path, dirs, error);
	if (*path)
		text = read_file(*path, error);
	if (!text)
		g_clear_pointer(path, g_free);
	return text;
}

struct plan *scenario_load(const char *name_or_path, const char *const *dirs,
			   const char *const *set, const struct scenario_vocabulary *voc,
			   GError **error)
{
	char *path;
	GString *text = scenario_read(name_or_path, dirs, &path, error);
	struct plan *plan;

	if (!text)
		return NULL;
	plan = scenario_parse(text->str, text->len, path, set, voc, error);
	g_string_free(text, TRUE);
	g_free(path);
	return plan;
}

/* Links to folders are not followed, so this ends. */
static gboolean list_dir(const char *dir, guint depth, GPtrArray *paths, GError **error)
{
	GError *cause = NULL;
	GDir *d = g_dir_open(dir, 0, &cause);
	const char *name;
	gboolean ok = TRUE;

	if (!d) {
		g_set_error(error, SCENARIO_ERROR, SCENARIO_ERROR_FILE, "%s", cause->message);
		g_error_free(cause);
		return FALSE;
	}
	while (ok && (name = g_dir_read_name(d))) {
		char *path = g_build_filename(dir, name, NULL);
		gboolean is_dir = g_file_test(path, G_FILE_TEST_IS_DIR);

		if (is_dir && depth < DEPTH_MAX && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
			ok = list_dir(path, depth + 1, paths, error);
		else if (!is_dir && g_str_has_suffix(name, SUFFIX))
			g_ptr_array_add(paths, g_steal_pointer(&path));
		g_free(path);
	}
	g_dir_close(d);
	return ok;
}

static gint compare_paths(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *scenario_list(const char *dir, GError **error)
{
	GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);

	if (!list_dir(dir, 0, paths, error)) {
		g_ptr_array_unref(paths);
		return NULL;
	}
	g_ptr_array_sort(paths, compare_paths);
	return paths;
}
