"""Who a citizen is on a channel, as the database may know it."""

import uuid

from backend.core.privacy import Vault

_PURPOSE = "conversation-address"


def address_hash(vault: Vault, channel: str, address: str) -> str:
    """How an address (session token, OpenID, phone) is stored."""
    return vault.keyed_hash(_PURPOSE, f"{channel}:{address}")


def parsed_id(text: str | None) -> uuid.UUID | None:
    """The id of one of our conversations; cases may also come from elsewhere."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def conversation_id(vault: Vault, channel: str, address: str) -> uuid.UUID:
    """The id this address's conversation has or will have; it tells nothing about the address."""
    return uuid.UUID(address_hash(vault, channel, address)[:32])
