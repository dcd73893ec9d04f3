// SPDX-License-Identifier: MIT

#include "session/session.h"

#include "base/check.h"
#include "base/math.h"
#include "base/text.h"
#include "heap/heap.h"
#include "session/planner_private.h"

struct km_therapy_session {
    struct km_heap *heap;
    struct km_affect affect;
    bool is_placed; // The affect was set by hand.
    uint8_t motivation;
    double chaos;
    double vulnerability;
};

static struct km_affect neutral_affect(void)
{
    struct km_affect affect = {0};
    affect.primary = KM_EMOTION_NEUTRAL;
    affect.secondary = KM_AFFECT_NO_EMOTION;
    affect.ekman = KM_EKMAN_NEUTRAL;
    affect.node = KM_AFFECT_NO_NODE;
    return affect;
}

struct km_therapy_session *km_therapy_session_new(struct km_heap *heap)
{
    KM_CHECK(heap);
    struct km_therapy_session *const session =
        km_heap_allocate(heap, KM_ACCOUNT_WORKING, sizeof(*session));
    if (!session) {
        return session;
    }
    session->heap = heap;
    session->affect = neutral_affect();
    session->motivation = 5;
    session->chaos = 0.3;
    return session;
}

void km_therapy_session_free(struct km_therapy_session *session)
{
    if (session) {
        km_heap_release(session->heap, session);
    }
}

static bool is_blank_character(uint32_t code_point)
{
    return code_point <= ' ' || code_point == 0x7F || code_point == 0x85 || code_point == 0xA0 ||
           code_point == 0x1680 || (code_point >= 0x2000 && code_point <= 0x200F) ||
           code_point == 0x2028 || code_point == 0x2029 || code_point == 0x202F ||
           code_point == 0x205F || code_point == 0x3000 || code_point == 0xFEFF;
}

static bool is_blank(const char *text, size_t size)
{
    size_t position = 0;
    while (position < size) {
        if (!is_blank_character(km_text_next(text, size, &position))) {
            return false;
        }
    }
    return true;
}

enum km_status km_therapy_session_process_core_input(struct km_therapy_session *session,
                                                     const char *text, size_t size,
                                                     struct km_error *error)
{
    KM_CHECK(session);
    KM_CHECK(text || size == 0);
    if (size <= KM_AFFECT_TEXT_SIZE_MAX && is_blank(text, size)) {
        if (!session->is_placed) { // Silence takes nothing back.
            session->affect = neutral_affect();
        }
        return KM_OK;
    }
    struct km_affect affect;
    const enum km_status status = km_affect_of_text(text, size, &affect, error);
    if (status == KM_OK) {
        session->affect = affect;
        session->is_placed = false;
    }
    return status;
}

enum km_status km_therapy_session_set_point(struct km_therapy_session *session, double valence,
                                            double arousal, struct km_error *error)
{
    KM_CHECK(session);
    if (!(valence >= -1 && valence <= 1) || !(arousal >= -1 && arousal <= 1)) {
        return km_error_set(error, KM_ERROR_RANGE, "valence and arousal lie between -1 and 1");
    }
    km_affect_of_point(valence, arousal, &session->affect);
    session->is_placed = true;
    return KM_OK;
}

enum km_status km_therapy_session_set_scales(struct km_therapy_session *session, double motivation,
                                             double chaos, struct km_error *error)
{
    KM_CHECK(session);
    if (!(motivation >= 1 && motivation <= 10)) {
        return km_error_set(error, KM_ERROR_RANGE, "motivation lies between 1 and 10");
    }
    if (!(chaos >= 0 && chaos <= 1)) {
        return km_error_set(error, KM_ERROR_RANGE, "chaos lies between 0 and 1");
    }
    session->motivation = (uint8_t)km_round(motivation);
    session->chaos = chaos;
    return KM_OK;
}

enum km_status km_therapy_session_set_vulnerability(struct km_therapy_session *session,
                                                    double vulnerability, struct km_error *error)
{
    KM_CHECK(session);
    if (!(vulnerability >= 0 && vulnerability <= 1)) {
        return km_error_set(error, KM_ERROR_RANGE, "vulnerability lies between 0 and 1");
    }
    session->vulnerability = vulnerability;
    return KM_OK;
}

const struct km_affect *km_therapy_session_affect(const struct km_therapy_session *session)
{
    KM_CHECK(session);
    return &session->affect;
}

enum km_status km_therapy_session_generate_plan(struct km_therapy_session *session,
                                                const struct km_plan_wishes *wishes, uint64_t seed,
                                                struct km_harmony_plan *plan,
                                                struct km_error *error)
{
    KM_CHECK(session);
    const struct km_plan_intent intent = {
        .affect = &session->affect,
        .motivation = session->motivation,
        .chaos = session->chaos,
        .vulnerability = session->vulnerability,
    };
    return km_plan_generate(&intent, wishes, seed, plan, error);
}
