/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The collection of litmus tests, without any model of ours: every file says what
 * is expected, models only ever allow more from one to the next, and what the
 * files say of the kernel's model is what its axioms give.
 */
#include <string.h>
#include "tests/lkmm.h"

static const char *const order[] = { "sc", "tso", "pso", "weak", "lkmm" };

static const char *const classes[] = {
	"load buffering", "not multi-copy atomic", "delayed store of an acquire RMW",
	"delayed store of a relaxed RMW",
};

#define LEFT_OUT	"weak leaves out: "

static GPtrArray *programs;

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void read_folder(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	const char *name;
	guint i;

	g_assert_nonnull(dir);
	while ((name = g_dir_read_name(dir))) {
		if (g_str_has_suffix(name, ".litmus"))
			g_ptr_array_add(names, g_build_filename(folder, name, NULL));
	}
	g_dir_close(dir);
	g_ptr_array_sort(names, by_name);
	programs = g_ptr_array_new_with_free_func((GDestroyNotify)litmus_program_free);
	for (i = 0; i < names->len; i++) {
		GError *error = NULL;
		struct litmus_program *p = litmus_read(names->pdata[i], &error);

		g_assert_no_error(error);
		g_ptr_array_add(programs, p);
	}
	g_ptr_array_unref(names);
}

static gboolean is_c(const struct litmus_program *p)
{
	return !strcmp(p->arch, "C");
}

static void test_complete(void)
{
	guint i, k, n_c = 0, n_x86 = 0;

	for (i = 0; i < programs->len; i++) {
		const struct litmus_program *p = programs->pdata[i];
		char *base = g_path_get_basename(p->path), *want;

		want = g_strconcat(p->name, ".litmus", NULL);
		g_assert_cmpstr(base, ==, want);
		g_free(base);
		g_free(want);
		for (k = 0; k < (is_c(p) ? 5 : 4); k++) {
			if (!litmus_expected(p, order[k]))
				g_error("%s expects nothing of %s", p->path, order[k]);
		}
		n_c += is_c(p);
		n_x86 += !is_c(p);
	}
	g_assert_cmpuint(n_c, >=, 80);
	g_assert_cmpuint(n_x86, >=, 12);
}

/* What one model allows, the next one does, too; it may allow the opposite as well. */
static void test_order(void)
{
	guint i, k;

	for (i = 0; i < programs->len; i++) {
		const struct litmus_program *p = programs->pdata[i];

		for (k = 0; k + 1 < (is_c(p) ? 5 : 4); k++) {
			const char *one = litmus_expected(p, order[k]);
			const char *next = litmus_expected(p, order[k + 1]);

			if (strcmp(one, next) && strcmp(next, "Sometimes"))
				g_error("%s: %s=%s %s=%s cannot be", p->path, order[k], one,
					order[k + 1], next);
		}
	}
}

static gboolean is_class(const char *text)
{
	guint i;

	for (i = 0; i < G_N_ELEMENTS(classes); i++) {
		size_t n = strlen(classes[i]);

		if (!strncmp(text, classes[i], n) && (!text[n] || text[n] == '\n'))
			return TRUE;
	}
	return FALSE;
}

/* Where weak allows less than the kernel's model, the class is named, and only there. */
static void test_classes(void)
{
	guint i;

	for (i = 0; i < programs->len; i++) {
		const struct litmus_program *p = programs->pdata[i];
		const char *text = p->comment ? strstr(p->comment, LEFT_OUT) : NULL;
		gboolean less = is_c(p) && strcmp(litmus_expected(p, "weak"),
						  litmus_expected(p, "lkmm"));

		if (less != (text && is_class(text + strlen(LEFT_OUT))))
			g_error("%s: '" LEFT_OUT "CLASS' and the expectations disagree", p->path);
	}
}

/* A list of words, somewhere in the page. */
static gboolean is_listed(const char *page, const char *name)
{
	const char *at = page;
	size_t n = strlen(name);

	for (; (at = strstr(at, name)); at += n) {
		if (at[-1] == ' ' && (at[n] == ' ' || at[n] == '\n'))
			return TRUE;
	}
	return FALSE;
}

/* All that weak leaves out is listed where a user reads about it. */
static void test_page(void)
{
	const char *path = SCENARIO_SOURCE_DIR "/../doc/litmus-lkmm.md";
	char *page;
	guint i;

	g_assert_true(g_file_get_contents(path, &page, NULL, NULL));
	for (i = 0; i < programs->len; i++) {
		const struct litmus_program *p = programs->pdata[i];
		gboolean less = p->comment && strstr(p->comment, LEFT_OUT);

		if (less && !is_listed(page, p->name))
			g_error("%s does not list %s", path, p->name);
	}
	g_free(page);
}

static void test_lkmm(void)
{
	guint i;

	for (i = 0; i < programs->len; i++) {
		const struct litmus_program *p = programs->pdata[i];
		GHashTable *states;
		bool some, all;

		if (!is_c(p))
			continue;
		states = lkmm_states(p, &some, &all);
		if (!states)
			g_error("%s is too large", p->path);
		g_test_message("%s", p->path);
		g_assert_cmpstr(litmus_expected(p, "lkmm"), ==,
				!some ? "Never" : all ? "Always" : "Sometimes");
		g_hash_table_unref(states);
	}
}

int main(int argc, char **argv)
{
	const char *folder = g_getenv("RMAPSIM_LITMUS_FOLDER");
	int status;

	g_test_init(&argc, &argv, NULL);
	read_folder(folder ? folder : SCENARIO_SOURCE_DIR "/litmus");
	if (!folder) {	/* a foreign one has expectations of the kernel's model only */
		g_test_add_func("/litmus/corpus/complete", test_complete);
		g_test_add_func("/litmus/corpus/order", test_order);
		g_test_add_func("/litmus/corpus/classes", test_classes);
		g_test_add_func("/litmus/corpus/page", test_page);
	}
	g_test_add_func("/litmus/corpus/lkmm", test_lkmm);
	status = g_test_run();
	g_ptr_array_unref(programs);
	return status;
}
