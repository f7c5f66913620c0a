"""Numbers: one hash however they are written, proofs and stops."""

import pytest

from backend.core.clock import FixedClock
from backend.core.privacy import Vault
from backend.core.resources import Resources
from backend.phones.service import Phones, StopReason, phone_hash

VAULT = Vault(current=b"c" * 32, hash_key=b"h" * 32)
MOBILE = "13800001234"


class TestHash:
    @pytest.mark.parametrize(
        "written", ["+8613800001234", "138-0000-1234", "１３８００００１２３４", "0086 13800001234"]
    )
    def test_is_the_same_however_it_is_written(self, written: str) -> None:
        assert phone_hash(VAULT, written) == phone_hash(VAULT, MOBILE)

    @pytest.mark.parametrize("foreign", ["+13800001234", " +1 380 000 1234"])
    def test_of_a_foreign_number_with_the_same_digits_is_another(self, foreign: str) -> None:
        assert phone_hash(VAULT, foreign) != phone_hash(VAULT, MOBILE)

    def test_of_hong_kong_numbers_needs_no_plus(self) -> None:
        assert phone_hash(VAULT, "+85264507000") == phone_hash(VAULT, "852 6450 7000")


class TestStops:
    async def test_the_first_reason_stays_and_may_be_lifted_alone(
        self, api_resources: Resources, clock: FixedClock
    ) -> None:
        async with api_resources.database.transaction() as session:
            phones = Phones(session, api_resources.vault)
            await phones.stop(MOBILE, StopReason.WRONG_NUMBER, clock.now())
            await phones.stop(f"+86{MOBILE}", StopReason.OPTED_OUT, clock.now())
            assert await phones.stopped(MOBILE) is StopReason.WRONG_NUMBER
            assert not await phones.resume(MOBILE, StopReason.OPTED_OUT)
            assert await phones.resume(MOBILE)
            assert await phones.stopped(MOBILE) is None


class TestProof:
    async def test_of_one_conversation_is_its_newest_number(
        self, api_resources: Resources, clock: FixedClock
    ) -> None:
        async with api_resources.database.transaction() as session:
            phones = Phones(session, api_resources.vault)
            assert await phones.proven_by("c") is None
            for number in ("+8613900005678", f"+86{MOBILE}"):
                await phones.prove("c", number, clock.now())
            assert await phones.proven_by("c") == phone_hash(api_resources.vault, MOBILE)
