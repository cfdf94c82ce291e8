"""Style sheets, scripts and icons under names that carry a hash of their content, so browsers keep them."""

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped library
    """Every reference, `import` statements of scripts included, leads to the hashed name.

    Where nothing has been collected, an embedded installation serves the files as they lie in the source
    (WHITENOISE_USE_FINDERS); a production one fails, and the message says to run collectstatic.
    """

    # Django's switch for this would also look into other people's scripts, which import what isn't there.
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )

    def stored_name(self, name: str) -> str:
        if settings.EMBEDDED and not self.hashed_files:
            return name
        return str(super().stored_name(name))
