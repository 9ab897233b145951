/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Schedules: their memory, their text, and how the text gets to a file. Every
 * string of a user's is quoted, so that no name or message can be taken for
 * something else; schedule_parse.c reads what is written here.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "output/schedule.h"

G_DEFINE_QUARK(rmapsim-schedule-error, schedule_error)

static const char schedule_head_comment[] =
	"# One simulated run, as the answers of its scheduler that were not the default\n"
	"# (the running task goes on, else the lowest task that can). Read it with\n"
	"#	rmapsim replay --schedule FILE\n"
	"# The head says what it belongs to: replay refuses another plan or version\n"
	"# unless it is told --relaxed. digest is a hash over all events of the run. A run\n"
	"# with stop-at is cut short there; what lies behind cycle-at can be gone round\n"
	"# again and again (replay --rounds N).\n";

static const char schedule_lines_comment[] =
	"# after:  points taken since the line before; a point is one event under the\n"
	"#         scheduler's control\n"
	"# then    the kind of choice, its cpu, who (a task's number), which of several\n"
	"# site:   hash of the place in the source that the chosen event stands at\n"
	"# expect: the same in words, for people\n";

static void schedule_line_clear(gpointer p)
{
	struct schedule_line *line = p;

	g_free(line->expect);
}

struct schedule *schedule_new(void)
{
	struct schedule *s = g_new0(struct schedule, 1);

	s->set = g_new0(char *, 1);
	s->lines = g_array_new(FALSE, FALSE, sizeof(struct schedule_line));
	g_array_set_clear_func(s->lines, schedule_line_clear);
	return s;
}

void schedule_free(struct schedule *s)
{
	if (!s)
		return;
	g_free(s->version);
	g_free(s->scenario);
	g_strfreev(s->set);
	g_free(s->strategy);
	g_free(s->model);
	g_free(s->check);
	g_free(s->message);
	g_array_unref(s->lines);
	g_free(s);
}

void schedule_add(struct schedule *s, guint64 after, const struct choice *choice,
		  guint64 site_hash, const char *expect)
{
	struct schedule_line line = {
		.after = after,
		.choice = *choice,
		.site_hash = site_hash,
		.expect = g_strdup(expect ? expect : ""),
	};

	g_array_append_val(s->lines, line);
}

static void append_quoted(GString *out, const char *text)
{
	gboolean utf8 = g_utf8_validate(text, -1, NULL);

	g_string_append_c(out, '"');
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			g_string_append_printf(out, "\\%c", c);
		else if (c == '\n')
			g_string_append(out, "\\n");
		else if (c < ' ' || c == 0x7f || (c >= 0x80 && !utf8))
			g_string_append_printf(out, "\\x%02x", c);
		else
			g_string_append_c(out, c);
	}
	g_string_append_c(out, '"');
}

static void append_key(GString *out, const char *key, const char *text)
{
	if (!text)
		return;
	g_string_append_printf(out, "%s ", key);
	append_quoted(out, text);
	g_string_append_c(out, '\n');
}

static void append_head(GString *out, const struct schedule *s)
{
	char **set;

	g_string_append_printf(out, "rmapsim-schedule %d\n", SCHEDULE_FORMAT);
	g_string_append(out, schedule_head_comment);
	append_key(out, "version", s->version);
	append_key(out, "scenario", s->scenario);
	for (set = s->set; *set; set++)
		append_key(out, "set", *set);
	g_string_append_printf(out, "plan 0x%016" G_GINT64_MODIFIER "x\n", s->plan_digest);
	g_string_append_printf(out, "seed %" G_GUINT64_FORMAT "\n", s->seed);
	append_key(out, "strategy", s->strategy);
	append_key(out, "model", s->model);
	g_string_append_printf(out, "digest 0x%016" G_GINT64_MODIFIER "x\n", s->digest);
	g_string_append_printf(out, "points %" G_GUINT64_FORMAT "\n", s->points);
	if (s->stop_at)
		g_string_append_printf(out, "stop-at %" G_GUINT64_FORMAT "\n", s->stop_at);
	if (s->cycle_points)
		g_string_append_printf(out, "cycle-at %" G_GUINT64_FORMAT "\ncycle-points %"
				       G_GUINT64_FORMAT "\n", s->cycle_at, s->cycle_points);
	append_key(out, "check", s->check);
	append_key(out, "message", s->message);
	g_string_append(out, schedule_lines_comment);
}

static void append_line(GString *out, const struct schedule_line *line)
{
	g_string_append_printf(out, "after %-4" G_GUINT64_FORMAT " %s cpu%u who %u pick %u  site "
			       "0x%016" G_GINT64_MODIFIER "x  expect ", line->after,
			       choice_kind_name(line->choice.kind), line->choice.cpu,
			       line->choice.who, line->choice.pick, line->site_hash);
	append_quoted(out, line->expect);
	g_string_append_c(out, '\n');
}

char *schedule_to_text(const struct schedule *s)
{
	GString *out = g_string_new(NULL);
	guint i;

	append_head(out, s);
	for (i = 0; i < s->lines->len; i++)
		append_line(out, &g_array_index(s->lines, struct schedule_line, i));
	g_string_append_printf(out, "end %u\n", s->lines->len);
	return g_string_free(out, FALSE);
}

static gboolean io_error(GError **error, const char *path, const char *what)
{
	int err = errno;

	g_set_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_IO, "%s: %s: %s", path, what,
		    g_strerror(err));
	return FALSE;
}

/* What a reader would refuse is not written. */
static gboolean fits_format(const struct schedule *s, const char *text, const char *path,
			    GError **error)
{
	const char *end;

	if (s->lines->len > SCHEDULE_LINES_MAX) {
		g_set_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_FORMAT,
			    "%s: not written: %u choices are more than %d", path, s->lines->len,
			    SCHEDULE_LINES_MAX);
		return FALSE;
	}
	for (; (end = strchr(text, '\n')); text = end + 1) {
		if (end - text < SCHEDULE_LINE_BYTES_MAX)
			continue;
		g_set_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_FORMAT,
			    "%s: not written: the line '%.20s...' would be longer than %d bytes",
			    path, text, SCHEDULE_LINE_BYTES_MAX);
		return FALSE;
	}
	return TRUE;
}

static gboolean write_all(int fd, const char *text, const char *path, GError **error)
{
	size_t left = strlen(text);
	ssize_t n;

	while (left) {
		n = write(fd, text, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_error(error, path, "cannot write");
		text += n;
		left -= n;
	}
	if (fsync(fd))
		return io_error(error, path, "cannot write");
	return TRUE;
}

/* The file is complete on the disk before it gets its name. */
static gboolean write_and_rename(const char *text, const char *path, GError **error)
{
	char *tmp = g_strdup_printf("%s.%ld.tmp", path, (long)getpid());
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	gboolean ok = FALSE;

	if (fd < 0) {
		io_error(error, tmp, "cannot create");
		goto out;
	}
	ok = write_all(fd, text, path, error);
	if (close(fd) && ok)
		ok = io_error(error, path, "cannot write");
	if (ok && rename(tmp, path))
		ok = io_error(error, path, "cannot rename to it");
	if (!ok)
		unlink(tmp);
out:
	g_free(tmp);
	return ok;
}

gboolean schedule_write(const struct schedule *s, const char *path, GError **error)
{
	struct stat st;
	char *text;
	gboolean ok;

	/* A rename would put a file in the place of a device. */
	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		g_set_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_IO, "%s: is no regular file",
			    path);
		return FALSE;
	}
	text = schedule_to_text(s);
	ok = fits_format(s, text, path, error) && write_and_rename(text, path, error);
	g_free(text);
	return ok;
}
