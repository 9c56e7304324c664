"""The school of the site's tests is the studio's, too."""

from tests.lms.conftest import live_school, password_hash

__all__ = ["live_school", "password_hash"]
