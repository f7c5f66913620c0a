"""`make simulate-wechat`: a terminal in which you are a citizen in WeChat.

Starts a whole product of its own (ports, database, logs under var/simulate-wechat) whose account
lives in a stand-in of api.weixin.qq.com: your messages arrive as signed, encrypted callbacks that
are repeated after 5 s without an answer; what is said to you comes as a passive reply or through
the API. Nothing leaves this machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import mimetypes
import os
import secrets
import string
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from scripts.env_file import ROOT
from scripts.processes import any_free_port
from scripts.temporary_stack import NOTICES_AT_ONCE, end_in_order, temporary_stack
from scripts.wechat.platform import Platform
from scripts.wechat.stand_in import APP_ID, CUSTOM, SECRET, SUBSCRIPTION, TEMPLATE, Sent, StandIn

TOKEN = "token-of-the-simulated-console"  # noqa: S105
DEFAULT_VILLAGE = "441900119011"
TEMPLATES = {"case_step.subscription": "sub-1", "case_step.template": "tpl-1"}
WAYS = {CUSTOM: "客服消息", TEMPLATE: "模板消息", SUBSCRIPTION: "订阅通知"}

HELP = """\
直接打字就是发微信。以 : 开头的是命令：
  :voice [识别出的文字]     语音；不写文字就是没有识别结果
  :image 文件               照片
  :location 纬度 经度 [地名]  位置
  :follow [村码]  :unfollow   关注（可带便民服务卡的村码）、取消关注
  :scan [村码]              已关注时扫便民服务卡
  :menu REPORT|WISH|PROGRESS|HUMAN|HELP
  :as 名字                   换一个人发微信（每个名字是一位市民）
  :again                    把上一条原样再送一次（平台重试）
  :forged 文字              送一条签名不对的
  :old 文字                 送一条一小时前的
  :error 代码 [次数] [custom/send|template/send|subscribe/bizsend|media|stable_token]
  :http 状态码              接口以后都用这个状态码回答（:http 200 恢复）
  :expire                   让现在的 access_token 失效
  :help  :quit"""


@dataclass
class Terminal:
    """Reads lines, prints what comes."""

    platform: Platform
    stand_in: StandIn
    last: dict[str, str] = field(default_factory=dict)
    is_at_prompt: bool = False

    def show(self, message: Sent) -> None:
        """What the API brought."""
        self._print(f"← {WAYS[message.way]}", message.text)

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
            self._send(self.platform.message("text", Content=line))
            return
        command, _, rest = line[1:].partition(" ")
        act = self._commands().get(command)
        try:
            if act is None:
                print(HELP)
            else:
                act(rest.strip())
        except (ValueError, IndexError, OSError) as error:
            print(f"  {error}")

    def _commands(self) -> dict[str, Callable[[str], None]]:
        event, message = self.platform.event, self.platform.message
        return {
            "voice": lambda heard: self._send(self._voice(heard)),
            "image": self._image,
            "location": self._location,
            "follow": lambda code: self._send(
                event("subscribe", EventKey=f"qrscene_{code}" if code else "")
            ),
            "unfollow": lambda _: self._send(event("unsubscribe")),
            "scan": lambda code: self._send(event("SCAN", EventKey=code or DEFAULT_VILLAGE)),
            "menu": lambda key: self._send(event("CLICK", EventKey=key.upper())),
            "as": self._become,
            "again": lambda _: self._send(self.last),
            "forged": self._forged,
            "old": lambda text: self._post_once(
                self.platform, message("text", Content=text), int(time.time()) - 3600
            ),
            "error": self._error,
            "http": self._http,
            "expire": lambda _: self.stand_in.end_token(),
        }

    def _become(self, name: str) -> None:
        if not name:
            raise ValueError("要写一个名字，例如 :as 阿芳")
        digest = hashlib.sha256(name.encode()).hexdigest()[:26]
        self.platform, self.last = replace(self.platform, openid=f"o{digest}"), {}
        print(f"  现在是{name}（{self.platform.openid}）")

    def _voice(self, heard: str) -> dict[str, str]:
        recognised = {"Recognition": heard} if heard else {}
        return self.platform.message("voice", MediaId="voice-1", Format="amr", **recognised)

    def _image(self, name: str) -> None:
        file = Path(name).expanduser()
        media_id = secrets.token_hex(8)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self.stand_in.media[media_id] = (kind, file.read_bytes())
        self._send(self.platform.message("image", MediaId=media_id, PicUrl=""))

    def _location(self, rest: str) -> None:
        latitude, longitude, *label = rest.split(maxsplit=2)
        self._send(
            self.platform.message(
                "location",
                Location_X=str(float(latitude)),
                Location_Y=str(float(longitude)),
                Scale="16",
                Label=label[0] if label else "",
            )
        )

    def _forged(self, text: str) -> None:
        stranger = Platform(
            self.platform.url,
            self.platform.app_id,
            secrets.token_hex(8),
            self.platform.aes_key,
            self.platform.openid,
        )
        self._post_once(stranger, self.platform.message("text", Content=text), None)

    def _post_once(self, sender: Platform, fields: dict[str, str], at: int | None) -> None:
        print(f"  平台收到的回答：HTTP {sender.post(sender.request(fields, at)).status_code}")

    def _error(self, rest: str) -> None:
        code, *more = rest.split()
        times = int(more.pop(0)) if more and more[0].isdigit() else 1
        self.stand_in.fail(int(code), times, more[0] if more else CUSTOM)

    def _http(self, status: str) -> None:
        self.stand_in.http_status = int(status)

    def _send(self, fields: dict[str, str]) -> None:
        """Deliver as the platform does; the terminal stays free meanwhile, as a phone does."""
        if not fields:
            return
        self.last = fields
        sending = threading.Thread(target=self._deliver, args=(fields,), daemon=True)
        sending.start()
        sending.join(timeout=1.5)

    def _deliver(self, fields: dict[str, str]) -> None:
        try:
            text = self.platform.send(fields)
        except RuntimeError as error:
            self._print("! 微信显示", str(error))
            return
        if text is not None:
            self._print("← 被动回复", text)

    def _print(self, head: str, text: str) -> None:
        indented = text.replace("\n", "\n    ")
        prompt = "> " if self.is_at_prompt else ""
        print(f"\n  {head}　{len(text.encode())} 字节\n    {indented}\n{prompt}", end="")
        sys.stdout.flush()


def settings_for(stand_in: StandIn, port: int, aes_key: str | None) -> dict[str, str]:
    """The product's settings towards the stand-in; no key means plain mode."""
    return {
        "GUANJIA_PORT": str(port),
        "GUANJIA_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "GUANJIA_WECHAT_APP_ID": APP_ID,
        "GUANJIA_WECHAT_SECRET": SECRET,
        "GUANJIA_WECHAT_TOKEN": TOKEN,
        "GUANJIA_WECHAT_AES_KEY": aes_key or "",
        "GUANJIA_WECHAT_MODE": "secure" if aes_key else "plain",
        "GUANJIA_WECHAT_API_URL": stand_in.url,
        "GUANJIA_WECHAT_TEMPLATES": json.dumps(TEMPLATES),
    }


def new_aes_key() -> str:
    """An EncodingAESKey."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(43))


def simulate(openid: str, *, plain: bool) -> None:
    """Starts everything, talks, stops everything."""
    os.environ.pop("PORT", None)
    stand_in = StandIn()
    stand_in.start()
    aes_key = None if plain else new_aes_key()
    port = any_free_port()
    try:
        settings = settings_for(stand_in, port, aes_key) | NOTICES_AT_ONCE
        with temporary_stack(ROOT / "var" / "simulate-wechat", settings) as stack:
            url = f"{stack.backend_url}/webhooks/wechat"
            terminal = Terminal(Platform(url, APP_ID, TOKEN, aes_key, openid), stand_in)
            stand_in.on_send = terminal.show
            stack.say_where()
            terminal.run()
    finally:
        stand_in.stop()


def main() -> None:
    """Command line."""
    end_in_order()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--openid", default="oSimulatedCitizen000000000001")
    parser.add_argument("--plain", action="store_true", help="明文模式（默认安全模式）")
    arguments = parser.parse_args()
    simulate(arguments.openid, plain=arguments.plain)


if __name__ == "__main__":
    main()
