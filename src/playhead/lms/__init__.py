"""The learning site: accounts, courses, enrolments, videos, and the pages of students and teachers.

`views/` answers addresses, `templates/` and `static/` say what that looks like, `models/` holds the tables, `api/` is
the REST API, `certificates/` makes certificates. What is decided and found out for all of them lies beside this file:

- people and doors: account_forms, addresses, backends, first_admin, invitations, sessions, throttle, closing, postman
- who may see and change what: access, grants, middleware, navigation
- courses: courses, course_forms, class_list, enrolling, copying, due, trail; terms, rule_forms, rule_words, completion
- watching: opening, embeds, videos, devices, environment, ask; joined_watching and outsiders for other systems' people
- numbers: progress, standings, explain, section_map, stretch_map, matrix, class_table, class_reading, timeline;
  shown_figure, breakdowns, cohorts, comparing, evidence
- looking ahead and around: studying, next_parts, news, insights, live, spoken
- the library: library, library_forms; other systems: api_keys, integration_forms, callback_forms, telling, unverified
- the installation: doctor, seed, admin, hashed_files; words, clock, icons and table_file serve every page
"""
