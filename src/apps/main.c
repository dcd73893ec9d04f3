// SPDX-License-Identifier: MIT

// The kmidi command: finds the subcommand and runs it.

#include "base/version.h"

#include <stdio.h>

int main(void)
{
    printf("kmidi %s\n", km_version());
    return 0;
}
