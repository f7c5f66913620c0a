"""`make simulate-sms`: a terminal in which you are the citizen with a telephone.

Starts a whole product of its own (ports, database, logs under var/simulate-sms) whose texts go
through a stand-in of Twilio: your messages arrive as signed webhooks, what is said to you comes
through its REST API, its callbacks are signed. Nothing leaves this machine.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import sys
import urllib.error
from dataclasses import dataclass, field
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from backend.channels.sms.keywords import Command, read_command
from backend.channels.sms.segments import segments
from backend.channels.sms.signature import twilio_signature
from scripts.env_file import ROOT
from scripts.fake_twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio, Message
from scripts.processes import any_free_port
from scripts.temporary_stack import NOTICES_AT_ONCE, end_in_order, temporary_stack

PHONE = "+8613800001234"
_E164 = re.compile(r"\+\d{8,15}")
_INBOUND = "/webhooks/sms/inbound"
_ANSWERED_BY_TWILIO = (Command.STOP_BY_TWILIO, Command.START_BY_TWILIO, Command.HELP_BY_TWILIO)

HELP = """\
直接打字就是发短信。以 : 开头的是命令：
  :fail 429|21610|21211|30007|lost|made|503|silent   下一条发给您的短信出这个错（可写多个）
      429 限流重试  21610 已退订  30007 运营商拦截  lost 没有回答也没发  made 发了但没有回答
  :order normal|reversed|twice   状态回执的先后
  :again          把上一条短信原样再送一次（平台重试）
  :forged 文字    送一条签名不对的
  :from +86138…   换一个手机号
  :help  :quit"""
ORDERS = {
    "normal": list,
    "reversed": lambda states: list(reversed(states)),
    "twice": lambda states: [*states, *states],
}


@dataclass
class Telephone:
    """The citizen's side: posts signed messages to the backend."""

    backend_url: str
    public_url: str
    phone: str = PHONE
    last: dict[str, str] = field(default_factory=dict)

    def text(self, body: str) -> int:
        """Sends a message; the webhook's status."""
        self.last = {
            "MessageSid": "SM" + secrets.token_hex(16),
            "AccountSid": ACCOUNT,
            "From": self.phone,
            "To": SENDER,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": str(segments(body)),
            "FromCity": "",
        }
        return self.again()

    def again(self, token: str = TOKEN) -> int:
        """Sends the last message once more, as Twilio does when it got no answer."""
        signature = twilio_signature(token, self.public_url + _INBOUND, list(self.last.items()))
        request = Request(
            self.backend_url + _INBOUND,
            urlencode(self.last).encode(),
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": signature,
            },
        )
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=15) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code


@dataclass
class Terminal:
    """Reads lines, prints what comes."""

    telephone: Telephone
    twilio: FakeTwilio
    is_at_prompt: bool = False

    def show(self, message: Message) -> None:
        """A message to the citizen, as the telephone shows it."""
        count = segments(message["body"])
        fate = "" if message["outcome"] in ("ok", "made") else f"（{message['outcome']}）"
        prompt = "> " if self.is_at_prompt else ""
        print(
            f"\n  ← {message['to']}　{count}段{fate}\n    {_indented(message['body'])}\n{prompt}",
            end="",
        )
        sys.stdout.flush()

    def run(self) -> None:
        """Until :quit or the end of the input."""
        print(HELP)
        while True:
            self.is_at_prompt = True
            try:
                line = input("> ").strip()
            except (EOFError, KeyboardInterrupt):
                return
            self.is_at_prompt = False
            if line == ":quit":
                return
            if line:
                self.obey(line)

    def obey(self, line: str) -> None:
        """One line: a message or a command."""
        if not line.startswith(":"):
            self._report(self.telephone.text(line))
            if read_command(line) in _ANSWERED_BY_TWILIO:
                print("  （这个词由 Twilio 自己答复，我们只记下来，不再发一条）")
            return
        command, _, rest = line[1:].partition(" ")
        words = rest.split()
        if command == "fail" and words:
            self._fail(words)
        elif command == "order" and rest in ORDERS:
            self.twilio.callback_order = ORDERS[rest]
        elif command == "again" and self.telephone.last:
            self._report(self.telephone.again())
        elif command == "forged" and rest:
            self.telephone.last |= {"MessageSid": "SM" + secrets.token_hex(16), "Body": rest}
            self._report(self.telephone.again(token=secrets.token_hex(16)))
        elif command == "from" and _E164.fullmatch(rest):
            self.telephone.phone = rest
        else:
            print(HELP)

    def _fail(self, words: list[str]) -> None:
        try:
            self.twilio.do_next(*words)
        except ValueError as unknown:
            print(f"  没有这种错误：{unknown}")

    def _report(self, status: int) -> None:
        if status != 200:
            print(f"  平台收到的回答：HTTP {status}")


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")


def settings_for(twilio: FakeTwilio, port: int) -> dict[str, str]:
    """The product's settings towards the stand-in."""
    return {
        "GUANJIA_PORT": str(port),
        "GUANJIA_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "GUANJIA_SMS_PROVIDER": "twilio",
        "GUANJIA_TWILIO_API_URL": twilio.url,
        "GUANJIA_TWILIO_ACCOUNT_SID": ACCOUNT,
        "GUANJIA_TWILIO_AUTH_TOKEN": TOKEN,
        "GUANJIA_TWILIO_SENDER": SENDER,
    }


def simulate(phone: str) -> None:
    """Starts everything, talks, stops everything."""
    os.environ.pop("PORT", None)
    twilio = FakeTwilio()
    twilio.start()
    settings = settings_for(twilio, any_free_port()) | NOTICES_AT_ONCE
    try:
        with temporary_stack(ROOT / "var" / "simulate-sms", settings) as stack:
            public = settings["GUANJIA_PUBLIC_BASE_URL"]
            telephone = Telephone(stack.backend_url, public, phone)
            terminal = Terminal(telephone, twilio)
            twilio.on_message = terminal.show
            stack.say_where()
            terminal.run()
    finally:
        twilio.stop()


def main() -> None:
    """Command line."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--phone", default=PHONE, help="您的手机号，E.164，例如 +8613800001234")
    arguments = parser.parse_args()
    if not _E164.fullmatch(arguments.phone):
        parser.error("手机号要写成 +8613800001234 这样")
    simulate(arguments.phone)


if __name__ == "__main__":
    main()
