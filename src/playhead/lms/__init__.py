"""The learning site: accounts, courses, enrolments, videos, and the pages of students and teachers."""
