"""/docs: the API's description as one plain page, without scripts and without foreign hosts.

Who comes here by chance reads in Chinese what it is and where residents go; the reference itself
is for programmers, in English.
"""

import json
import re
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_CODE = re.compile("``(.+?)``", re.DOTALL)
_METHODS = ("get", "post", "put", "patch", "delete")
_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code,pre{font-family:ui-monospace,monospace}pre{background:#f4f4f4;padding:.75rem;"
    "white-space:pre-wrap;overflow-wrap:anywhere}h2{overflow-wrap:anywhere;font-size:1.125rem}"
    "article{border-top:1px solid #ccc;padding:.5rem 0}b{margin-right:.5rem}"
)
_TITLE = "莞家助手 接口说明"
_ABOUT = "供开发人员把12345热线、镇街和部门的系统接到“民生大莞家”的诉求受理和办理上。"
_HEAD = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    f'<meta name="description" content="{_ABOUT}"><title>{_TITLE}</title>'
)
_FOR_WHOM = (
    f"<p>{_ABOUT}要有服务令牌或工作人员账号才能调用；下面逐条列出地址、参数和示例，文字是英文。"
    '机器可读的说明在<a href="/openapi.json">openapi.json</a>。</p>'
    '<p>反映诉求、查进度请到<a href="/">首页</a>，工作人员请到<a href="/staff">工作台</a>。</p>'
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


@router.get("/docs", response_class=HTMLResponse)
async def docs(request: Request) -> HTMLResponse:
    """All operations with their examples; the machine-readable form is /openapi.json."""
    page = render(request.app.openapi())
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


def render(api: dict[str, Any]) -> str:
    """The page for an OpenAPI document."""
    articles = [
        _operation(path, method, operations[method], api)
        for path, operations in api["paths"].items()
        for method in _METHODS
        if method in operations
    ]
    return (
        f"{_HEAD}<style>{_STYLE}</style></head><body><main><h1>{_TITLE}</h1>{_FOR_WHOM}"
        f'<div lang="en"><p>{escape(api["info"].get("description", ""))}</p>'
        + "".join(articles)
        + "</div></main></body></html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any], api: dict[str, Any]) -> str:
    parts = [
        f"<article><h2><b>{method.upper()}</b><code>{escape(path)}</code></h2>",
        f"<p><strong>{escape(operation.get('summary', ''))}</strong> ",
        f"{_prose(operation.get('description', ''))}</p>",
    ]
    for parameter in operation.get("parameters", []):
        need = "" if parameter.get("required") else " (optional)"
        where, name = escape(parameter["in"]), escape(parameter["name"])
        parts.append(f"<div><code>{name}</code> in {where}{need}</div>")
    for example in _examples(operation, api):
        shown = json.dumps(example, ensure_ascii=False, indent=2)
        parts.append(f"<pre>{escape(shown)}</pre>")
    answers = ", ".join(escape(status) for status in operation.get("responses", {}))
    parts.append(f"<p>Answers: {answers}</p></article>")
    return "".join(parts)


def _prose(text: str) -> str:
    """A docstring as HTML, its ``code`` as code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _examples(operation: dict[str, Any], api: dict[str, Any]) -> list[Any]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    examples: list[Any] = api["components"]["schemas"].get(name, {}).get("examples", [])
    return examples
