"""Synthetic cases by SQL: towns, statuses, dates and words as uneven as life's, a million at once.

Towns and villages differ in size, most cases have ended (the older, the surer), texts are the
project's training requests with places and remarks of their own. ``PLANTED`` words occur in known
shares, so that a search can be frequent, middling or rare on purpose.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from backend.cases.rules import Status, holder_of
from backend.cases.views import CONTACT
from backend.core.privacy import Vault
from backend.places.service import gazetteer
from scripts.demo_data import requests

PLANTED = {"荔红棚架": 0.05, "莲湖水榭": 0.01, "金鳌洲塔": 0.001}
"""Words that no other text holds, with the share of cases that do."""
RARE_WORD, RARE_CASES = "罗浮幽兰", 5
"""A word of a handful of cases, however many there are."""
PHONE, PHONE_CASES = "13922223333", 12
AGENTS = 40
_CONTACTS = 500
_OPEN = {
    "weishishi": (
        "received", "policy_check", "deliberation", "review", "publicity", "implementation",
        "settlement", "completed", "suspended",
    ),
    "weixinyuan": ("received", "verification", "assessment", "aid", "completed", "suspended"),
    "out_of_scope": ("received", "referred"),
}  # fmt: skip
_REMARKS = (
    "", "，已经反映过两次", "，麻烦尽快安排人来看看", "，老人小孩都不方便", "，下雨天更严重",
    "，大概有三十几户受影响", "，之前说上个月处理，到现在没有消息", "，谢谢", "，请给个答复",
)  # fmt: skip

_LOOKUPS = """
create temp table bench_text (n int primary key, category text, "group" text, type text, said text);
create temp table bench_place (n int primary key, town text, village text, name text);
create temp table bench_contact (n int primary key, contact text);
create temp table bench_status (category text, n int, status text, holder text);
create temp table bench_remark (n int primary key, said text);
create function pg_temp.luhn(digits text) returns text language sql immutable as $$
    select ((10 - sum(case when place % 2 = 0 then digit else digit * 2 - (digit > 4)::int * 9 end)
             % 10) % 10)::text
    from (select substr(digits, 11 - i, 1)::int as digit, i as place
          from generate_series(1, 10) as i) as d
$$;
"""

_FILL = """
insert into cases (
    case_no, category, "group", type, status, holder, town, village, address, description, summary,
    groups, contact, phone_hash, proof_hash, on_behalf, anonymous, channel, conversation_id,
    external_ref, labelled_by, filed_by, created_at, updated_at, entered_at, due_event, due_what,
    due_at, due_basis, due_provisional, due_started_at, version, assignee, urged_at)
select
    prefix || body || pg_temp.luhn(body), category, "group", type, status, holder, town, village,
    address, description, left(description, 80), '{}', contact,
    case when g %% (%(total)s / %(phone_cases)s) = 7 then %(phone)s
        else md5(g::text) || md5('x' || g) end,
    md5('p' || g) || md5('q' || g), false, false,
    (array['wechat', 'webchat', 'sms', 'hotline'])[1 + g %% 4],
    case when g %% 4 < 2 then 'conversation-' || g end,
    case when g %% 4 = 3 then 'DG' || 20250000000 + g end, 'model',
    case when g %% 4 = 3 then 'agent' || floor(power(r4, 2) * %(agents)s)::int end,
    born, born, born, 'project_received', '召开协商会议',
    case when is_live and r6 < 0.9 then born + make_interval(mins => (r7 * 260000)::int) end,
    '接收，15日内召开协商会议', false, born, 3,
    case when r5 < 0.7 then 'staff-' || coalesce(village, town, '0') || '-' || g %% 2 end,
    case when is_live and r4 < 0.03 then born end
from (
    select drawn.*, t.category, t."group", t.type, p.town, p.village,
        case t.category when 'weishishi' then 'WSS' when 'weixinyuan' then 'WXY' else 'ZYZ' end
            as prefix,
        to_char(born, 'YYMMDD') || lpad((g %% 10000)::text, 4, '0') as body,
        p.name || '第' || (r5 * 40)::int || '巷' || (r6 * 90)::int || '号' as address,
        t.said || k.said || case
            when r1 < 0.05 then '，在荔红棚架旁边' when r1 < 0.06 then '，在莲湖水榭旁边'
            when r1 < 0.061 then '，在金鳌洲塔旁边' else '' end
            || case when g %% (%(total)s / %(rare_cases)s) = 3 then '，靠近罗浮幽兰' else '' end
            as description,
        coalesce(s.status, 'feedback') as status, coalesce(s.holder, 'nobody') as holder,
        c.contact
    from (
        select *, now() - make_interval(secs => (%(total)s - g) * (%(days)s * 86400.0) / %(total)s)
                as born,
            r8 < case
                when (%(total)s - g) * %(days)s::float / %(total)s < 14 then 0.85
                when (%(total)s - g) * %(days)s::float / %(total)s < 60 then 0.45
                when (%(total)s - g) * %(days)s::float / %(total)s < 180 then 0.15
                else 0.025 end as is_live
        from (
            select g, random() as r1, random() as r2, random() as r3, random() as r4,
                random() as r5, random() as r6, random() as r7, random() as r8
            from generate_series(%(first)s::bigint, %(last)s::bigint) as g
        ) as raw
    ) as drawn
    join bench_text t on t.n = floor(power(r2, 1.5) * %(texts)s)::int
    join bench_place p on p.n = floor(power(r3, 1.7) * %(places)s)::int
    join bench_contact c on c.n = g %% %(contacts)s
    join bench_remark k on k.n = g %% %(remarks)s
    left join bench_status s on is_live and s.category = t.category
        and s.n = (g / 7) %% (select count(*) from bench_status x where x.category = t.category)
    order by g
) as made
"""

_EVENTS = """
insert into case_event (case_id, at, kind, audience, actor_kind, from_status, to_status, note, data)
select id, created_at + make_interval(days => n), case n when 0 then 'created' else 'transition' end,
    'public', 'staff', null, case n when 0 then 'received' else status end, null, '{}'
from cases, generate_series(0, 1) as n
order by id, n
"""


def fill(address: str, count: int, vault: Vault) -> None:
    """Fill an empty migrated database; ``address`` is libpq's. Indexes are built at the end."""
    with psycopg.connect(address, autocommit=True) as connection:
        for setting in (
            "session_replication_role = replica",
            "maintenance_work_mem = '512MB'",
            "synchronous_commit = off",
            "statement_timeout = 0",
        ):
            connection.execute(sql.SQL("set " + setting))
        sizes = _look_ups(connection, vault)
        rebuild = _without_indexes(connection)
        connection.execute("select setseed(0.5)")
        phone = vault.keyed_hash("phone", PHONE)
        for first in range(1, count + 1, 50_000):
            last = min(first + 49_999, count)
            values = sizes | {"first": first, "last": last, "total": count, "phone": phone}
            connection.execute(_FILL, values)
        connection.execute(_EVENTS)
        for statement in rebuild:
            connection.execute(statement.encode())
        connection.execute("vacuum (analyze, freeze) cases, case_event")


def _look_ups(connection: psycopg.Connection[Any], vault: Vault) -> dict[str, int]:
    """Store what the cases are drawn from; how many of each."""
    connection.execute(_LOOKUPS.encode())
    places = gazetteer()
    rows: dict[str, list[tuple[Any, ...]]] = {
        "text": [
            (n, leaf.category, leaf.group, leaf.type, said)
            for n, (leaf, said) in enumerate(requests())
        ],
        "place": [
            (n, code[:9], code, places.villages[code].short)
            for n, code in enumerate(sorted(places.villages))
        ],
        "contact": [(n, _contact(vault, n)) for n in range(_CONTACTS)],
        "status": [
            (category, n, status, holder_of(category, Status(status)))
            for category, statuses in _OPEN.items()
            for n, status in enumerate(statuses)
        ],
        "remark": list(enumerate(_REMARKS)),
    }
    for name, values in rows.items():
        table = sql.Identifier(f"bench_{name}")
        with connection.cursor().copy(sql.SQL("copy {} from stdin").format(table)) as copy:
            for row in values:
                copy.write_row(row)
        connection.execute(sql.SQL("analyze {}").format(table))
    return {
        "texts": len(rows["text"]),
        "places": len(rows["place"]),
        "contacts": _CONTACTS,
        "remarks": len(_REMARKS),
        "agents": AGENTS,
        "days": 1095,
        "phone_cases": PHONE_CASES,
        "rare_cases": RARE_CASES,
    }


def _contact(vault: Vault, n: int) -> str:
    phone = f"138{n:08d}"
    return vault.seal({"name": "陈先生", "phone": phone, "person": None}, CONTACT)


def _without_indexes(connection: psycopg.Connection[Any]) -> list[str]:
    """Drop the indexes that belong to no constraint; the statements that make them again."""
    found = connection.execute(
        "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index"
        " where indrelid in ('cases'::regclass, 'case_event'::regclass) and not exists"
        " (select from pg_constraint where conindid = indexrelid)"
    ).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("drop index {}").format(sql.Identifier(name)))
    return [definition for _, definition in found]
