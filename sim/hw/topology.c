/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUs and placement; see topology.h. */
#include <cpuid.h>
#include <hwloc.h>
#include <string.h>
#include "sim/hw/clock.h"
#include "sim/hw/sample.h"
#include "sim/hw/topology.h"

#define LIST_MAX	4096	/* numbers in a list of CPUs */

G_DEFINE_QUARK(rmapsim-hw-error, hw_error)

static char *find_hypervisor(void)
{
	unsigned int a, b, c, d, word[3];
	char name[13] = "";

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 31))
		return g_strdup("");
	__cpuid(0x40000000, a, word[0], word[1], word[2]);
	memcpy(name, word, 12);
	g_strchomp(name);
	return g_strdup(g_str_is_ascii(name) && *name ? name : "unnamed");
}

static char *find_model(hwloc_topology_t topology)
{
	hwloc_obj_t package = hwloc_get_obj_by_type(topology, HWLOC_OBJ_PACKAGE, 0);
	const char *model = package ? hwloc_obj_get_info_by_name(package, "CPUModel") : NULL;

	return g_strstrip(g_strdup(model ? model : "unknown"));
}

static guint core_of(hwloc_topology_t topology, hwloc_obj_t pu)
{
	hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, pu);

	return core ? core->logical_index : pu->logical_index;
}

static void find_threads(struct hw_topology *t, hwloc_topology_t topology)
{
	int i, n = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE);

	t->threads_per_core = 1;
	for (i = 0; i < n; i++) {
		hwloc_obj_t core = hwloc_get_obj_by_type(topology, HWLOC_OBJ_CORE, i);

		t->threads_per_core = MAX(t->threads_per_core,
					  (guint)hwloc_bitmap_weight(core->cpuset));
	}
}

static gboolean find_allowed(struct hw_topology *t, hwloc_topology_t topology)
{
	hwloc_const_bitmap_t all = hwloc_topology_get_complete_cpuset(topology);
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	gboolean ok;
	int i;

	t->highest = MAX(hwloc_bitmap_last(all), 0);
	t->n_cpus = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU);
	t->allowed = g_new0(struct hw_cpu, t->n_cpus);
	ok = !hwloc_get_cpubind(topology, set, HWLOC_CPUBIND_PROCESS);
	for (i = hwloc_bitmap_first(set); ok && i >= 0; i = hwloc_bitmap_next(set, i)) {
		hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(topology, i);

		if (pu && t->n_allowed < t->n_cpus)
			t->allowed[t->n_allowed++] = (struct hw_cpu){ i, core_of(topology, pu) };
	}
	hwloc_bitmap_free(set);
	return ok && t->n_allowed;
}

static void allowed_text(struct hw_topology *t)
{
	guint *numbers = g_new(guint, t->n_allowed), i, k;
	GString *s = g_string_new(NULL);

	for (i = 0; i < t->n_allowed; i++)
		numbers[i] = t->allowed[i].number;
	for (i = 0; i < t->n_allowed; i = k) {
		for (k = i + 1; k < t->n_allowed && numbers[k] == numbers[k - 1] + 1; k++)
			;
		g_string_append_printf(s, "%s%u", i ? "," : "", numbers[i]);
		if (k > i + 1)
			g_string_append_printf(s, "-%u", numbers[k - 1]);
	}
	g_free(numbers);
	t->allowed_text = g_string_free(s, FALSE);
}

struct hw_topology *hw_topology_new(GError **error)
{
	struct hw_topology *t = g_new0(struct hw_topology, 1);
	hwloc_topology_t topology;

	if (hwloc_topology_init(&topology)) {
		g_free(t);
		g_set_error(error, HW_ERROR, HW_ERROR_SYSTEM, "hwloc does not start");
		return NULL;
	}
	if (hwloc_topology_load(topology) || !find_allowed(t, topology)) {
		g_set_error(error, HW_ERROR, HW_ERROR_SYSTEM,
			    "hwloc cannot tell which CPUs this process may use");
		hwloc_topology_destroy(topology);
		hw_topology_free(t);
		return NULL;
	}
	find_threads(t, topology);
	allowed_text(t);
	t->cpu_model = find_model(topology);
	t->hypervisor = find_hypervisor();
	t->tsc_invariant = hw_clock_invariant();
	hwloc_topology_destroy(topology);
	return t;
}

void hw_topology_free(struct hw_topology *t)
{
	if (!t)
		return;
	g_free(t->cpu_model);
	g_free(t->hypervisor);
	g_free(t->allowed_text);
	g_free(t->allowed);
	g_free(t);
}

static const struct hw_cpu *find_cpu(const struct hw_topology *t, guint number)
{
	guint i;

	for (i = 0; i < t->n_allowed; i++) {
		if (t->allowed[i].number == number)
			return &t->allowed[i];
	}
	return NULL;
}

static gboolean check_cpu(const struct hw_topology *t, guint64 number, GError **error)
{
	if (find_cpu(t, MIN(number, G_MAXUINT)))
		return TRUE;
	if (number > t->highest)
		g_set_error(error, HW_ERROR, HW_ERROR_CPUS, "--cpus: there is no CPU %"
			    G_GUINT64_FORMAT " on this machine; allowed are %s", number,
			    t->allowed_text);
	else
		g_set_error(error, HW_ERROR, HW_ERROR_CPUS, "--cpus: CPU %" G_GUINT64_FORMAT
			    " is not among those that this process may use; allowed are %s",
			    number, t->allowed_text);
	return FALSE;
}

static gboolean read_number(const char **text, guint64 *number)
{
	char *end;

	if (!g_ascii_isdigit(**text))
		return FALSE;
	*number = g_ascii_strtoull(*text, &end, 10);
	*text = end;
	return TRUE;
}

/* "A" or "A-B" */
static gboolean read_range(const struct hw_topology *t, const char *list, const char **text,
			   GArray *cpus, GError **error)
{
	guint64 first, last, i;

	if (!read_number(text, &first))
		goto bad;
	last = first;
	if (**text == '-') {
		(*text)++;
		if (!read_number(text, &last) || last < first)
			goto bad;
	}
	for (i = first; i <= last; i++) {	/* ends at the first CPU that is not there */
		guint number = i;

		if (!check_cpu(t, i, error))
			return FALSE;
		if (cpus->len == LIST_MAX)
			goto bad;
		g_array_append_val(cpus, number);
	}
	return TRUE;
bad:
	g_set_error(error, HW_ERROR, HW_ERROR_CPUS, "--cpus %s: valid is a list of CPUs such as "
		    "0,2-3; allowed are %s", list, t->allowed_text);
	return FALSE;
}

static gboolean read_list(const struct hw_topology *t, const char *list, GArray *cpus,
			  GError **error)
{
	const char *p = list;

	for (;;) {
		if (!read_range(t, list, &p, cpus, error))
			return FALSE;
		if (!*p)
			return TRUE;
		if (*p++ != ',') {
			g_set_error(error, HW_ERROR, HW_ERROR_CPUS, "--cpus %s: valid is a list "
				    "of CPUs such as 0,2-3; allowed are %s", list,
				    t->allowed_text);
			return FALSE;
		}
	}
}

/* How many CPUs before this one are threads of its core. */
static guint thread_of_core(const struct hw_topology *t, guint at)
{
	guint i, n = 0;

	for (i = 0; i < at; i++)
		n += t->allowed[i].core == t->allowed[at].core;
	return n;
}

/* All allowed CPUs: the first thread of each core, then the second ones, ... */
static void take_all(const struct hw_topology *t, GArray *cpus)
{
	guint thread, i;

	for (thread = 0; thread < t->threads_per_core; thread++) {
		for (i = 0; i < t->n_allowed; i++) {
			if (thread_of_core(t, i) == thread)
				g_array_append_val(cpus, t->allowed[i].number);
		}
	}
}

static gboolean check_enough(const GArray *cpus, const char *list, guint n, GError **error)
{
	const guint *number = (const guint *)(gconstpointer)cpus->data;
	guint i, k, different = 0;

	for (i = 0; i < cpus->len; i++) {
		for (k = 0; k < i && number[k] != number[i]; k++)
			;
		different += k == i;
	}
	if (different >= n)
		return TRUE;
	g_set_error(error, HW_ERROR, HW_ERROR_CPUS,
		    "%u tasks need as many CPUs, but %s %u: threads that share one do not show "
		    "what threads in parallel do. Valid: fewer tasks (--set \"task "
		    "NAME.count=N\"), or --oversubscribe", n,
		    list ? "--cpus names" : "this process may use", different);
	return FALSE;
}

guint *hw_topology_place(const struct hw_topology *t, const char *list, guint n,
			 gboolean oversubscribe, GError **error)
{
	GArray *cpus = g_array_new(FALSE, FALSE, sizeof(guint));
	guint *place = NULL, i;

	if (list && !read_list(t, list, cpus, error))
		goto out;
	if (!list)
		take_all(t, cpus);
	if (!oversubscribe && !check_enough(cpus, list, n, error))
		goto out;
	place = g_new(guint, n);
	for (i = 0; i < n; i++)
		place[i] = g_array_index(cpus, guint, i % cpus->len);
out:
	g_array_unref(cpus);
	return place;
}

gboolean hw_topology_share_core(const struct hw_topology *t, const guint *cpus, guint n)
{
	guint i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < i; k++) {
			if (cpus[i] != cpus[k] &&
			    find_cpu(t, cpus[i])->core == find_cpu(t, cpus[k])->core)
				return TRUE;
		}
	}
	return FALSE;
}

gboolean hw_topology_oversubscribed(const guint *cpus, guint n)
{
	guint i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < i; k++) {
			if (cpus[i] == cpus[k])
				return TRUE;
		}
	}
	return FALSE;
}

char *hw_topology_list(const guint *cpus, guint n)
{
	GString *s = g_string_new(NULL);
	guint i;

	for (i = 0; i < n; i++)
		g_string_append_printf(s, "%s%u", i ? "," : "", cpus[i]);
	return g_string_free(s, FALSE);
}
