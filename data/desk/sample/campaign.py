"""The sample campaign: every order follows from the seed and its index, so a million of them need no memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from struct import Struct
from typing import NamedTuple

from data.desk.sample.mess import mess_up, reword
from data.desk.sample.places import Place, places
from data.desk.sample.rewards import ADD_ONS, TIERS, Tier
from data.model import Address

_SECOND_PLEDGE, _LOOKALIKE = 197, 401
_SIXTEEN = Struct("<16I").unpack
_PRIME = 999_999_937
_DOMAINS = ("mail.example", "post.example", "inbox.example", "letters.example")
_TIER_OF = tuple(at for at, tier in enumerate(TIERS) for _ in range(tier.weight))
_LATE = tuple(at for at, tier in enumerate(TIERS) if tier.late)


class SampleOrder(NamedTuple):
    """One pledge of the sample campaign."""

    place: int
    """Which order of the campaign it is, from 0."""
    uid: str
    number: int
    """The backer's number."""
    name: str
    email: str
    country: str
    """Where it is shipped, ISO alpha-2."""
    address: Address | None
    """None while the survey is not answered."""
    tier: Tier | None
    add_ons: tuple[int, ...]
    """Quantities, as `ADD_ONS` lists them."""
    shipping: int
    bonus: int
    amount: int
    """The whole pledge; all three in minor units."""
    day: int
    """Days after the campaign's start."""
    second: int
    """Seconds after that day's midnight in the campaign's zone."""
    status: str
    """collected, dropped, errored."""
    change: str
    """How this version differs from the one before: empty, late, answered, paid, reworded, corrected, moved, abroad."""


@dataclass(frozen=True, slots=True)
class SampleCampaign:
    """A campaign of `orders` orders; the same seed gives the same orders, however many there are."""

    orders: int = 2000
    seed: int = 7
    currency: str = "USD"
    version: int = 0
    changed: float = 0.05
    late: int = 0

    def __len__(self) -> int:
        """Return how many orders there are, late ones included."""
        return self.orders + self.late

    def __iter__(self) -> Iterator[SampleOrder]:
        """Yield every order by index."""
        return map(self.order, range(len(self)))

    def updated(self, changed: float = 0.05, late: int | None = None) -> SampleCampaign:
        """Return the campaign some weeks later: a share of addresses changed, surveys answered, late pledges added."""
        more = self.orders // 50 if late is None else late
        return replace(self, version=self.version + 1, changed=changed, late=self.late + more)

    def order(self, index: int) -> SampleOrder:
        """Make up one order."""
        draws = self._draws(index)
        person = _backer(index)
        known = draws if person == index else self._draws(person)
        place, name, address = self._home(index)
        late = index >= self.orders
        tier = self._tier(index, draws, late)
        add_ons = _NO_ADD_ONS
        if tier and tier.physical and draws[8] % 10 < 3:
            add_ons = tuple(
                1 + (draws[8] >> 6 & 1) if (draws[8] >> 8 + 4 * at) % 10 < 4 else 0 for at in range(len(ADD_ONS))
            )
        shipping = 0 if tier is None or not tier.physical else 1200 if place.code == "US" else 2400
        bonus = 0 if draws[9] % 20 else draws[9] % 40 * 50
        amount = (tier.minimum if tier else 100 + draws[9] % 900) + shipping + bonus
        amount += sum(quantity * add_on[2] for quantity, add_on in zip(add_ons, ADD_ONS, strict=True))
        rare = draws[10] % 1000
        answered = tier is not None and tier.physical and rare >= 70
        status = (
            "dropped" if (draws[10] >> 10) % 1000 < 12 else "errored" if (draws[10] >> 20) % 1000 < 18 else "collected"
        )
        order = SampleOrder(
            index,
            str(1_000_000_000 + (person * 48_271 + self.seed * 7_919) % _PRIME),
            person + 1,
            name,
            self._email(place, known, person),
            place.code,
            mess_up(address, place, draws[11]) if answered else None,
            tier,
            add_ons,
            shipping,
            bonus,
            amount,
            draws[12] % 30 if not late else 30 + draws[12] % 40,
            draws[13] % 86_400,
            status,
            "late" if late else "",
        )
        for version in range(1, self.version + 1):
            order = self._later(order, place, version)
        return order

    def _draws(self, index: int, version: int = 0) -> tuple[int, ...]:
        """Return sixteen random numbers of 32 bits that belong to one index."""
        return _SIXTEEN(blake2b(b"%d %d %d" % (self.seed, index, version)).digest())

    def _home(self, index: int) -> tuple[Place, str, Address]:
        """Make up who an order is for; some backers come back under another e-mail address, from the same home."""
        return self._person(self._draws(index - 2 if index % _LOOKALIKE == 7 else _backer(index)))

    def _person(self, draws: tuple[int, ...], place: Place | None = None) -> tuple[Place, str, Address]:
        """Make up a person and where they live, in a given country or anywhere."""
        everywhere = places()
        place = place or everywhere[draws[0] % len(everywhere)]
        first, one = draws[1], draws[2]
        names = place.names[first % len(place.names)]
        given, family = names.given[(first >> 4) % len(names.given)], names.family[(first >> 12) % len(names.family)]
        name = names.join.format(given=given, family=family)
        number, small, letter = one % 240 + 1, (one >> 8) % 9 + 1, "ABCDEF"[(one >> 16) % 6]
        street = place.streets[(one >> 20) % len(place.streets)].format(n=number, m=small, L=letter)
        two = draws[3]
        second = ""
        if two % 10 < 3:
            second = place.second[(two >> 4) % len(place.second)].format(n=number % 90 + 1, m=small, L=letter)
        city, region, postcode = place.cities[(two >> 12) % len(place.cities)]
        digits = f"{(draws[4] << 32 | draws[5]) % 10**15:015d}"
        phone = place.phones[(two >> 22) % len(place.phones)](digits)
        return place, name, Address(name, "", street, second, city, region, postcode(digits[::-1]), place.code, phone)

    def _tier(self, index: int, draws: tuple[int, ...], late: bool) -> Tier | None:
        """Choose a tier; a second pledge of the same backer takes the next one."""
        if late:
            return TIERS[_LATE[draws[7] % len(_LATE)]]
        if index % _SECOND_PLEDGE == 5:
            first = self._tier(index - 1, self._draws(index - 1), False)
            return TIERS[1] if first is not TIERS[1] else TIERS[2]
        choice = draws[7] % 100
        return TIERS[_TIER_OF[choice]] if choice < len(_TIER_OF) else None

    def _email(self, place: Place, draws: tuple[int, ...], person: int) -> str:
        """Make up an address under a domain that can't exist (RFC 2606)."""
        if person % _LOOKALIKE == 7:
            return f"{draws[14]:08x}{person}@relay.example"
        names = place.names[draws[1] % len(place.names)]
        given = names.mail[names.given[(draws[1] >> 4) % len(names.given)]]
        family = names.mail[names.family[(draws[1] >> 12) % len(names.family)]]
        return f"{given}.{family}{person}@{_DOMAINS[draws[14] % 4]}"

    def _later(self, order: SampleOrder, place: Place, version: int) -> SampleOrder:
        """Say what has become of an order by a later version of the file."""
        draws = self._draws(order.place, version)
        change = "late" if order.change == "late" else ""
        if order.status == "errored" and draws[0] % 3 == 0:
            return order._replace(status="collected", change="paid")
        address = order.address
        if address is None:
            if order.tier is None or not order.tier.physical or draws[0] % 3:
                return order._replace(change=change)
            return order._replace(address=self._home(order.place)[2], change="answered")
        if draws[1] >= self.changed * 2**32:
            return order._replace(change=change)
        kind = draws[2] % 100
        if kind < 50:
            return order._replace(address=reword(address, draws[3]), change="reworded")
        if kind < 60:
            clean = self._home(order.place)[2]
            return order._replace(address=clean, change="corrected" if clean != address else change)
        moved = replace(self._person(draws, place if kind < 90 else None)[2], name=address.name)
        return order._replace(address=moved, change="moved" if moved.country == address.country else "abroad")


def _backer(index: int) -> int:
    """Return whose pledge an order is: now and then a backer's second one."""
    return index - 1 if index % _SECOND_PLEDGE == 5 else index


_NO_ADD_ONS = (0,) * len(ADD_ONS)
