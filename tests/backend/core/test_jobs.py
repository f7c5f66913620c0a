"""Who waits comes first: the order in which queued jobs are begun."""

from backend.core.db import Database
from backend.core.jobs import build_queue, defer
from tests.support.postgres import libpq


async def test_what_nobody_waits_for_gives_way(committed: Database, database_address: str) -> None:
    app, begun = build_queue(libpq(database_address), connections=2), list[int]()

    @app.task(name="test.note")
    async def note(*, number: int) -> None:
        begun.append(number)

    async with committed.transaction() as session:
        await defer(session, "test.note", gives_way=True, number=1)
        await defer(session, "test.note", number=2)
        await defer(session, "test.note", gives_way=True, number=3)
        await defer(session, "test.note", number=4)
    async with app.open_async():
        await app.run_worker_async(
            wait=False, install_signal_handlers=False, listen_notify=False, concurrency=1
        )
        await app.connector.execute_query_async("delete from procrastinate_jobs")
    assert begun == [2, 4, 1, 3]
