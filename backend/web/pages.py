"""Rendering of templates into protected responses."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backend.core.clock import local_date, to_local, weekday_date
from backend.web.assets import Assets
from backend.web.security import protect

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class Pages:
    """The templates of this process, and where their files are."""

    templates: Environment
    assets: Assets

    def render(
        self,
        template: str,
        *,
        status_code: int = 200,
        frame_ancestors: tuple[str, ...] = (),
        **values: object,
    ) -> HTMLResponse:
        """The page with its security headers; a value that the template lacks is an error."""
        html = self.templates.get_template(template).render(asset=self.assets.url, **values)
        response = HTMLResponse(html, status_code=status_code)
        protect(response, frame_ancestors=frame_ancestors)
        return response


def build_pages(assets: Assets) -> Pages:
    """Pages over the package's templates, everything escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["chinese_date"] = chinese_date
    environment.filters["chinese_day"] = chinese_day
    environment.filters["chinese_time"] = chinese_time
    environment.filters["for_staff"] = for_staff
    environment.filters["combine"] = lambda left, right: {**left, **right}
    return Pages(environment, assets)


def chinese_date(moment: datetime) -> str:
    """The day in Dongguan as people say it: 2026年12月6日."""
    day = local_date(moment)
    return f"{day.year}年{day.month}月{day.day}日"


def chinese_day(moment: datetime) -> str:
    """A day to plan for, with its weekday: 2026年12月6日（周日）."""
    return weekday_date(local_date(moment))


def chinese_time(moment: datetime) -> str:
    """Day and minute in Dongguan: 2026年12月6日 09:05."""
    return f"{chinese_date(moment)} {to_local(moment):%H:%M}"


def for_staff(words: str) -> str:
    """What a deadline promises the citizen, as a colleague reads it: 反馈给提出者."""
    return words.replace("给您", "给提出者")
