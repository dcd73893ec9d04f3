// SPDX-License-Identifier: MIT

/// A groove template for people to read.
#ifndef KM_APPS_GROOVE_REPORT_H
#define KM_APPS_GROOVE_REPORT_H

#include "apps/command.h"
#include "groove/template.h"

/// Prints what a template holds, as tables, to standard output.  [any]
void km_groove_report_print(const struct km_context *context, const struct km_groove_template *feel,
                            const char *path);

/// Whether the notes lie as if there were no beat.  [any]
bool km_groove_report_is_off_beat(const struct km_groove_template *feel);

#endif
