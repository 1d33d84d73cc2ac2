"""What the sample campaign promised: products, tiers with what is in them, and add-ons."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """A thing a warehouse keeps."""

    sku: str
    name: str
    grams: int
    value: int
    """Customs value in minor units of the campaign's currency."""
    hs_code: str
    """Harmonised System, six digits."""
    origin: str


@dataclass(frozen=True, slots=True)
class Tier:
    """A reward tier."""

    title: str
    reward_id: str
    minimum: int
    """Price in minor units."""
    items: tuple[tuple[str, int], ...]
    """Items as the platform lists them; one may be a bundle."""
    weight: int
    """How many backers in a hundred take it."""
    late: bool = False

    @property
    def physical(self) -> bool:
        """Tell whether anything is shipped."""
        return bool(self.items)


PRODUCTS = (
    Product("LH-CORE", "Lighthouse Core Game", 1850, 3200, "950490", "CN"),
    Product("LH-XP1", "Winter Storm Expansion", 720, 1400, "950490", "CN"),
    Product("LH-MINI", "Keeper Miniatures Box", 640, 2100, "950490", "CN"),
    Product("LH-ART", "Art Book", 980, 1500, "490199", "LV"),
    Product("LH-DICE", "Brass Dice Set", 210, 900, "950490", "CN"),
    Product("LH-MAT", "Neoprene Playmat", 890, 1100, "400819", "CN"),
    Product("LH-SLV", "Sleeves (100)", 95, 300, "392690", "CN"),
)

TIERS = (
    Tier("Kind Words", "8100001", 100, (), 3),
    Tier("Keeper", "8100002", 5900, (("Lighthouse Core Game", 1),), 38),
    Tier(
        "Captain",
        "8100003",
        10900,
        (("Lighthouse Core Game", 1), ("Winter Storm Expansion", 1), ("Brass Dice Set", 1)),
        36,
    ),
    Tier(
        "Admiral", "8100004", 17900, (("Everything in Captain", 1), ("Keeper Miniatures Box", 1), ("Art Book", 1)), 17
    ),
    Tier("Shop of Friends", "8100005", 24000, (("Lighthouse Core Game", 6),), 2),
    # The platform's late pledges share the reward's id at another price.
    Tier("Keeper", "8100002", 6900, (("Lighthouse Core Game", 1),), 0, late=True),
    Tier(
        "Captain",
        "8100003",
        12400,
        (("Lighthouse Core Game", 1), ("Winter Storm Expansion", 1), ("Brass Dice Set", 1)),
        0,
        late=True,
    ),
)
"""What is left of a hundred backs without a reward."""

ADD_ONS = (
    ("10990001", "Brass Dice Set", 2500),
    ("10990002", "Neoprene Playmat", 3500),
    ("10990003", "Art Book", 3900),
    ("10990004", "Sleeves (100)", 900),
)
"""Id, name, price in minor units."""

ITEMS = tuple(dict.fromkeys(name for tier in TIERS for name, _ in tier.items))
BUNDLES = {"Everything in Captain": TIERS[2].items}


def mapping() -> dict[tuple[str, str], tuple[tuple[str, int], ...]]:
    """Return what each (kind, name) of the sample's files is in SKUs and quantities; a bundle is exploded."""
    skus = {product.name: product.sku for product in PRODUCTS}

    def exploded(items: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
        found: list[tuple[str, int]] = []
        for name, quantity in items:
            inner = BUNDLES.get(name)
            found += [(sku, count * quantity) for sku, count in exploded(inner)] if inner else [(skus[name], quantity)]
        return tuple(found)

    known = {("item", name): exploded(((name, 1),)) for name in ITEMS}
    known |= {("addon", name): exploded(((name, 1),)) for _, name, _ in ADD_ONS}
    known |= {("sku", product.sku): ((product.sku, 1),) for product in PRODUCTS}
    return known | {("tier", tier.title): exploded(tier.items) for tier in TIERS}
