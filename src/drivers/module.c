// SPDX-License-Identifier: MIT

#include "drivers/module_private.h"

#include "base/module.h"
#include "drivers/backend_private.h"

#include <stddef.h>

enum km_status km_module_load(const char *name, const struct km_module **module,
                              struct km_error *error)
{
    void *found = NULL;
    const enum km_status status = km_module_find(name, "km_module", &found, error);
    if (status != KM_OK) {
        return status;
    }
    const struct km_module *const table = found;
    if (table->abi != KM_MODULE_ABI) {
        return km_error_set(error, KM_ERROR_UNSUPPORTED,
                            "kmidi-%s.so is of another version of KmiDi: expected %d, found %u",
                            name, KM_MODULE_ABI, (unsigned)table->abi);
    }
    *module = table;
    return KM_OK;
}
