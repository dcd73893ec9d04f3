// SPDX-License-Identifier: MIT

#include "base/sink.h"

#include "base/check.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum km_status km_sink_write(struct km_sink *sink, const void *bytes, size_t size)
{
    if (sink->status == KM_OK && size > 0) {
        sink->status = sink->write(sink->context, bytes, size);
    }
    return sink->status;
}

enum km_status km_sink_text(struct km_sink *sink, const char *text)
{
    return km_sink_write(sink, text, strlen(text));
}

enum km_status km_sink_format(struct km_sink *sink, const char *format, ...)
{
    char text[KM_SINK_FORMAT_SIZE_MAX];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(text)) {
        if (sink->status == KM_OK) {
            sink->status = KM_ERROR_TOO_LARGE;
        }
        return sink->status;
    }
    return km_sink_write(sink, text, (size_t)length);
}

enum km_status km_sink_real(struct km_sink *sink, double value, int decimals)
{
    char text[KM_TEXT_REAL_SIZE];
    return km_sink_write(sink, text, km_text_format_real(text, value, decimals));
}

enum km_status km_sink_json_text(struct km_sink *sink, const char *text)
{
    km_sink_text(sink, "\"");
    for (const char *c = text; *c; ++c) {
        const unsigned char byte = (unsigned char)*c;
        if (byte == '"' || byte == '\\') {
            km_sink_format(sink, "\\%c", byte);
        } else if (byte < 0x20) {
            km_sink_format(sink, "\\u%04x", (unsigned int)byte);
        } else {
            km_sink_write(sink, c, 1);
        }
    }
    return km_sink_text(sink, "\"");
}

static enum km_status write_to_memory(void *context, const void *bytes, size_t size)
{
    struct km_sink_memory *const memory = context;
    if (size > memory->size - memory->used) {
        return KM_ERROR_TOO_LARGE;
    }
    memcpy(memory->bytes + memory->used, bytes, size);
    memory->used += size;
    return KM_OK;
}

struct km_sink km_sink_to_memory(struct km_sink_memory *memory)
{
    KM_CHECK(memory);
    KM_CHECK(memory->used <= memory->size);
    return (struct km_sink){.write = write_to_memory, .context = memory};
}
