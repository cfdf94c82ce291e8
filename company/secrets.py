"""Secrets that the database keeps but cannot read: encrypted with a key made of SECRET_KEY."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def encrypted(text: str) -> str:
    return _cipher().encrypt(text.encode()).decode()


def decrypted(text: str) -> str:
    """Also what an earlier key of SECRET_KEY_FALLBACKS encrypted. Raises InvalidToken for anything else."""
    return _cipher().decrypt(text.encode()).decode()


def _cipher() -> MultiFernet:
    return MultiFernet(
        Fernet(urlsafe_b64encode(sha256(f"clientele second factors {key}".encode()).digest()))
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    )
