/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads, warnings and plain memory of the hardware back end; see kern_hw.h. */
#include <sched.h>
#include <stdlib.h>
#include "sim/kern/hw/kern_hw.h"

__thread unsigned int kern_hw_cpu = -1;

static __thread unsigned long my_warnings;
static unsigned long warnings;		/* of threads that have ended */
static const char *first_warning;
static struct kern_hw_config configuration = { .nr_threads = 1, .stock = 32 };

void kern_hw_configure(const struct kern_hw_config *config)
{
	configuration = *config;
}

const struct kern_hw_config *kern_hw_configuration(void)
{
	return &configuration;
}

__thread struct kern_hw_pages kern_hw_pages;

void kern_hw_thread_begin(unsigned int n)
{
	kern_hw_cpu = n;
	kern_hw_rcu_begin();
}

void kern_hw_thread_end(void)
{
	kern_hw_rcu_end();
	__atomic_fetch_add(&warnings, my_warnings, __ATOMIC_SEQ_CST);
	my_warnings = 0;
	kern_hw_cpu = -1;
}

void kern_hw_warn(const char *condition)
{
	const char *none = NULL;

	if (!my_warnings++)
		__atomic_compare_exchange_n(&first_warning, &none, condition, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

unsigned long kern_hw_warnings(void)
{
	return READ_ONCE(warnings) + my_warnings;
}

const char *kern_hw_first_warning(void)
{
	return READ_ONCE(first_warning);
}

void kern_hw_yield(void)
{
	sched_yield();
}

void *kmalloc(size_t size, gfp_t gfp)
{
	return gfp & __GFP_ZERO ? calloc(1, size) : malloc(size);
}

void kfree(const void *p)
{
	free((void *)p);
}
