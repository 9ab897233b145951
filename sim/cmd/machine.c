/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of the machine from the kernel's text files; see machine.h. */
#include <glib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "sim/cmd/machine.h"

#define CPU_FOLDER	"/sys/devices/system/cpu/cpu0/topology/"

/* The value behind "name :" or "name:" in lines of such a file; free it. */
static char *value_of(const char *text, const char *name)
{
	const char *line;
	gsize len = strlen(name);

	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) || !strchr(" \t:", line[len]))
			continue;
		line += len + strspn(line + len, " \t");
		if (*line == ':')
			return g_strstrip(g_strndup(line + 1, strcspn(line + 1, "\n")));
	}
	return NULL;
}

static char *read_value(const char *path, const char *name)
{
	char *text = NULL, *value = NULL;

	if (g_file_get_contents(path, &text, NULL, NULL))
		value = name ? value_of(text, name) : g_strdup(g_strstrip(text));
	g_free(text);
	return value;
}

/* How many CPUs a list such as "0,4" or "0-1" names. */
static int64_t count_cpus(const char *list)
{
	char **part = g_strsplit(list, ",", -1);
	int64_t n = 0;
	guint i;

	for (i = 0; part[i]; i++) {
		const char *dash = strchr(part[i], '-');

		n += dash ? g_ascii_strtoll(dash + 1, NULL, 10) -
			    g_ascii_strtoll(part[i], NULL, 10) + 1 : 1;
	}
	g_strfreev(part);
	return n;
}

static int64_t threads_per_core(void)
{
	char *list = read_value(CPU_FOLDER "thread_siblings_list", NULL);
	int64_t n = list && *list ? count_cpus(list) : ROW_UNKNOWN;

	g_free(list);
	return n;
}

/* "" without a hypervisor; NULL if the kernel does not say. */
static char *hypervisor(void)
{
	char *flags = read_value("/proc/cpuinfo", "flags"), *vendor;
	char **flag = g_strsplit(flags ? flags : "", " ", -1);
	gboolean virtual = g_strv_contains((const char *const *)flag, "hypervisor");

	g_strfreev(flag);
	if (!virtual) {
		vendor = flags ? g_strdup("") : NULL;
	} else {
		vendor = read_value("/sys/class/dmi/id/sys_vendor", NULL);
		if (!vendor)
			vendor = g_strdup("unknown");
	}
	g_free(flags);
	return vendor;
}

static char *kernel(void)
{
	struct utsname u;

	if (uname(&u))
		return NULL;
	return g_strdup_printf("%s %s %s %s", u.sysname, u.release, u.version, u.machine);
}

struct row_machine *machine_facts(void)
{
	struct row_machine *m = g_new0(struct row_machine, 1);
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);

	m->hostname = g_strdup(g_get_host_name());
	m->cpu_model = read_value("/proc/cpuinfo", "model name");
	m->cpus_online = sysconf(_SC_NPROCESSORS_ONLN);
	m->cpus_allowed = read_value("/proc/self/status", "Cpus_allowed_list");
	m->threads_per_core = threads_per_core();
	m->virtual = hypervisor();
	m->kernel = kernel();
#ifdef __clang__
	m->compiler = g_strdup("clang " __clang_version__);
#else
	m->compiler = g_strdup("gcc " __VERSION__);
#endif
	m->memory_bytes = pages > 0 && page > 0 ? (int64_t)pages * page : ROW_UNKNOWN;
	m->tsc_hz = ROW_UNKNOWN;
	return m;
}

void machine_free(struct row_machine *m)
{
	if (!m)
		return;
	g_free((char *)m->hostname);
	g_free((char *)m->cpu_model);
	g_free((char *)m->cpus_allowed);
	g_free((char *)m->virtual);
	g_free((char *)m->kernel);
	g_free((char *)m->compiler);
	g_free(m);
}
