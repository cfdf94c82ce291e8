"""A person's uploaded file, kept between the preview of an import and its confirmation."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.core import signing
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils import timezone

from tenants.context import require_tenant_id
from tenants.fields import ANY_CONTROL
from tenants.models import User

KEPT = timedelta(days=1)
SALT = "customers.uploads"
ROOT = "uploads"


class UploadGone(Exception):
    """The file was imported already, is too old, or is not this person's in this tenant."""


@dataclass(frozen=True)
class Upload:
    """`key` is a random name; the folder it is in is the tenant's and the person's own."""

    tenant: int
    user: int
    key: str
    name: str  # as the person's file is called
    digest: str

    @property
    def path(self) -> str:
        return f"{folder(self.tenant, self.user)}/{self.key}"

    @property
    def token(self) -> str:
        """What the page carries. It is signed, so that it leads to this file or to none."""
        return signing.dumps(asdict(self), salt=SALT)

    def read(self) -> bytes:
        """The bytes that were previewed. Raises UploadGone."""
        try:
            with default_storage.open(self.path) as file:
                data = bytes(file.read())
        except FileNotFoundError as error:
            raise UploadGone from error
        if hashlib.sha256(data).hexdigest() != self.digest:
            raise UploadGone
        return data

    def remove(self) -> None:
        default_storage.delete(self.path)


def folder(tenant_id: int, user_id: int) -> str:
    return f"{ROOT}/{tenant_id}/{user_id}"


def keep(file: File[bytes], *, by: User) -> tuple[Upload, bytes]:
    """Store the file for this person in the active tenant; give back its content too."""
    remove_old()
    file.seek(0)
    data = file.read()
    upload = Upload(
        tenant=require_tenant_id(),
        user=by.pk,
        key=secrets.token_hex(16),
        name=ANY_CONTROL.sub("", file.name or "")[:200] or "file",
        digest=hashlib.sha256(data).hexdigest(),
    )
    default_storage.save(upload.path, file)
    return upload, data


def find(token: str, *, by: User) -> Upload:
    """The upload that `token` stands for. Raises UploadGone unless it is this person's, here, and recent."""
    try:
        upload = Upload(**signing.loads(token, salt=SALT, max_age=KEPT))
    except signing.BadSignature as error:
        raise UploadGone from error
    if (upload.tenant, upload.user) != (require_tenant_id(), by.pk):
        raise UploadGone
    return upload


def remove_old() -> None:
    """Delete the tenant's uploads that nobody confirmed within a day."""
    tenants = f"{ROOT}/{require_tenant_id()}"
    if not default_storage.exists(tenants):
        return
    for person in default_storage.listdir(tenants)[0]:
        place = f"{tenants}/{person}"
        for name in default_storage.listdir(place)[1]:
            with suppress(FileNotFoundError):  # somebody else sweeps at the same time
                if default_storage.get_modified_time(f"{place}/{name}") < timezone.now() - KEPT:
                    default_storage.delete(f"{place}/{name}")
