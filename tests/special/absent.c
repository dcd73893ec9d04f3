// SPDX-License-Identifier: MIT

// A library that is there when a module is linked, and not when it is loaded.

int km_absent(void);

int km_absent(void)
{
    return 1;
}
