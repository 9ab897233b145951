/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading schedules, strictly: what is not exactly a schedule is refused with
 * file, line and reason. The last line, `end N`, shows that nothing is missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "output/line_reader.h"
#include "output/schedule.h"

struct parser {
	struct line_reader in;
	struct schedule *s;
	guint have;		/* head keys seen, one bit each */
	guint64 sum;		/* of all `after` */
	gboolean ended;
};

static gboolean key_text(struct parser *p, char **out)
{
	*out = line_quoted(&p->in);
	return *out && line_ends(&p->in);
}

static gboolean key_number(struct parser *p, const char *key, guint64 *out)
{
	return line_number(&p->in, key, line_word(&p->in), G_MAXUINT64, out) && line_ends(&p->in);
}

static gboolean key_set(struct parser *p)
{
	guint n = g_strv_length(p->s->set);

	p->s->set = g_renew(char *, p->s->set, n + 2);
	p->s->set[n + 1] = NULL;
	p->s->set[n] = NULL;
	return key_text(p, &p->s->set[n]);
}

enum head_key {
	KEY_VERSION, KEY_SCENARIO, KEY_PLAN, KEY_SEED, KEY_STRATEGY, KEY_MODEL, KEY_DIGEST,
	KEY_POINTS, KEY_NEEDED, KEY_CHECK = KEY_NEEDED, KEY_MESSAGE, KEY_STOP_AT, KEY_CYCLE_AT,
	KEY_CYCLE_POINTS, KEY_SET, KEY_MAX,
};

static const char *const head_keys[KEY_MAX] = {
	"version", "scenario", "plan", "seed", "strategy", "model", "digest", "points", "check",
	"message", "stop-at", "cycle-at", "cycle-points", "set",
};

static gboolean parse_head_value(struct parser *p, enum head_key key)
{
	struct schedule *s = p->s;

	switch (key) {
	case KEY_VERSION:
		return key_text(p, &s->version);
	case KEY_SCENARIO:
		return key_text(p, &s->scenario);
	case KEY_PLAN:
		return key_number(p, "plan", &s->plan_digest);
	case KEY_SEED:
		return key_number(p, "seed", &s->seed);
	case KEY_STRATEGY:
		return key_text(p, &s->strategy);
	case KEY_MODEL:
		return key_text(p, &s->model);
	case KEY_DIGEST:
		return key_number(p, "digest", &s->digest);
	case KEY_POINTS:
		return key_number(p, "points", &s->points);
	case KEY_CHECK:
		return key_text(p, &s->check);
	case KEY_MESSAGE:
		return key_text(p, &s->message);
	case KEY_STOP_AT:
		return key_number(p, "stop-at", &s->stop_at);
	case KEY_CYCLE_AT:
		return key_number(p, "cycle-at", &s->cycle_at);
	case KEY_CYCLE_POINTS:
		return key_number(p, "cycle-points", &s->cycle_points);
	default:
		return key_set(p);
	}
}

static gboolean parse_head_key(struct parser *p, const char *word)
{
	guint key;

	for (key = 0; key < KEY_MAX && strcmp(head_keys[key], word); key++)
		;
	if (key == KEY_MAX)
		return line_refuse(&p->in, "'%.40s' is unknown; a line begins with one of "
				   "version, scenario, set, plan, seed, strategy, model, digest, "
				   "points, check, message, stop-at, cycle-at, cycle-points, "
				   "after, end", word);
	if (p->s->lines->len)
		return line_refuse(&p->in, "'%s' belongs to the head, before the first 'after'",
				   word);
	if (key != KEY_SET && (p->have & 1u << key))
		return line_refuse(&p->in, "'%s' is there twice", word);
	p->have |= 1u << key;
	return parse_head_value(p, key);
}

static gboolean head_complete(struct parser *p)
{
	const struct schedule *s = p->s;
	guint key;

	for (key = 0; key < KEY_NEEDED; key++) {
		if (!(p->have & 1u << key))
			return line_refuse(&p->in, "the head lacks '%s'", head_keys[key]);
	}
	if (s->stop_at && s->stop_at != s->points)
		return line_refuse(&p->in, "'stop-at' is not the run's number of points");
	if (s->cycle_points && (!s->stop_at || s->cycle_at > s->points ||
				s->points - s->cycle_at != s->cycle_points))
		return line_refuse(&p->in, "'cycle-at' and 'cycle-points' do not add up to "
				   "'stop-at'");
	return TRUE;
}

static gboolean parse_choice_kind(struct parser *p, struct choice *choice)
{
	const char *word = line_word(&p->in);
	int kind = word ? choice_kind_from_name(word) : -1;

	if (kind < 0)
		return line_refuse(&p->in, "'%.40s' is no kind of choice", word ? word : "");
	choice->kind = kind;
	return TRUE;
}

static gboolean parse_cpu(struct parser *p, struct choice *choice)
{
	const char *word = line_word(&p->in);
	guint64 n;

	if (!word || !g_str_has_prefix(word, "cpu"))
		return line_refuse(&p->in, "'cpuN' is expected here, not '%.40s'",
			      word ? word : "the end of the line");
	if (!line_number(&p->in, "cpu", word + 3, G_MAXUINT16, &n))
		return FALSE;
	choice->cpu = n;
	return TRUE;
}

static gboolean parse_choice(struct parser *p, struct schedule_line *line)
{
	guint64 who, pick;
	const char *word;

	if (!parse_choice_kind(p, &line->choice) || !parse_cpu(p, &line->choice) ||
	    !line_field(&p->in, "who", G_MAXUINT16, &who) ||
	    !line_field(&p->in, "pick", G_MAXUINT32, &pick) ||
	    !line_field(&p->in, "site", G_MAXUINT64, &line->site_hash))
		return FALSE;
	line->choice.who = who;
	line->choice.pick = pick;
	word = line_word(&p->in);
	if (!word || strcmp(word, "expect"))
		return line_refuse(&p->in, "'expect' is expected here, not '%.40s'",
			      word ? word : "the end of the line");
	line->expect = line_quoted(&p->in);
	return !!line->expect;
}

static gboolean parse_after(struct parser *p)
{
	struct schedule_line line = { .line = p->in.line };

	if (!head_complete(p))
		return FALSE;
	if (!line_number(&p->in, "after", line_word(&p->in), G_MAXUINT64, &line.after))
		return FALSE;
	if (line.after > p->s->points - p->sum)
		return line_refuse(&p->in, "after %" G_GUINT64_FORMAT " lies behind the end of "
				   "the run, which has %" G_GUINT64_FORMAT " points", line.after,
				   p->s->points);
	p->sum += line.after;
	if (p->s->lines->len == SCHEDULE_LINES_MAX)
		return line_refuse(&p->in, "more than %d choices", SCHEDULE_LINES_MAX);
	if (parse_choice(p, &line) && line_ends(&p->in)) {
		g_array_append_val(p->s->lines, line);
		return TRUE;
	}
	g_free(line.expect);
	return FALSE;
}

static gboolean parse_end(struct parser *p)
{
	guint64 n;

	if (!head_complete(p))
		return FALSE;
	if (!line_number(&p->in, "end", line_word(&p->in), G_MAXUINT64, &n) || !line_ends(&p->in))
		return FALSE;
	if (n != p->s->lines->len)
		return line_refuse(&p->in, "the file has %u choices, but its end says %"
				   G_GUINT64_FORMAT, p->s->lines->len, n);
	p->ended = TRUE;
	return TRUE;
}

static gboolean parse_magic(struct parser *p)
{
	const char *word = line_word(&p->in);
	guint64 format;

	if (!word || strcmp(word, "rmapsim-schedule"))
		return line_refuse(&p->in, "this is no schedule: the first line is not "
				   "'rmapsim-schedule %d'",
			      SCHEDULE_FORMAT);
	if (!line_number(&p->in, "the format's number", line_word(&p->in), G_MAXUINT64, &format) ||
	    !line_ends(&p->in))
		return FALSE;
	if (format != SCHEDULE_FORMAT)
		return line_refuse(&p->in, "format %" G_GUINT64_FORMAT " is not known; this "
				   "program reads %d",
			      format, SCHEDULE_FORMAT);
	return TRUE;
}

static gboolean parse_line(struct parser *p)
{
	const char *word;

	if (p->in.line == 1)
		return parse_magic(p);
	word = line_word(&p->in);
	if (!word)
		return TRUE;
	if (p->ended)
		return line_refuse(&p->in, "there is more behind 'end'");
	if (!strcmp(word, "after"))
		return parse_after(p);
	if (!strcmp(word, "end"))
		return parse_end(p);
	return parse_head_key(p, word);
}

static gboolean line_is_text(struct parser *p, const char *line, gsize len)
{
	gsize i;

	if (len >= SCHEDULE_LINE_BYTES_MAX)
		return line_refuse(&p->in, "the line is longer than %d bytes",
				   SCHEDULE_LINE_BYTES_MAX);
	for (i = 0; i < len; i++) {
		unsigned char c = line[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return line_refuse(&p->in, "byte %" G_GSIZE_FORMAT " is a control "
					   "character (0x%02x)", i + 1, c);
	}
	if (!g_utf8_validate(line, len, NULL))
		return line_refuse(&p->in, "the line is not UTF-8");
	return TRUE;
}

static gboolean parse_lines(struct parser *p, const char *text, gsize len)
{
	const char *end = text + len, *eol;
	gboolean ok = TRUE;
	char *copy;

	for (; ok && text < end; text = eol + 1) {
		p->in.line++;
		eol = memchr(text, '\n', end - text);
		if (!line_is_text(p, text, (eol ? eol : end) - text))
			return FALSE;
		if (!eol)
			return line_refuse(&p->in, "the file is truncated: its last line has "
					   "no end");
		p->in.at = copy = g_strndup(text, eol - text);
		ok = parse_line(p);
		g_free(copy);
	}
	if (!p->in.line)
		p->in.line = 1;
	if (ok && !p->ended)
		return line_refuse(&p->in, "%s", !len ? "the file is empty" :
				   "the file is truncated: its last line is not 'end'");
	return ok;
}

struct schedule *schedule_parse(const char *text, gsize len, const char *path, GError **error)
{
	struct parser p = { .in = { .path = path, .error = error }, .s = schedule_new() };

	if (parse_lines(&p, text, len))
		return p.s;
	schedule_free(p.s);
	return NULL;
}

static gboolean file_refuse(GError **error, const char *path, const char *reason)
{
	g_set_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_FILE, "%s: %s", path, reason);
	return FALSE;
}

static gboolean read_all(int fd, const char *path, GByteArray *out, GError **error)
{
	guint8 buf[16384];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return file_refuse(error, path, g_strerror(errno));
	if (!S_ISREG(st.st_mode))
		return file_refuse(error, path, "is no regular file");
	if ((guint64)st.st_size > SCHEDULE_FILE_BYTES_MAX)
		return file_refuse(error, path, "is larger than any schedule");
	while ((n = read(fd, buf, sizeof(buf))) > 0 && out->len <= SCHEDULE_FILE_BYTES_MAX)
		g_byte_array_append(out, buf, n);
	if (n < 0)
		return file_refuse(error, path, g_strerror(errno));
	return TRUE;
}

struct schedule *schedule_read(const char *path, GError **error)
{
	/* O_NONBLOCK: whoever names a pipe is told so at once. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct schedule *s = NULL;
	GByteArray *bytes;

	if (fd < 0) {
		file_refuse(error, path, g_strerror(errno));
		return NULL;
	}
	bytes = g_byte_array_new();
	if (read_all(fd, path, bytes, error))
		s = schedule_parse((const char *)bytes->data, bytes->len, path, error);
	g_byte_array_unref(bytes);
	close(fd);
	return s;
}
