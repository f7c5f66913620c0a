"""People's data: sealed, found by keyed hash, masked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.privacy import (
    SealError,
    Vault,
    key_id,
    mask_name,
    mask_phone,
    mask_text,
    normalise_phone,
)

OLD, NEW, HASH = b"o" * 32, b"n" * 32, b"h" * 32
CONTACT = {"name": "陈女士", "phone": "13800001234"}


class TestSeal:
    def test_opens_to_what_was_sealed(self) -> None:
        vault = Vault(current=NEW, hash_key=HASH)
        assert vault.open(vault.seal(CONTACT, "contact"), "contact") == CONTACT

    def test_shows_nothing_of_its_content(self) -> None:
        sealed = Vault(current=NEW, hash_key=HASH).seal(CONTACT, "contact")
        assert "138" not in sealed
        assert "陈" not in sealed

    def test_equal_contents_look_different(self) -> None:
        vault = Vault(current=NEW, hash_key=HASH)
        assert vault.seal(CONTACT, "contact") != vault.seal(CONTACT, "contact")

    def test_names_its_key_so_that_keys_can_change(self) -> None:
        sealed = Vault(current=OLD, hash_key=HASH).seal(CONTACT, "contact")
        assert sealed.split(".")[1] == key_id(OLD)
        rotated = Vault(current=NEW, hash_key=HASH, retired=(OLD,))
        assert rotated.open(sealed, "contact") == CONTACT

    @pytest.mark.parametrize(
        ("vault", "purpose"),
        [
            pytest.param(Vault(current=OLD, hash_key=HASH), "contact", id="unknown key"),
            pytest.param(Vault(current=NEW, hash_key=HASH), "other", id="other purpose"),
        ],
    )
    def test_stays_shut_otherwise(self, vault: Vault, purpose: str) -> None:
        sealed = Vault(current=NEW, hash_key=HASH).seal(CONTACT, "contact")
        with pytest.raises(SealError):
            vault.open(sealed, purpose)

    @given(st.text())
    def test_foreign_text_is_refused(self, text: str) -> None:
        with pytest.raises(SealError):
            Vault(current=NEW, hash_key=HASH).open(text, "contact")

    def test_does_not_print_its_keys(self) -> None:
        assert "nnn" not in repr(Vault(current=NEW, hash_key=HASH))


class TestKeyedHash:
    def test_same_value_same_hash(self) -> None:
        vault = Vault(current=NEW, hash_key=HASH)
        assert vault.keyed_hash("phone", "1") == vault.keyed_hash("phone", "1")

    def test_purposes_and_keys_keep_values_apart(self) -> None:
        vault, other = Vault(current=NEW, hash_key=HASH), Vault(current=NEW, hash_key=OLD)
        hashes = {
            vault.keyed_hash("a", "1"),
            vault.keyed_hash("b", "1"),
            other.keyed_hash("a", "1"),
        }
        assert len(hashes) == 3


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        ("138 0000-1234", "13800001234"),
        ("+86 13800001234", "13800001234"),
        ("008613800001234", "13800001234"),
        ("１３８００００１２３４", "13800001234"),
        ("0769-22223333", "076922223333"),
    ],
)
def test_normalise_phone(raw: str, digits: str) -> None:
    assert normalise_phone(raw) == digits


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("13800001234", "138****1234"), ("076922223333", "076*****3333"), ("2222333", "*****33"),
     (None, None), ("", "")],
)  # fmt: skip
def test_mask_phone(phone: str | None, masked: str | None) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("name", "masked"), [("陈女士", "陈**"), ("陈", "陈*"), (None, None), ("", "")]
)
def test_mask_name(name: str | None, masked: str | None) -> None:
    assert mask_name(name) == masked


class TestMaskText:
    @pytest.mark.parametrize(
        ("text", "masked"),
        [
            pytest.param("电话13800001234。", "电话*******1234。", id="mobile"),
            pytest.param("138 0000 1234", "*** **** 1234", id="mobile with blanks"),
            pytest.param("１３８００００１２３４", "*******1234", id="full-width"),
            pytest.param("0769-22223333", "****-****3333", id="landline"),
            pytest.param("44190019900101123X", "*" * 18, id="identity card"),
            pytest.param("6222 0200 0000 0000 000", "**** **** **** **** ***", id="bank card"),
            pytest.param("WSS26110300019 有200户，3万元", "WSS26110300019 有200户，3万元",
                         id="numbers that are nobody's"),
        ],
    )  # fmt: skip
    def test_hides_numbers_of_people(self, text: str, masked: str) -> None:
        assert mask_text(text) == masked

    def test_identity_only_keeps_phones(self) -> None:
        text = "13800001234 44190019900101123X"
        assert mask_text(text, identity_only=True) == "13800001234 " + "*" * 18

    @given(st.text())
    def test_keeps_the_length(self, text: str) -> None:
        assert len(mask_text(text)) == len(text)
