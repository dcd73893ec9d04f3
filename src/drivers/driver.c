// SPDX-License-Identifier: MIT

#include "drivers/driver.h"

#include "base/check.h"
#include "base/text.h"
#include "drivers/backends_private.h"
#include "drivers/callback_private.h"
#include "drivers/driver_private.h"
#include "drivers/module_private.h"
#include "heap/heap.h"
#include "rt/resident.h"

#include <string.h>
#include <time.h>

enum {
    AUTO_COUNT = 2, // The first of the names: those that can be heard.
    NAME_SIZE = 32,
    PRIORITY_DEFAULT = 70,
    PRIORITY_MAX = 95,
    FIRST_CALLBACK_MS_MAX = 20,
    ALIGNMENT = 64,
    AUTO_REASON_SIZE = 440, // Of each driver in the message of "auto".
    NS_PER_MS = 1000000,
};

static const char *const names[] = {"jack", "portaudio", "clock", "null", "file", NULL};

enum { NAMES_COUNT = sizeof(names) / sizeof(names[0]) - 1 };

const char *const *km_driver_names(void)
{
    return names;
}

static const struct km_backend *backend_within(const char *name)
{
    static const struct km_backend *const backends[] = {&km_backend_clock, &km_backend_null,
                                                        &km_backend_file};
    for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); ++i) {
        if (strcmp(backends[i]->name, name) == 0) {
            return backends[i];
        }
    }
    return NULL;
}

static enum km_status find_backend(const char *name, const struct km_backend **backend,
                                   struct km_error *error)
{
    if (km_text_find(name, names, NAMES_COUNT) < 0) {
        char nearest[128];
        km_text_list_nearest(nearest, sizeof(nearest), name, names, NAMES_COUNT);
        return km_error_set(error, KM_ERROR_INVALID,
                            "no driver is called '%s': expected auto or one of %s", name, nearest);
    }
    *backend = backend_within(name);
    if (*backend) {
        return KM_OK;
    }
    const struct km_module *module = NULL;
    const enum km_status status = km_module_load(name, &module, error);
    if (status != KM_OK) {
        return status;
    }
    *backend = module->backend;
    if (!*backend) {
        return km_error_set(error, KM_ERROR_UNSUPPORTED, "kmidi-%s.so holds no driver", name);
    }
    return KM_OK;
}

static enum km_status check_config(const struct km_driver_config *config, struct km_error *error)
{
    const bool has_rate = config->rate_hz > 0;
    if (has_rate && (config->rate_hz < KM_RATE_MIN || config->rate_hz > KM_RATE_MAX)) {
        return km_error_set(error, KM_ERROR_RANGE, "a rate of %u Hz: expected %d to %d",
                            (unsigned)config->rate_hz, KM_RATE_MIN, KM_RATE_MAX);
    }
    if (config->block_frames > KM_BLOCK_FRAMES_MAX) {
        return km_error_set(error, KM_ERROR_RANGE, "blocks of %u frames: expected %d to %d",
                            (unsigned)config->block_frames, KM_BLOCK_FRAMES_MIN,
                            KM_BLOCK_FRAMES_MAX);
    }
    return KM_OK;
}

static struct km_driver *allocate(struct km_heap *heap, const struct km_backend *backend,
                                  struct km_error *error)
{
    struct km_driver *const driver =
        km_heap_allocate_aligned(heap, KM_ACCOUNT_AUDIO, sizeof(*driver), ALIGNMENT);
    void *const instance =
        driver ? km_heap_allocate_aligned(heap, KM_ACCOUNT_AUDIO, backend->size, ALIGNMENT) : NULL;
    if (!instance) {
        (void)km_heap_refusal(heap, error);
        km_heap_release(heap, driver);
        return NULL;
    }
    driver->heap = heap;
    driver->backend = backend;
    driver->instance = instance;
    km_callback_init(&driver->callback);
    km_resident_touch(driver, sizeof(*driver));
    km_resident_touch(instance, backend->size);
    return driver;
}

static enum km_status open_one(struct km_heap *heap, const char *name,
                               const struct km_driver_config *config, struct km_driver **driver,
                               struct km_error *error)
{
    const struct km_backend *backend = NULL;
    enum km_status status = find_backend(name, &backend, error);
    if (status != KM_OK) {
        return status;
    }
    KM_CHECK(backend);
    struct km_driver *const opened = allocate(heap, backend, error);
    if (!opened) {
        return KM_ERROR_NO_MEMORY;
    }
    struct km_driver_config filled = *config;
    filled.client_name = config->client_name ? config->client_name : "kmidi";
    filled.priority = config->priority > 0 ? config->priority : PRIORITY_DEFAULT;
    filled.priority = filled.priority < PRIORITY_MAX ? filled.priority : PRIORITY_MAX;
    const struct km_backend_setup setup = {
        .config = &filled, .callback = &opened->callback, .heap = heap};
    opened->priority_wanted = filled.priority;
    status = backend->open(opened->instance, &setup, error);
    if (status != KM_OK) {
        km_heap_release(heap, opened->instance);
        km_heap_release(heap, opened);
        return status;
    }
    *driver = opened;
    return KM_OK;
}

// JACK must not start a server here: PortAudio would wait until that has failed.
static enum km_status open_first(struct km_heap *heap, const struct km_driver_config *config,
                                 struct km_driver **driver, struct km_error *error)
{
    struct km_driver_config quick = *config;
    quick.without_start = true;
    struct km_error reasons[AUTO_COUNT];
    for (int i = 0; i < AUTO_COUNT; ++i) {
        const enum km_status status = open_one(heap, names[i], &quick, driver, &reasons[i]);
        if (status == KM_OK || status == KM_ERROR_NO_MEMORY) {
            return status == KM_OK ? KM_OK : km_heap_refusal(heap, error);
        }
    }
    return km_error_set(
        error, KM_ERROR_NOT_FOUND, "no sound: neither driver works.\n%s: %.*s\n%s: %.*s", names[0],
        AUTO_REASON_SIZE, reasons[0].message, names[1], AUTO_REASON_SIZE, reasons[1].message);
}

enum km_status km_driver_open(struct km_heap *heap, const char *name,
                              const struct km_driver_config *config, struct km_driver **driver,
                              struct km_error *error)
{
    KM_CHECK(heap && name);
    KM_CHECK(config && driver);
    const enum km_status status = check_config(config, error);
    if (status != KM_OK) {
        return status;
    }
    if (strcmp(name, "auto") == 0) {
        return open_first(heap, config, driver, error);
    }
    const char *const colon = strchr(name, ':');
    if (!colon) {
        return open_one(heap, name, config, driver, error);
    }
    char short_name[NAME_SIZE];
    const size_t length = (size_t)(colon - name);
    if (length >= sizeof(short_name)) {
        return km_error_set(error, KM_ERROR_INVALID, "no driver is called '%s'", name);
    }
    memcpy(short_name, name, length);
    short_name[length] = '\0';
    struct km_driver_config with_device = *config;
    with_device.device = colon + 1;
    return open_one(heap, short_name, &with_device, driver, error);
}

void km_driver_free(struct km_driver *driver)
{
    if (driver) {
        km_driver_stop(driver);
        driver->backend->close(driver->instance);
        km_heap_release(driver->heap, driver->instance);
        km_heap_release(driver->heap, driver);
    }
}

// So that the priority is there from the first blocks on, as far as the device is quick.
static void wait_for_first_callback(struct km_driver *driver)
{
    for (int i = 0; i < FIRST_CALLBACK_MS_MAX; ++i) {
        if (__atomic_load_n(&driver->callback.has_thread, __ATOMIC_ACQUIRE)) {
            km_driver_look_at_thread(driver);
            return;
        }
        const struct timespec pause = {.tv_nsec = NS_PER_MS};
        (void)nanosleep(&pause, NULL);
    }
}

enum km_status km_driver_start(struct km_driver *driver, const struct km_audio_source *source,
                               struct km_error *error)
{
    KM_CHECK(driver && source);
    KM_CHECK(!driver->is_started);

    km_callback_begin(&driver->callback, source);
    const enum km_status status = driver->backend->start(driver->instance, error);
    if (status != KM_OK) {
        km_callback_end(&driver->callback);
        return status;
    }
    driver->is_started = true;
    driver->stopped_ns = 0;
    if (driver->backend->cure) {
        wait_for_first_callback(driver);
    }
    return KM_OK;
}

void km_driver_stop(struct km_driver *driver)
{
    KM_CHECK(driver);
    if (driver->is_started) {
        driver->is_started = false;
        driver->stopped_ns = km_callback_clock_ns();
        km_callback_end(&driver->callback);
        driver->backend->stop(driver->instance);
    }
}

void km_driver_advance(struct km_driver *driver, uint64_t frames, float *left, float *right)
{
    KM_CHECK(driver->backend->advance);
    driver->backend->advance(driver->instance, frames, left, right);
}
