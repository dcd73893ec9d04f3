// SPDX-License-Identifier: MIT

/// Whether a text is well-formed XML, as far as our own pictures go: elements, attributes, the five
/// named entities; no declarations, comments or sections.
#ifndef KM_TESTS_SUPPORT_XML_H
#define KM_TESTS_SUPPORT_XML_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { XML_DEPTH_MAX = 32, XML_NAME_MAX = 32 };

/// Elements that are open. Zero-initialised: none.
struct xml_stack {
    char names[XML_DEPTH_MAX][XML_NAME_MAX];
    int depth;
    int roots;
};

static inline size_t xml_name_length(const char *c)
{
    return strspn(c, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:");
}

static inline bool xml_is_entity(const char *c)
{
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); ++i) {
        if (strncmp(c, entities[i], strlen(entities[i])) == 0) {
            return true;
        }
    }
    return false;
}

// ` name="value"`, as often as they come; null if one is broken.
static inline const char *xml_skip_attributes(const char *c)
{
    while (*c == ' ') {
        const size_t length = xml_name_length(c + 1);
        c += 1 + length;
        if (length == 0 || c[0] != '=' || c[1] != '"') {
            return NULL;
        }
        const char *const end = strpbrk(c + 2, "\"<&");
        if (!end || *end != '"') {
            return NULL;
        }
        c = end + 1;
    }
    return c;
}

// One tag; null if it is broken.
static inline const char *xml_skip_tag(const char *c, struct xml_stack *stack)
{
    const bool is_end = c[1] == '/';
    const char *const name = c + 1 + is_end;
    const size_t length = xml_name_length(name);
    if (length == 0 || length >= XML_NAME_MAX) {
        return NULL;
    }
    if (is_end) {
        stack->depth -= 1;
        const bool fits = stack->depth >= 0 && name[length] == '>' &&
                          strlen(stack->names[stack->depth]) == length &&
                          memcmp(stack->names[stack->depth], name, length) == 0;
        return fits ? name + length + 1 : NULL;
    }
    stack->roots += stack->depth == 0;
    c = xml_skip_attributes(name + length);
    if (c && c[0] == '/' && c[1] == '>') {
        return c + 2;
    }
    if (!c || *c != '>' || stack->depth == XML_DEPTH_MAX) {
        return NULL;
    }
    memcpy(stack->names[stack->depth], name, length);
    stack->names[stack->depth++][length] = '\0';
    return c + 1;
}

// One character between tags.
static inline bool xml_is_character(const char *c, const struct xml_stack *stack)
{
    if (*c == ' ' || *c == '\n') {
        return true;
    }
    const unsigned char byte = (unsigned char)*c;
    return stack->depth > 0 && byte >= 0x20 && byte != 0x7F && (*c != '&' || xml_is_entity(c));
}

static inline bool xml_is_well_formed(const char *text)
{
    struct xml_stack stack = {.depth = 0};
    if (!km_text_is_utf8(text, strlen(text))) {
        return false;
    }
    const char *c = text;
    while (c && *c != '\0') {
        if (*c == '<') {
            c = xml_skip_tag(c, &stack);
        } else {
            c = xml_is_character(c, &stack) ? c + 1 : NULL;
        }
    }
    return c && stack.depth == 0 && stack.roots == 1;
}

#endif
