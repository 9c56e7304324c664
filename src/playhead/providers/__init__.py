"""Accounts at Vimeo, Cloudinary and Kollus, and the videos there: brought, described, deleted, kept in step."""
