"""What the identity provider signs, checked against its public keys."""

from __future__ import annotations

import threading
import time
from typing import Any

import requests
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from . import provider

#: Seconds that the clocks of provider and portal may be apart.
LEEWAY = 30

_ALGORITHMS = ["RS256", "PS256", "ES256"]
# An unknown key is looked for anew, and no oftener: else made-up tokens would flood the provider.
_SECONDS_BETWEEN_FETCHES = 5.0


class FalseToken(Exception):
    """A token is not the provider's, not for us, or not valid now."""


def checked_claims(token: str, registry: jwt.JWTClaimsRegistry) -> dict[str, Any]:
    """Return the claims of a signed token that `registry` finds right.

    Raises `FalseToken` or `provider.ProviderUnreachable`.
    """
    try:
        header = jws.extract_compact(token.encode()).headers()
        decoded = jwt.decode(token, _keys.having(header.get("kid")), algorithms=_ALGORITHMS)
        registry.validate(decoded.claims)
    except requests.RequestException as error:
        raise provider.ProviderUnreachable(str(error)) from error
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise FalseToken(f"{type(error).__name__}: {error}") from error
    return dict(decoded.claims)


class _Keys:
    """The provider's public keys, fetched when a token names one that is not known."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._fetched = -_SECONDS_BETWEEN_FETCHES

    def having(self, key_id: object) -> KeySet:
        """Return the keys, fetched anew where `key_id` is not among them."""
        with self._lock:
            known = self._keys is not None and any(key.kid == key_id for key in self._keys.keys)
            if not known and time.monotonic() - self._fetched >= _SECONDS_BETWEEN_FETCHES:
                self._fetched = time.monotonic()
                self._keys = KeySet.import_key_set(provider.keys())  # type: ignore[arg-type]
            if self._keys is None:
                raise provider.ProviderUnreachable("the provider's keys are not known")
            return self._keys


_keys = _Keys()
