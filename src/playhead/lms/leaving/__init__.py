"""What may leave of the site's courses: tables for those who teach them, and a student's whole record."""
