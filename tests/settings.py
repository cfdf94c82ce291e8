"""Settings of the test run: the product's own, on a Postgres of its own that need not survive a power cut."""

import os

# A test run never goes near a database that somebody has pointed this shell at.
for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
    os.environ.pop(name, None)

from config.settings import *  # noqa: E402
from config.settings import DATA_DIR  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMBEDDED_POSTGRES = {
    "data": DATA_DIR / "test",
    "options": {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"},
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
# Or every test client would look for all static files before its first request.
WHITENOISE_AUTOREFRESH = True
