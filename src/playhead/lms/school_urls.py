"""Addresses of accounts, of the people of a course, and of its settings."""

from django.urls import path

from playhead.lms.views import (
    account,
    accounts,
    certificates,
    course_settings,
    doors,
    help,
    passwords,
    people,
    student_terms,
)

urlpatterns = [
    path("help/tracking/", help.tracking, name="help-tracking"),
    path("setup/<str:token>/", doors.setup, name="setup"),
    path("invitations/<str:token>/", doors.invitation, name="invitation"),
    path("password/forgotten/", passwords.forgotten, name="forgotten"),
    path("password/<str:uidb64>/<str:token>/", passwords.Reset.as_view(), name="password-reset"),
    path("account/", account.account, name="account"),
    path("account/name/", account.change_name, name="change-name"),
    path("account/password/", account.change_password, name="change-password"),
    path("account/sessions/end-others/", account.end_others, name="end-other-sessions"),
    path("account/sessions/<str:session>/end/", account.end_one, name="end-session"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/invite/", accounts.invite, name="invite-to-site"),
    path("accounts/invitations/<int:number>/withdraw/", accounts.withdraw, name="withdraw-site-invitation"),
    path("accounts/<str:user_key>/off/", accounts.switch_off, name="switch-off"),
    path("accounts/<str:user_key>/on/", accounts.switch_on, name="switch-on"),
    path("courses/new/", course_settings.new_course, name="new-course"),
    path("courses/<str:key>/settings/", course_settings.settings_page, name="course-settings"),
    path("courses/<str:key>/settings/due/", course_settings.due_dates, name="due-dates"),
    path("courses/<str:key>/archive/", course_settings.archive, name="archive-course"),
    path("courses/<str:key>/restore/", course_settings.restore, name="restore-course"),
    path("courses/<str:key>/copy/", course_settings.copy, name="copy-course"),
    path("courses/<str:key>/trail/", course_settings.trail_page, name="trail"),
    path("courses/<str:key>/people/", people.people, name="people"),
    path("courses/<str:key>/people/list/", people.bring_list, name="bring-list"),
    path("courses/<str:key>/people/invite/", people.invite, name="invite"),
    path(
        "courses/<str:key>/invitations/<int:number>/withdraw/", people.withdraw_invitation, name="withdraw-invitation"
    ),
    path("courses/<str:key>/people/<str:user_key>/remove/", people.unenrol, name="unenrol"),
    path("courses/<str:key>/people/<str:user_key>/role/", people.change_role, name="change-role"),
    path("courses/<str:key>/students/<str:user_key>/terms/", student_terms.terms_page, name="student-terms"),
    path(
        "courses/<str:key>/students/<str:user_key>/terms/<int:number>/end/",
        student_terms.end_accommodation,
        name="end-accommodation",
    ),
    path(
        "courses/<str:key>/students/<str:user_key>/certificate/",
        certificates.issue_certificate,
        name="issue-certificate",
    ),
    path("certificates/<str:key>/<str:fingerprint>/", certificates.certificate_page, name="certificate"),
    path(
        "certificates/<str:key>/<str:fingerprint>/certificate.pdf",
        certificates.certificate_paper,
        name="certificate-paper",
    ),
    path(
        "certificates/<str:key>/<str:fingerprint>/withdraw/",
        certificates.withdraw_certificate,
        name="withdraw-certificate",
    ),
    path("courses/<str:key>/students/<str:user_key>/overrides/", student_terms.override, name="override"),
    path(
        "courses/<str:key>/students/<str:user_key>/overrides/<str:video_key>/withdraw/",
        student_terms.withdraw_override,
        name="withdraw-override",
    ),
]
