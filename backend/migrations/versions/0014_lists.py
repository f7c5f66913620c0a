"""Lists and searches that cost the same at a million cases

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOWER = _UPPER.lower()
_DIGITS = "0123456789"
_WIDE = "".join(chr(ord(char) + 0xFEE0) for char in _DIGITS + _UPPER + _LOWER)
_SEPARATORS = " \t\n\r\u3000，。、；：？！…—·～“”‘’（）《》【】「」,.;:?!~()[]<>\"'/\\|*+=_-"
_COMMON = (
    "一七万三上下不专业东两个中为主么之九也书买了事二于五些交产亲人什今从他代以们件任份休会但位低住体作你佢保信修倒候假做停像"
    "儿先光入全八公六共关其养冇再写几出分别到前办加务动助包化区医十千半单卖卡卫厂压原去县又友反发变口只叫可台号司吃合同名后吗"
    "听告员周和咗哋哪唔商啊嘅四回因园在地场坏坐块城堂墙处复外多夜大天太头女她好如妈婆子字学孩安完定实客室家对导小少就局居屋山"
    "岁工差己已市师带帮干平年床应底店府度建开张当往很得心快怎怕情想意愿成我或户房所手才打找把投护报拉拿按换掉排接提收改放政救"
    "教敢整文断新方旁日旧早时明映是晚最月有服望期本机村条来板果某查校样根案楼次款正死母每民气水求没法泥活派流消清满火灯点然照"
    "父爸片牌物现班理生用由申电留病白百的监盖直看真眼着知石社离种租空窗站第等签算管米系红级线组经结给统网老者职联育能自花药莞"
    "菜落行街补表被装西要见规解警计认让议记讲证诉话该说请读谁调谢贴费资走起跑跟路身车转轮边过近返还这进连退送通道那部都里重金"
    "钱铁镇长门问间队防阿院隔雨面领题饭高黑"
    "0123456789abcdefghijklmnopqrstuvwxyz"
)
_SAID = "summary || ' ' || description || ' ' || coalesce(address, '')"
_WORDS = f"guanjia_marks({_SAID})"
_FACETS = (
    "guanjia_facets(id, town, village, category, type, status, filed_by, assignee,"
    " external_ref, urged_at, due_at, external_due_at)"
)
_OLD_WORDS = (
    "guanjia_bigrams(left(summary || ' ' || description || ' ' || coalesce(address, ''), 4000))"
)
_COUNTED = ("town", "village", "filed_by")
"""Lists whose tabs are told apart by ``holder``: counting them reads the index alone."""


def upgrade() -> None:
    op.drop_index("ix_cases_words", "cases")
    op.drop_column("cases", "words")
    op.execute("drop function guanjia_bigrams")
    _create_functions()
    _add_marks()
    for name, part in (("open", "is_open"), ("ended", "not is_open")):
        op.create_index(
            f"ix_cases_found_{name}",
            "cases",
            ["words", "facets"],
            postgresql_using="gin",
            postgresql_where=sa.text(part),
            postgresql_with={"gin_pending_list_limit": "256"},
        )
    for column in _COUNTED:
        name = f"ix_cases_open_{column}_sort_due_id"
        op.drop_index(name, "cases")
        op.create_index(
            name,
            "cases",
            [column, "sort_due", "id"],
            postgresql_where=sa.text("is_open"),
            postgresql_include=["holder"],
        )
    op.drop_index("ix_cases_status_id", "cases")
    op.drop_index("ix_cases_type_village_id", "cases")
    for columns in (("type", "id"), ("type", "village", "id")):
        op.create_index(
            f"ix_cases_open_{'_'.join(columns)}",
            "cases",
            list(columns),
            postgresql_where=sa.text("is_open"),
        )


def downgrade() -> None:
    for name in ("type_id", "type_village_id"):
        op.drop_index(f"ix_cases_open_{name}", "cases")
    op.create_index("ix_cases_type_village_id", "cases", ["type", "village", "id"])
    op.create_index("ix_cases_status_id", "cases", ["status", "id"])
    for column in _COUNTED:
        name = f"ix_cases_open_{column}_sort_due_id"
        op.drop_index(name, "cases")
        op.create_index(
            name, "cases", [column, "sort_due", "id"], postgresql_where=sa.text("is_open")
        )
    op.drop_index("ix_cases_found_open", "cases")
    op.drop_index("ix_cases_found_ended", "cases")
    op.drop_column("cases", "facets")
    op.drop_column("cases", "words")
    for name in ("facets", "marks", "plain"):
        op.execute(f"drop function guanjia_{name}")
    _create_bigrams()
    words: sa.Column[list[str]] = sa.Column(
        "words", postgresql.ARRAY(sa.Text()), _computed(_OLD_WORDS), nullable=False
    )
    op.add_column("cases", words)
    op.create_index("ix_cases_words", "cases", ["words"], postgresql_using="gin")


def _add_marks() -> None:
    """Both columns at once: the table is written anew only once."""
    op.execute("set local maintenance_work_mem = '256MB'")
    added = (
        f'add column {name} text[] collate "C" generated always as ({expression}) stored not null'
        for name, expression in (("words", _WORDS), ("facets", _FACETS))
    )
    op.execute(f"alter table cases {', '.join(added)}")


def _computed(expression: str) -> sa.Computed:
    return sa.Computed(expression, persisted=True)


def _literal(said: str) -> str:
    return "'" + said.replace("'", "''") + "'"


def _run(statement: str) -> None:
    """As it stands: colons are no parameters."""
    op.get_bind().exec_driver_sql(statement)


def _create_functions() -> None:
    """The same as backend/cases/marks.py, for the database to keep with every case."""
    wide, narrow = _literal(_WIDE), _literal(_DIGITS + _LOWER * 2)
    _run(
        f"""
        create function guanjia_plain(said text) returns text
        language sql immutable strict parallel safe as $$
            select case when said ~ '[{_WIDE}]' then translate(lower(said collate "C"), {wide}, {narrow})
                else lower(said collate "C") end
        $$
        """
    )
    _run(_CREATE_MARKS.format(gaps=_array(_SEPARATORS), common=_array(_SEPARATORS + _COMMON)))
    _run(_CREATE_FACETS)


def _array(chars: str) -> str:
    return "array[" + ", ".join(map(_literal, chars)) + "]"


_CREATE_MARKS = """
create function guanjia_marks(said text) returns text[]
language plpgsql immutable strict parallel safe as $$
declare
    one constant text[] := string_to_array(guanjia_plain(said), null);
begin
    return array(
        select distinct mark collate "C" from (
            select a || b from unnest(one, one[2:]) as pair(a, b)
            where a <> all ({gaps}) and b <> all ({gaps})
            union all
            select a from unnest(one) as single(a) where a <> all ({common})
        ) as found(mark)
    );
end $$
"""
_CREATE_FACETS = """
create function guanjia_facets(
    id bigint, town text, village text, category text, type text, status text,
    filed_by text, assignee text, external_ref text, urged_at timestamptz,
    due_at timestamptz, external_due_at timestamptz
) returns text[]
language plpgsql immutable parallel safe as $$
begin
    return array_remove(array[
        'id' || (id >> 10), 'town' || town, 'village' || village, 'category' || category,
        'type' || type, 'status' || status, 'filed_by' || filed_by, 'assignee' || assignee,
        'ref' || guanjia_plain(external_ref),
        case when urged_at is not null then 'urged' end,
        case when status <> all (array['withdrawn', 'merged', 'refused', 'feedback'])
            then 'day' || floor(extract(epoch from coalesce(
                least(due_at, external_due_at), timestamptz '9999-12-31 00:00:00+00')) / 86400)
        end
    ], null);
end $$
"""


def _create_bigrams() -> None:
    op.execute(
        """
        create function guanjia_bigrams(said text) returns text[]
        language sql immutable strict parallel safe as $$
            select coalesce(array_agg(distinct pair), '{}') from (
                select one || lead(one) over (order by place) as pair
                from unnest(string_to_array(lower(said), null)) with ordinality as u(one, place)
            ) as pairs where pair is not null and pair !~ '[[:space:]]'
        $$
        """
    )
