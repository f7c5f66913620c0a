"""The page of local settings: every decision with the value in force, for the city alone."""

from backend.core.resources import Resources
from backend.web.staff.local_settings import decisions
from tests.support.staff import OpenBrowser


async def test_the_city_reads_the_values_in_force(
    open_browser: OpenBrowser, api_resources: Resources
) -> None:
    page = (await (await open_browser("city")).get("/staff/settings")).text
    for one in decisions(api_resources.settings):
        assert one.about in page
        assert f">{one.no}<" not in page
    assert "微心愿 5,000 元、微实事 200,000 元" in page
    assert "接收后 3 个工作日" in page
    assert "GUANJIA_CLAIM_WAIT_DAYS" in page
    other = api_resources.settings.model_copy(
        update={"roll_forward": True, "verification_working_days": 4}
    )
    said = {one.no: one.value for one in decisions(other)}
    assert said["D2"] == "接收后 4 个工作日"
    assert said["D5"].endswith("遇节假日顺延")


async def test_nobody_else_does(open_browser: OpenBrowser) -> None:
    town = {"town": "441900119"}
    village = {**town, "village": "441900119011"}
    places = {"hotline": {}, "village": village, "town": town, "supervisor": {}, "auditor": {}}
    for role, place in places.items():
        reader = await open_browser(role, **place)
        assert (await reader.get("/staff/settings")).status_code == 403
        assert "/staff/settings" not in (await reader.get("/staff")).text
