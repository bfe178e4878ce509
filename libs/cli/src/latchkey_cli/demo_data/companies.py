"""The companies that the demo's tenants look after. Invented; any likeness is chance."""

from typing import Final, NamedTuple


class Company(NamedTuple):
    """``owner`` is an e-mail address, ``arr`` yearly revenue in euros, ``health`` from 0 to 10."""

    name: str
    domain: str
    city: str
    phase: str
    health: int
    arr: int
    owner: str


_CARLY, _SAM, _RITA, _KIM = "carly@acme.test", "sam@acme.test", "rita@acme.test", "kim@globex.test"

COMPANIES: Final = {
    "acme": (
        Company("Nordlys Logistics", "nordlys-logistics.example", "Tromsø", "Adoption", 8, 84_000, _CARLY),
        Company("Bluefin Analytics", "bluefin-analytics.example", "Lisbon", "Renewal", 6, 132_000, _CARLY),
        Company("Harbor & Pine", "harborandpine.example", "Portland", "Onboarding", 7, 27_500, _SAM),
        Company("Kestrel Robotics", "kestrel-robotics.example", "Graz", "Adoption", 9, 210_000, _CARLY),
        Company("Sunrise Dental Group", "sunrise-dental.example", "Austin", "Adoption", 5, 48_000, _SAM),
        Company("Møller Foods", "moller-foods.example", "Aarhus", "Renewal", 4, 96_000, _RITA),
        Company("Tideway Insurance", "tideway.example", "London", "Adoption", 8, 310_000, _CARLY),
        Company("Orchard Lane Media", "orchardlane.example", "Dublin", "Onboarding", 6, 18_000, _RITA),
        Company("Vantage Cycles", "vantage-cycles.example", "Utrecht", "Adoption", 7, 64_500, _SAM),
        Company("Pelikan Paper", "pelikan-paper.example", "Kraków", "Churn risk", 2, 39_000, _RITA),
        Company("Copperfield Energy", "copperfield-energy.example", "Leeds", "Adoption", 8, 155_000, _CARLY),
        Company("Little Fox Toys", "littlefox.example", "Ghent", "Onboarding", 9, 12_400, _SAM),
        Company("Atlas Freight", "atlas-freight.example", "Hamburg", "Renewal", 5, 178_000, _RITA),
        Company("Juniper Health", "juniper-health.example", "Denver", "Adoption", 7, 244_000, _CARLY),
        Company("Stonebridge Legal", "stonebridge-legal.example", "Edinburgh", "Adoption", 8, 72_000, _RITA),
        Company("Marimba Studios", "marimba.example", "Valencia", "Churn risk", 3, 22_000, _SAM),
        Company("Polar Cloud", "polarcloud.example", "Oulu", "Adoption", 9, 402_000, _CARLY),
        Company("Greenhouse Kitchens", "greenhouse-kitchens.example", "Bristol", "Onboarding", 6, 31_000, _RITA),
        Company("Ferrum Steelworks", "ferrum.example", "Linz", "Renewal", 6, 268_000, _RITA),
        Company("Wren & Daughters", "wrenanddaughters.example", "Bath", "Adoption", 7, 15_900, _CARLY),
    ),
    "globex": (
        Company("Initech", "initech.example", "Stockholm", "Adoption", 7, 120_000, _KIM),
        Company("Hooli", "hooli.example", "Malmö", "Renewal", 5, 480_000, _KIM),
        Company("Umbra Optics", "umbra-optics.example", "Jena", "Onboarding", 8, 36_000, _RITA),
        Company("Soylent Farms", "soylent-farms.example", "Boise", "Adoption", 6, 88_000, _KIM),
        Company("Vandelay Imports", "vandelay.example", "Genoa", "Churn risk", 2, 51_000, _RITA),
    ),
}
