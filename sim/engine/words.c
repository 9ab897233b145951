/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of kinds, and announced events in words. */
#include <stdio.h>
#include <string.h>
#include "sim/engine/state.h"

static const char *const ev_names[EV_KIND_MAX] = {
	[EV_NONE] = "none", [EV_LOAD] = "load", [EV_STORE] = "store", [EV_XCHG] = "xchg",
	[EV_CMPXCHG] = "cmpxchg", [EV_ADD] = "add", [EV_OR] = "or", [EV_AND] = "and",
	[EV_FENCE] = "fence",
	[EV_LOCK] = "lock", [EV_TRYLOCK] = "trylock", [EV_LOCK_WAIT] = "lock-wait",
	[EV_UNLOCK] = "unlock", [EV_ALLOC] = "alloc", [EV_FREE] = "free", [EV_RELAX] = "relax",
	[EV_FREE_RCU] = "free-rcu", [EV_GRACE] = "grace",
	[EV_RCU_LOCK] = "rcu-lock", [EV_RCU_UNLOCK] = "rcu-unlock",
	[EV_SYNC_RCU] = "sync-rcu", [EV_SYNC_WAIT] = "sync-wait", [EV_DRAIN] = "drain",
	[EV_MOVE] = "move", [EV_DEPEND] = "depend", [EV_NOTE] = "note", [EV_OP] = "op",
	[EV_OP_NEXT] = "op-next", [EV_REMOVE_BEGIN] = "remove-begin",
	[EV_MAY] = "may", [EV_ZAP_BEGIN] = "zap-begin",
	[EV_VISIT] = "visit", [EV_MARK] = "mark", [EV_RESTART] = "restart",
	[EV_PREEMPT] = "preempt",
	[EV_SLOW_PATH] = "slow-path", [EV_WARN] = "warn", [EV_ASSERT_HELD] = "assert-held",
};

static const char *const choice_names[CHOICE_KIND_MAX] = {
	[CHOICE_TASK] = "TASK", [CHOICE_DRAIN] = "DRAIN", [CHOICE_GRACE] = "GRACE",
	[CHOICE_IPI] = "IPI", [CHOICE_INTERRUPT] = "INTERRUPT", [CHOICE_PREEMPT] = "PREEMPT",
	[CHOICE_READ] = "READ", [CHOICE_REUSE] = "REUSE", [CHOICE_OP] = "OP",
};

const char *ev_kind_name(enum ev_kind kind)
{
	return kind < EV_KIND_MAX ? ev_names[kind] : "?";
}

const char *choice_kind_name(enum choice_kind kind)
{
	return kind < CHOICE_KIND_MAX ? choice_names[kind] : "?";
}

int choice_kind_from_name(const char *name)
{
	int i;

	for (i = 0; i < CHOICE_KIND_MAX; i++) {
		if (!strcmp(choice_names[i], name))
			return i;
	}
	return -1;
}

const char *engine_event_words(const struct engine *e, const struct sim_event *ev, char *buf,
			       size_t len)
{
	const char *what = ev->site ? ev->site->what : ev_kind_name(ev->kind);
	char name[96];

	if (ev->kind == EV_OP)
		snprintf(buf, len, "choice of the next operation");
	else if (!ev->addr)
		snprintf(buf, len, "%s", what);
	else
		snprintf(buf, len, "%s %s", what, engine_name(e, ev->addr, name, sizeof(name)));
	return buf;
}
