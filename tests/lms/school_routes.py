"""The rows of the access table for accounts, people of a course, its settings, and help: see test_access.py.

In the order anonymous, charlie (enrolled nowhere), olga (teaches elsewhere), bob (student), alice (teacher), ada
(admin). What assistants may is in test_course_settings.py.
"""

NOBODY = "u_nobody"
OWN = (-1, 200, 200, 200, 200, 200)
OWN_SENT = (-1, 302, 302, 302, 302, 302)
OWN_EMPTY = (-1, 400, 400, 400, 400, 400)
ADMIN = (-1, 403, 403, 403, 403, 200)
ADMIN_MISSING = (-1, 403, 403, 403, 403, 404)
TEACHER = (-1, 403, 403, 403, 200, 200)
TEACHER_SENT = (-1, 403, 403, 403, 302, 302)
TEACHER_EMPTY = (-1, 403, 403, 403, 400, 400)
TEACHER_MISSING = (-1, 403, 403, 403, 404, 404)
ANYBODY = (200, 200, 200, 200, 200, 200)
NOTHING = (404, 404, 404, 404, 404, 404)

# Name of the route: how it is asked (GET or POST), with what, and what comes back. Things and people of the school by
# name; what is none of them is put into the address as it is. After a comma: a second row for the same route.
ROWS: dict[str, tuple[str, tuple[str, ...], tuple[int, ...]]] = {
    "help-tracking": ("GET", (), ANYBODY),
    "insights": ("GET", ("course",), TEACHER),
    "compare-course": ("GET", ("course",), TEACHER),
    "compare-video": ("GET", ("film",), TEACHER),
    "live": ("GET", ("course",), TEACHER),
    "setup": ("GET", ("no-such-token",), NOTHING),
    "invitation": ("GET", ("no-such-token",), NOTHING),
    "forgotten": ("GET", (), ANYBODY),
    "password-reset": ("GET", ("MQ", "no-such-token"), ANYBODY),
    "account": ("GET", (), OWN),
    "change-name": ("POST", (), OWN_EMPTY),
    "change-address": ("POST", (), OWN_EMPTY),
    "confirm-address": ("GET", ("no-such-token",), (-1, 404, 404, 404, 404, 404)),
    "change-password": ("POST", (), OWN_EMPTY),
    "end-other-sessions": ("POST", (), OWN_SENT),
    "end-session": ("POST", ("no-such-session",), OWN_SENT),
    "accounts": ("GET", (), ADMIN),
    "unverified": ("GET", (), ADMIN),
    # From pages of no integration: test_unverified.py.
    "tell-event": ("POST", (), (403, 403, 403, 403, 403, 403)),
    "tell-events": ("POST", (), (403, 403, 403, 403, 403, 403)),
    "invite-to-site": ("POST", (), (-1, 403, 403, 403, 403, 400)),
    "withdraw-site-invitation": ("POST", ("1000",), (-1, 403, 403, 403, 403, 404)),
    "switch-off": ("POST", (NOBODY,), (-1, 403, 403, 403, 403, 404)),
    "switch-on": ("POST", (NOBODY,), (-1, 403, 403, 403, 403, 404)),
    "studio": ("GET", (), (-1, 403, 501, 403, 501, 501)),
    "certificate": ("GET", ("cert_none", "0123"), NOTHING),
    "certificate-paper": ("GET", ("cert_none", "0123"), NOTHING),
    "issue-certificate": ("POST", ("course", "bob"), (-1, 403, 403, 409, 409, 409)),
    "withdraw-certificate": ("POST", ("cert_none", "0123"), (-1, 404, 404, 404, 404, 404)),
    "integrations": ("GET", (), ADMIN),
    "integrations, sent": ("POST", (), (-1, 403, 403, 403, 403, 400)),
    "integration": ("GET", ("i_none",), ADMIN_MISSING),
    "switch-integration": ("POST", ("i_none",), ADMIN_MISSING),
    "add-callback": ("POST", ("i_none",), ADMIN_MISSING),
    "give-courses": ("POST", ("i_none",), ADMIN_MISSING),
    "make-api-key": ("POST", ("i_none",), ADMIN_MISSING),
    "replace-api-key": ("POST", ("i_none", "1"), ADMIN_MISSING),
    "revoke-api-key": ("POST", ("i_none", "1"), ADMIN_MISSING),
    "rotate-playback-key": ("POST", ("i_none",), ADMIN_MISSING),
    "callbacks": ("GET", (), ADMIN),
    "callbacks, sent": ("POST", (), (-1, 403, 403, 403, 403, 400)),
    "endpoint": ("GET", ("e_none",), ADMIN_MISSING),
    "endpoint-do": ("POST", ("e_none", "test"), ADMIN_MISSING),
    "resend-range": ("POST", ("e_none",), ADMIN_MISSING),
    "callback-message": ("GET", ("e_none", "1"), ADMIN_MISSING),
    "resend-message": ("POST", ("e_none", "1"), ADMIN_MISSING),
    # Open to whoever knows the address, which holds a token: test_callbacks.py.
    "kollus-callback": ("POST", ("i_none", "no-such-token"), (403, 403, 403, 403, 403, 403)),
    "course-export": ("GET", ("course",), TEACHER),
    "export-file": ("GET", ("course", "videos", "csv"), TEACHER),
    "export-file, unknown": ("GET", ("course", "secrets", "csv"), TEACHER_MISSING),
    "student-record": ("GET", ("course", "bob"), TEACHER),
    "own-record": ("GET", (), OWN),
    "schedules": ("GET", (), ADMIN),
    "schedules, sent": ("POST", (), (-1, 403, 403, 403, 403, 400)),
    "schedule-do": ("POST", ("x_none", "now"), ADMIN_MISSING),
    "sinks": ("GET", (), ADMIN),
    "sink-do": ("POST", ("k_none", "on"), ADMIN_MISSING),
    "new-course": ("GET", (), (-1, 403, 200, 403, 200, 200)),
    "course-settings": ("GET", ("course",), TEACHER),
    "course-settings, sent": ("POST", ("course",), TEACHER_EMPTY),
    "course-rules": ("GET", ("course",), TEACHER),
    "course-rules, sent": ("POST", ("course",), TEACHER_SENT),
    "video-rules": ("GET", ("film",), TEACHER),
    "video-rules, sent": ("POST", ("film",), TEACHER_SENT),
    "forget-device": ("POST", ("course", "bob", "1000"), TEACHER_SENT),
    "ask-lms": ("GET", ("i_none",), (-1, 403, 403, 403, 403, 404)),
    # Open to whoever holds another system's token, and to nobody else: test_joined.py.
    "joined-watch": ("GET", (), (401, 401, 401, 401, 401, 401)),
    "joined-watch-kollus": ("GET", (), (401, 401, 401, 401, 401, 401)),
    "joined-open": ("POST", (), (400, 400, 400, 400, 400, 400)),
    "joined-renew": ("POST", ("p_elsewhere",), (401, 401, 401, 401, 401, 401)),
    "due-dates": ("POST", ("course",), TEACHER_SENT),
    "archive-course": ("POST", ("course",), TEACHER_SENT),
    "restore-course": ("POST", ("course",), TEACHER_SENT),
    "copy-course": ("GET", ("course",), TEACHER),
    "copy-course, sent": ("POST", ("course",), TEACHER_EMPTY),
    "trail": ("GET", ("course",), TEACHER),
    "library": ("GET", ("course",), TEACHER),
    "library-states": ("GET", ("course",), TEACHER),
    "begin-upload": ("POST", ("course",), TEACHER_EMPTY),
    "library-remove": ("POST", ("course",), TEACHER_SENT),
    "library-edit": ("GET", ("course", "a_nothing"), TEACHER_MISSING),
    "add-captions": ("POST", ("course", "a_nothing"), TEACHER_MISSING),
    "remove-captions": ("POST", ("course", "a_nothing", "en"), TEACHER_MISSING),
    "library-replace": ("GET", ("course", "a_nothing"), TEACHER_MISSING),
    "library-restore": ("POST", ("course", "a_nothing"), TEACHER_MISSING),
    "library-still": ("GET", ("course", "a_nothing", "0"), TEACHER_MISSING),
    "people": ("GET", ("course",), TEACHER),
    "people, sent": ("POST", ("course",), TEACHER_EMPTY),
    "bring-list": ("GET", ("course",), TEACHER),
    "bring-list, sent": ("POST", ("course",), TEACHER_EMPTY),
    "invite": ("POST", ("course",), TEACHER_EMPTY),
    "withdraw-invitation": ("POST", ("course", "1000"), TEACHER_MISSING),
    "unenrol": ("POST", ("course", "bob"), TEACHER_SENT),
    "change-role": ("POST", ("course", "bob"), TEACHER_EMPTY),
    "student-terms": ("GET", ("course", "bob"), TEACHER),
    "student-terms, sent": ("POST", ("course", "bob"), TEACHER_EMPTY),
    "end-accommodation": ("POST", ("course", "bob", "1000"), TEACHER_MISSING),
    "override": ("POST", ("course", "bob"), TEACHER_EMPTY),
    "withdraw-override": ("POST", ("course", "bob", "film"), TEACHER_SENT),
}
