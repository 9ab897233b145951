/* SPDX-License-Identifier: GPL-2.0-or-later */
/* warn: WARN_ON_ONCE() in the code under test; reported by request.c. */
#include "sim/check/check.h"

const struct check check_warn = {
	.name = "warn",
	.summary = "no WARN_ON_ONCE of the code under test is true",
	.doc = "The code under test states what it believes in WARN_ON_ONCE(). One whose condition "
	       "holds is a violation; the message gives the condition and its place.",
	.always = true,
};
