// SPDX-License-Identifier: MIT

#include "apps/midi_problems.h"

#include "heap/heap.h"

enum km_status km_problem_list_init(struct km_problem_list *list, struct km_heap *heap,
                                    size_t limit, struct km_error *error)
{
    *list = (struct km_problem_list){.heap = heap, .limit = limit};
    if (limit > 0) {
        list->items = km_heap_allocate(heap, KM_ACCOUNT_WORKING, limit * sizeof(*list->items));
    }
    return list->items || limit == 0 ? KM_OK : km_heap_refusal(heap, error);
}

void km_problem_list_release(struct km_problem_list *list)
{
    km_heap_release(list->heap, list->items);
    list->items = NULL;
}

static void tell(void *context, const struct km_midi_problem *problem)
{
    struct km_problem_list *const list = context;
    if (list->kept < list->limit) {
        list->items[list->kept++] = *problem;
    }
    const struct km_midi_listener counter = km_midi_problems_listener(&list->counts);
    counter.tell(counter.context, problem);
}

struct km_midi_listener km_problem_list_listener(struct km_problem_list *list)
{
    return (struct km_midi_listener){.tell = tell, .context = list};
}

static json_t *problem_to_json(const struct km_midi_problem *problem)
{
    json_t *const track = problem->track >= 0 ? json_integer(problem->track) : json_null();
    return json_pack("{s:s, s:I, s:o, s:I, s:s, s:s}", "fault", km_midi_fault_name(problem->fault),
                     "offset", (json_int_t)problem->offset, "track", track, "tick",
                     (json_int_t)problem->tick, "text", km_midi_fault_what(problem->fault), "done",
                     km_midi_fault_done(problem->fault));
}

json_t *km_problem_list_json(const struct km_problem_list *list)
{
    json_t *const array = json_array();
    for (size_t i = 0; array && i < list->kept; ++i) {
        if (json_array_append_new(array, problem_to_json(&list->items[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}
