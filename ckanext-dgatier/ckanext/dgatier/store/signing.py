"""What signs: checkpoints of the audit by Ed25519 (RFC 8032), webhooks by HMAC (RFC 2104)."""

from __future__ import annotations

import hmac
from functools import lru_cache

from ckan.plugins import toolkit
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class BadSigningKey(Exception):
    """The configured key is not 64 hexadecimal digits."""


def sign(message: bytes) -> bytes:
    """Return the signature, 64 bytes."""
    return _key().sign(message)


def verify(message: bytes, signature: bytes) -> bool:
    """Say whether a signature is ours."""
    try:
        _key().public_key().verify(signature, message)
    except InvalidSignature:
        return False
    return True


def public_key() -> str:
    """Return the public key as PEM, for those who check receipts elsewhere."""
    key = _key().public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def webhook_secret(webhook_id: str) -> str:
    """Return the secret that signs what goes to a webhook; it is worked out, and kept nowhere."""
    key = bytes.fromhex(str(toolkit.config["ckanext.dgatier.audit.signing_key"]))
    return hmac.digest(key, f"webhook {webhook_id}".encode(), "sha256").hex()


def _key() -> Ed25519PrivateKey:
    return _read(str(toolkit.config["ckanext.dgatier.audit.signing_key"]))


@lru_cache(maxsize=2)
def _read(text: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
    except ValueError as error:
        raise BadSigningKey(
            "ckanext.dgatier.audit.signing_key is not 64 hexadecimal digits"
        ) from error
