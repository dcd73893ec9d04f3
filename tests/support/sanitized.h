// SPDX-License-Identifier: MIT

/// Whether a sanitizer watches: it makes code several times slower, and answers some calls itself.
#ifndef KM_TESTS_SUPPORT_SANITIZED_H
#define KM_TESTS_SUPPORT_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KM_IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KM_IS_SANITIZED 1
#endif
#endif

#if !defined(KM_IS_SANITIZED)
#define KM_IS_SANITIZED 0
#endif

#endif
