"""Signatures, with Twilio's own validator as the other side."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlparse

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator, add_port, remove_port

from backend.channels.sms.signature import (
    gateway_signature,
    is_fresh,
    is_from_gateway,
    is_from_twilio,
    twilio_signature,
)

TOKEN = "12345"
URL = "https://guanjia.example/webhooks/sms/inbound"
FORM = {"MessageSid": "SM1", "Body": "路灯坏了", "FromCity": "", "From": "+8613800001234"}
_TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


class TestTwilio:
    @settings(deadline=None)
    @given(st.dictionaries(_TEXT, _TEXT, max_size=8))
    def test_is_what_twilios_validator_computes(self, form: dict[str, str]) -> None:
        theirs = RequestValidator(TOKEN).compute_signature(URL, form)
        assert twilio_signature(TOKEN, URL, list(form.items())) == theirs

    @pytest.mark.parametrize(
        "spelling",
        [
            URL,
            f"{URL}?ref=17",
            URL.replace("example", "example:443"),
            URL.replace("example", "example:8443"),
            URL.replace("https", "http"),
        ],
    )
    @pytest.mark.parametrize("signed_as", ["as it is", "with port", "without port"])
    def test_accepts_what_the_validator_accepts(self, spelling: str, signed_as: str) -> None:
        url = spelling
        if signed_as == "with port":
            url = add_port(urlparse(spelling))
        elif signed_as == "without port":
            url = remove_port(urlparse(spelling))
        validator = RequestValidator(TOKEN)
        signature = validator.compute_signature(url, FORM)
        assert is_from_twilio([TOKEN], spelling, list(FORM.items()), signature) == (
            validator.validate(spelling, FORM, signature)
        )

    @pytest.mark.parametrize(
        "other",
        [
            {"token": "54321"},
            {"url": URL.replace("https", "http")},
            {"url": f"{URL}/"},
            {"url": f"{URL}?ref=1"},
            {"form": FORM | {"Body": "路灯好了"}},
            {"form": {name: value for name, value in FORM.items() if value}},
        ],
        ids=["token", "scheme", "slash", "query", "body", "blank field lost"],
    )
    def test_refuses_anything_else(self, other: dict[str, object]) -> None:
        made = {"token": TOKEN, "url": URL, "form": FORM} | other
        signature = RequestValidator(str(made["token"])).compute_signature(
            str(made["url"]), made["form"]
        )
        assert not is_from_twilio([TOKEN], URL, list(FORM.items()), signature)

    @pytest.mark.parametrize("claimed", [None, "", "é", "\ud800", "=" * 28])
    def test_refuses_no_signature(self, claimed: str | None) -> None:
        assert not is_from_twilio([TOKEN], URL, list(FORM.items()), claimed)

    def test_without_a_token_nothing_is_accepted(self) -> None:
        signature = RequestValidator("").compute_signature(URL, FORM)
        assert not is_from_twilio([], URL, list(FORM.items()), signature)

    def test_knows_both_tokens_while_they_are_changed(self) -> None:
        signature = RequestValidator("old").compute_signature(URL, FORM)
        assert is_from_twilio([TOKEN, "old"], URL, list(FORM.items()), signature)

    def test_repeated_fields_are_signed_as_the_validator_does(self) -> None:
        from starlette.datastructures import ImmutableMultiDict

        class Multi(ImmutableMultiDict[str, str]):
            def getall(self, name: str) -> list[str]:
                return self.getlist(name)

        pairs = [("Media", "b"), ("Media", "a"), ("Media", "b"), ("Body", "x")]
        theirs = RequestValidator(TOKEN).compute_signature(URL, Multi(pairs))
        assert twilio_signature(TOKEN, URL, pairs) == theirs

    def test_a_name_and_password_in_the_address_are_signed_too(self) -> None:
        url = URL.replace("://", "://user:pass@")
        signature = RequestValidator(TOKEN).compute_signature(url, FORM)
        assert is_from_twilio([TOKEN], url, list(FORM.items()), signature)

    def test_blank_fields_survive_the_raw_body(self) -> None:
        raw = urlencode(FORM)
        signature = RequestValidator(TOKEN).compute_signature(URL, FORM)
        assert is_from_twilio([TOKEN], URL, parse_qsl(raw, keep_blank_values=True), signature)
        assert not is_from_twilio([TOKEN], URL, parse_qsl(raw), signature)


class TestGateway:
    def test_covers_time_nonce_and_body(self) -> None:
        good = gateway_signature("s", "1", "n", b"{}")
        assert is_from_gateway("s", "1", "n", b"{}", good)
        assert is_from_gateway("s", "1", "n", b"{}", good.upper())
        for changed in [("t", "1", "n", b"{}"), ("s", "2", "n", b"{}"), ("s", "1", "m", b"{}")]:
            assert not is_from_gateway(*changed, good)
        assert not is_from_gateway("s", "1", "n", b"[]", good)
        assert not is_from_gateway("s", "1", "n", b"{}", None)

    @pytest.mark.parametrize(
        ("timestamp", "fresh"),
        [
            ("1000000", True),
            ("1000300", True),
            ("999700", True),
            ("1000301", False),
            ("999699", False),
            ("", False),
            ("-1000000", False),
            ("１００００００", False),
            ("1e6", False),
            ("9" * 400, False),
        ],
    )
    def test_is_fresh_for_five_minutes(self, timestamp: str, fresh: bool) -> None:
        assert is_fresh(timestamp, datetime.fromtimestamp(1_000_000, UTC)) is fresh
