/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registry of sites; see struct sim_site in event.h. */
#ifndef SIM_ENGINE_SITE_H
#define SIM_ENGINE_SITE_H

#include "sim/engine/event.h"

/* Give every site of the program its hash; needed once, before the first run. */
void site_register_all(void);

#endif
