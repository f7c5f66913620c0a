"""How official names of places are shortened in speech."""

_LONG_SUFFIXES = ("社区居民委员会", "居民委员会", "村民委员会", "虚拟社区")
_SPOKEN = {"社区居民委员会": "社区", "居民委员会": "社区", "村民委员会": "村", "虚拟社区": ""}
_TOWN_SUFFIXES = ("街道", "镇", "新区")


def short_village(name: str) -> str:
    """上沙社区居民委员会 → 上沙社区; 李屋村村民委员会 → 李屋村."""
    for suffix in _LONG_SUFFIXES:
        if name.endswith(suffix):
            stem, spoken = name.removesuffix(suffix), _SPOKEN[suffix]
            return stem if stem.endswith(spoken) else stem + spoken
    return name


def village_aliases(name: str) -> tuple[str, ...]:
    """Other ways to say a village: bare stem, stem + 村, stem + 社区."""
    stem = short_village(name)
    for ending in ("社区", "村"):
        if len(stem) > len(ending) + 1:
            stem = stem.removesuffix(ending)
    return tuple(
        alias for alias in (stem, f"{stem}村", f"{stem}社区") if alias != short_village(name)
    )


def short_town(name: str) -> str:
    """长安镇 → 长安; 东城街道 → 东城."""
    for suffix in _TOWN_SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return name.removesuffix(suffix)
    return name
