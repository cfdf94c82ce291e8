"""Settings of the test run: the product's own, on a Postgres of its own that need not survive a power cut."""

from config.settings import *
from config.settings import DATA_DIR

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
