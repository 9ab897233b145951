/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Schedules as files: what is written is read back, everything else is refused
 * with its line and reason, and nothing in a file can crash the reader.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "output/schedule.h"

#define MUTATIONS	20000

#define HEAD								\
	"rmapsim-schedule 1\n"						\
	"version \"0.1\"\n"						\
	"scenario \"bench-c1\"\n"					\
	"set \"algorithm.retries=2\"\n"					\
	"plan 0x0123456789abcdef\n"					\
	"seed 37\n"							\
	"strategy \"random\"\n"						\
	"model \"sc\"\n"						\
	"digest 0xfedcba9876543210\n"					\
	"points 105\n"							\
	"check \"coverage\"\n"
#define LINE(after)	"after " after " TASK cpu1 who 1 pick 0 site 0x12 expect \"a \\\"b\\\"\"\n"
#define END(n)		"end " n "\n"
#define GOOD		HEAD LINE("3") LINE("0") LINE("102") END("3")

static struct schedule *parse(const char *text, GError **error)
{
	return schedule_parse(text, strlen(text), "x.schedule", error);
}

static struct schedule *example(void)
{
	struct schedule *s = schedule_new();
	const struct choice task = { .kind = CHOICE_TASK, .cpu = 1, .who = 1 };
	const struct choice op = {
		.kind = CHOICE_OP, .cpu = 65535, .who = 65535, .pick = 4294967295u,
	};

	s->version = g_strdup("0.1");
	s->scenario = g_strdup("with blank \"quoted\" # hash");
	g_strfreev(s->set);
	s->set = g_strdupv((char *[]){ "task w.ops=add 1; walk", "a.b=\xff\n\t\\x41", NULL });
	s->plan_digest = G_MAXUINT64;
	s->seed = G_MAXUINT64;
	s->strategy = g_strdup("random");
	s->model = g_strdup("sc");
	s->digest = 1;
	s->points = 1000;
	s->check = g_strdup("coverage");
	s->message = g_strdup("walker's walk ended; \xc3\xa4");
	schedule_add(s, 0, &task, 0x123456789abcdef0, "READ_ONCE rmap0.head core/x.c:12");
	schedule_add(s, 999, &op, 0, NULL);
	return s;
}

static void assert_same(const struct schedule *a, const struct schedule *b)
{
	char *left = schedule_to_text(a), *right = schedule_to_text(b);

	g_assert_cmpstr(left, ==, right);
	g_free(left);
	g_free(right);
}

static void assert_example(const struct schedule *s)
{
	const struct schedule_line *line = (const struct schedule_line *)s->lines->data;

	g_assert_cmpstr(s->scenario, ==, "with blank \"quoted\" # hash");
	g_assert_cmpuint(g_strv_length(s->set), ==, 2);
	g_assert_cmpstr(s->set[1], ==, "a.b=\xff\n\t\\x41");
	g_assert_cmpuint(s->seed, ==, G_MAXUINT64);
	g_assert_cmpuint(s->plan_digest, ==, G_MAXUINT64);
	g_assert_cmpstr(s->message, ==, "walker's walk ended; \xc3\xa4");
	g_assert_cmpuint(s->lines->len, ==, 2);
	g_assert_cmpuint(line[0].site_hash, ==, 0x123456789abcdef0);
	g_assert_cmpstr(line[0].expect, ==, "READ_ONCE rmap0.head core/x.c:12");
	g_assert_cmpuint(line[1].after, ==, 999);
	g_assert_cmpuint(line[1].choice.kind, ==, CHOICE_OP);
	g_assert_cmpuint(line[1].choice.cpu, ==, 65535);
	g_assert_cmpuint(line[1].choice.who, ==, 65535);
	g_assert_cmpuint(line[1].choice.pick, ==, 4294967295u);
	g_assert_cmpstr(line[1].expect, ==, "");
	g_assert_cmpuint(line[1].line, ==, line[0].line + 1);
}

static void test_round_trip(void)
{
	struct schedule *s = example(), *back;
	char *text = schedule_to_text(s);
	GError *error = NULL;

	back = parse(text, &error);
	g_assert_no_error(error);
	assert_example(back);
	assert_same(s, back);
	schedule_free(s);
	schedule_free(back);
	g_free(text);
}

static void test_comments(void)
{
	struct schedule *s = parse("rmapsim-schedule 1 # one\n\n # two\n" HEAD, NULL);
	GError *error = NULL;

	g_assert_null(s);	/* the first line is there twice */
	s = parse(HEAD "# a\n\n \t # b\n" LINE("3") "end 1 # c\n# d\n\n", &error);
	g_assert_no_error(error);
	g_assert_cmpuint(s->lines->len, ==, 1);
	g_assert_cmpuint(((struct schedule_line *)s->lines->data)->line, ==, 15);
	schedule_free(s);
}

static const struct refusal {
	const char *text;
	guint line;
	const char *reason;
} refusals[] = {
	{ "", 1, "the file is empty" },
	{ "nonsense\n", 1, "this is no schedule" },
	{ "rmapsim-schedule 2\n", 1, "format 2 is not known; this program reads 1" },
	{ "rmapsim-schedule\n", 1, "the format's number is missing" },
	{ "rmapsim-schedule 1 x\n", 1, "'x' is too much" },
	{ "rmapsim-schedule one\n", 1, "the format's number 'one' is no number" },
	{ "rmapsim-schedule 1", 1, "the file is truncated: its last line has no end" },
	{ "rmapsim-schedule 1\n", 1, "the file is truncated: its last line is not 'end'" },
	{ HEAD, 11, "the file is truncated: its last line is not 'end'" },
	{ HEAD LINE("3") END("2"), 13, "the file has 1 choices, but its end says 2" },
	{ HEAD LINE("3") "end 1", 13, "the file is truncated: its last line has no end" },
	{ HEAD END("0") LINE("1"), 13, "there is more behind 'end'" },
	{ HEAD END("0") END("0"), 13, "there is more behind 'end'" },
	{ HEAD "end\n", 12, "end is missing" },
	{ HEAD "end 0 0\n", 12, "'0' is too much" },
	{ HEAD "seed 1\n", 12, "'seed' is there twice" },
	{ HEAD "colour red\n", 12, "'colour' is unknown" },
	{ HEAD LINE("3") "points 5\n", 13, "'points' belongs to the head" },
	{ "rmapsim-schedule 1\nversion \"1\"\n" END("0"), 3, "the head lacks 'scenario'" },
	{ "rmapsim-schedule 1\n" LINE("1"), 2, "the head lacks 'version'" },
	{ "rmapsim-schedule 1\nversion 0.1\n", 2, "a text in double quotes is expected" },
	{ "rmapsim-schedule 1\nversion \"0.1\n", 2, "no closing double quote" },
	{ "rmapsim-schedule 1\nversion \"\\q\"\n", 2, "'\\q' is no escape" },
	{ "rmapsim-schedule 1\nversion \"\\x0\"\n", 2, "'\\x' is no escape" },
	{ "rmapsim-schedule 1\nversion \"\\x00\"\n", 2, "'\\x' is no escape" },
	{ "rmapsim-schedule 1\nversion \"1\" 2\n", 2, "'2' is too much" },
	{ "rmapsim-schedule 1\nseed\n", 2, "seed is missing" },
	{ "rmapsim-schedule 1\nseed -1\n", 2, "seed '-1' is no number" },
	{ "rmapsim-schedule 1\nseed +1\n", 2, "seed '+1' is no number" },
	{ "rmapsim-schedule 1\nseed 1e3\n", 2, "seed '1e3' is no number" },
	{ "rmapsim-schedule 1\nseed 0x\n", 2, "seed '0x' is no number" },
	{ "rmapsim-schedule 1\nseed 0x0x1\n", 2, "seed '0x0x1' is no number" },
	{ "rmapsim-schedule 1\nseed 18446744073709551616\n", 2,
	  "larger than 18446744073709551615" },
	{ "rmapsim-schedule 1\nplan 0x10000000000000000\n", 2, "larger than" },
	{ "rmapsim-schedule 1\r\n", 1, "byte 19 is a control character (0x0d)" },
	{ "rmapsim-schedule 1\nversion \"\xff\"\n", 2, "the line is not UTF-8" },
	{ HEAD "after\n", 12, "after is missing" },
	{ HEAD "after 106 TASK\n", 12, "after 106 lies behind the end of the run, which has 105" },
	{ HEAD LINE("100") LINE("6"), 13, "after 6 lies behind the end" },
	{ HEAD LINE("100") LINE("18446744073709551615"), 13, "lies behind the end" },
	{ HEAD "after 1 FISH\n", 12, "'FISH' is no kind of choice" },
	{ HEAD "after 1\n", 12, "'' is no kind of choice" },
	{ HEAD "after 1 TASK 1\n", 12, "'cpuN' is expected here, not '1'" },
	{ HEAD "after 1 TASK cpu\n", 12, "cpu '' is no number" },
	{ HEAD "after 1 TASK cpu65536\n", 12, "cpu '65536' is larger than 65535" },
	{ HEAD "after 1 TASK cpu1 1\n", 12, "'who' is expected here, not '1'" },
	{ HEAD "after 1 TASK cpu1 who 65536\n", 12, "who '65536' is larger than 65535" },
	{ HEAD "after 1 TASK cpu1 who 1\n", 12, "'pick' is expected here, not 'the end" },
	{ HEAD "after 1 TASK cpu1 who 1 pick 4294967296\n", 12, "pick '4294967296' is larger" },
	{ HEAD "after 1 TASK cpu1 who 1 pick 0 place\n", 12, "'site' is expected here" },
	{ HEAD "after 1 TASK cpu1 who 1 pick 0 site 0xgg\n", 12, "site '0xgg' is no number" },
	{ HEAD "after 1 TASK cpu1 who 1 pick 0 site 1\n", 12, "'expect' is expected here" },
	{ HEAD "after 1 TASK cpu1 who 1 pick 0 site 1 expect\n", 12, "a text in double quotes" },
	{ HEAD "after 1 TASK cpu1 who 1 pick 0 site 1 expect \"a\" b\n", 12, "'b' is too much" },
};

static void test_refusals(void)
{
	gsize i;

	for (i = 0; i < G_N_ELEMENTS(refusals); i++) {
		char *place = g_strdup_printf("x.schedule:%u: ", refusals[i].line);
		GError *error = NULL;

		g_assert_null(parse(refusals[i].text, &error));
		g_assert_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_FORMAT);
		if (!g_str_has_prefix(error->message, place) ||
		    !strstr(error->message, refusals[i].reason))
			g_error("refusal %zu: got '%s', not '%s... %s'", i, error->message, place,
				refusals[i].reason);
		g_error_free(error);
		g_free(place);
	}
}

static void test_overlong(void)
{
	char *blanks = g_strnfill(SCHEDULE_LINE_BYTES_MAX, ' ');
	char *text = g_strdup_printf("rmapsim-schedule 1\n%s\n", blanks);
	GError *error = NULL;

	g_assert_null(parse(text, &error));
	g_assert_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_FORMAT);
	g_assert_cmpstr(error->message, ==, "x.schedule:2: the line is longer than 65536 bytes");
	g_error_free(error);
	g_free(text);
	g_free(blanks);
}

static void test_nul_byte(void)
{
	const char text[] = HEAD "end\0 0\n";
	GError *error = NULL;

	g_assert_null(schedule_parse(text, sizeof(text) - 1, "x", &error));
	g_assert_cmpstr(error->message, ==, "x:12: byte 4 is a control character (0x00)");
	g_error_free(error);
}

static void test_truncation(void)
{
	struct schedule *s = parse(GOOD, NULL), *cut;
	gsize n;

	g_assert_nonnull(s);
	for (n = 0; n < strlen(GOOD); n++) {
		GError *error = NULL;

		cut = schedule_parse(GOOD, n, "x", &error);
		g_assert_true(!cut == !!error);
		g_clear_error(&error);
		if (cut)
			assert_same(s, cut);
		schedule_free(cut);
	}
	schedule_free(s);
}

/* Whatever is read can be written and read again. */
static void check_mutant(const char *text, gsize len)
{
	GError *error = NULL;
	struct schedule *s = schedule_parse(text, len, "x", &error), *again;
	char *written;

	g_assert_true(!s == !!error);
	g_clear_error(&error);
	if (!s)
		return;
	written = schedule_to_text(s);
	again = parse(written, &error);
	g_assert_no_error(error);
	assert_same(s, again);
	schedule_free(again);
	schedule_free(s);
	g_free(written);
}

static void test_mutations(void)
{
	static const char alphabet[] = "0129aefx \"\\#\n\t-TASKcpuwhoend";
	GRand *rand = g_rand_new_with_seed(1);
	const gsize len = strlen(GOOD);
	char *text = g_malloc(len);
	int i, j, n;

	for (i = 0; i < MUTATIONS; i++) {
		memcpy(text, GOOD, len);
		n = g_rand_int_range(rand, 1, 4);
		for (j = 0; j < n; j++) {
			gsize at = g_rand_int_range(rand, 0, len);

			text[at] = g_rand_boolean(rand) ? g_rand_int_range(rand, 0, 256) :
				   alphabet[g_rand_int_range(rand, 0, sizeof(alphabet) - 1)];
		}
		check_mutant(text, len);
	}
	g_free(text);
	g_rand_free(rand);
}

static char *scratch(void)
{
	GError *error = NULL;
	char *dir = g_dir_make_tmp("rmapsim-XXXXXX", &error);

	g_assert_no_error(error);
	return dir;
}

static guint files_in(const char *dir)
{
	GDir *d = g_dir_open(dir, 0, NULL);
	guint n = 0;

	while (g_dir_read_name(d))
		n++;
	g_dir_close(d);
	return n;
}

static void test_file(void)
{
	char *dir = scratch(), *path = g_build_filename(dir, "a.schedule", NULL);
	struct schedule *s = example(), *back;
	GError *error = NULL;

	g_assert_true(schedule_write(s, path, &error));
	g_assert_no_error(error);
	g_assert_true(schedule_write(s, path, &error));	/* over the old one */
	g_assert_cmpuint(files_in(dir), ==, 1);
	back = schedule_read(path, &error);
	g_assert_no_error(error);
	assert_same(s, back);
	schedule_free(s);
	schedule_free(back);
	g_unlink(path);
	g_rmdir(dir);
	g_free(path);
	g_free(dir);
}

static void refuse_read(const char *path, const char *reason)
{
	GError *error = NULL;

	g_assert_null(schedule_read(path, &error));
	g_assert_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_FILE);
	g_assert_true(g_str_has_prefix(error->message, path));
	g_assert_nonnull(strstr(error->message, reason));
	g_error_free(error);
}

static void test_no_file(void)
{
	char *dir = scratch(), *fifo = g_build_filename(dir, "fifo", NULL);

	g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
	refuse_read(fifo, "is no regular file");
	refuse_read(dir, "is no regular file");
	refuse_read("/dev/zero", "is no regular file");
	g_unlink(fifo);
	refuse_read(fifo, g_strerror(ENOENT));
	g_rmdir(dir);
	g_free(fifo);
	g_free(dir);
}

static void refuse_write(const char *path, enum schedule_error code, const char *reason)
{
	struct schedule *s = example();
	GError *error = NULL;

	g_assert_false(schedule_write(s, path, &error));
	g_assert_error(error, SCHEDULE_ERROR, (int)code);
	g_assert_nonnull(strstr(error->message, reason));
	g_error_free(error);
	schedule_free(s);
}

static void test_cannot_write(void)
{
	char *dir = scratch(), *path = g_build_filename(dir, "no", "a.schedule", NULL);

	refuse_write(path, SCHEDULE_ERROR_IO, g_strerror(ENOENT));
	refuse_write(dir, SCHEDULE_ERROR_IO, "is no regular file");
	refuse_write("/dev/null", SCHEDULE_ERROR_IO, "is no regular file");
	g_assert_cmpuint(files_in(dir), ==, 0);
	g_rmdir(dir);
	g_free(path);
	g_free(dir);
}

/* As a full disk does: a write that comes back short, then one that fails. */
static void test_full(void)
{
	char *dir = scratch(), *path = g_build_filename(dir, "a.schedule", NULL);
	struct rlimit old, small;

	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &old), ==, 0);
	small = old;
	small.rlim_cur = 100;
	signal(SIGXFSZ, SIG_IGN);
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &small), ==, 0);
	refuse_write(path, SCHEDULE_ERROR_IO, g_strerror(EFBIG));
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &old), ==, 0);
	g_assert_cmpuint(files_in(dir), ==, 0);
	g_rmdir(dir);
	g_free(path);
	g_free(dir);
}

static void test_unwritable(void)
{
	char *dir = scratch(), *path = g_build_filename(dir, "a.schedule", NULL);
	struct schedule *s = example();
	GError *error = NULL;

	g_free(s->message);
	s->message = g_strnfill(SCHEDULE_LINE_BYTES_MAX, 'x');
	g_assert_false(schedule_write(s, path, &error));
	g_assert_error(error, SCHEDULE_ERROR, SCHEDULE_ERROR_FORMAT);
	g_error_free(error);
	g_assert_cmpuint(files_in(dir), ==, 0);
	schedule_free(s);
	g_rmdir(dir);
	g_free(path);
	g_free(dir);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/schedule/round-trip", test_round_trip);
	g_test_add_func("/schedule/comments", test_comments);
	g_test_add_func("/schedule/refusals", test_refusals);
	g_test_add_func("/schedule/overlong", test_overlong);
	g_test_add_func("/schedule/nul-byte", test_nul_byte);
	g_test_add_func("/schedule/truncation", test_truncation);
	g_test_add_func("/schedule/mutations", test_mutations);
	g_test_add_func("/schedule/file", test_file);
	g_test_add_func("/schedule/no-file", test_no_file);
	g_test_add_func("/schedule/cannot-write", test_cannot_write);
	g_test_add_func("/schedule/full", test_full);
	g_test_add_func("/schedule/unwritable", test_unwritable);
	return g_test_run();
}
