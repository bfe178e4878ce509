"""One whole stack for all tests in here: every service as its own process, behind the gateway, on real parts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from canaries import Canaries
from house import House
from people import Person
from stacks import folder_for_a_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Path]:
    """The data folder of a stack that is up; it is taken down whatever happens."""
    with folder_for_a_stack(LOG_LEVEL="debug") as made:  # what is told then must hold no secret either
        made.up()
        yield made.home


@pytest.fixture(scope="session")
def used() -> Canaries:
    """Every token, code, secret and cookie that a test was given or made up: none may be kept anywhere."""
    return Canaries()


@pytest.fixture
def house(stack, http, used) -> House:
    return House(stack, http, used)


@pytest.fixture
async def person(house):
    """``person("sam@acme.test")``: somebody with a browser of their own."""
    people = []

    def one(email: str, password: str | None = None) -> Person:
        known = house.demo["users"].get(email, {})
        people.append(Person(house, email, password or known["password"]))
        return people[-1]

    yield one
    for each in people:
        await each.close()


@pytest.fixture
async def carly(person) -> Person:
    return person("carly@acme.test")


@pytest.fixture
async def sam(person) -> Person:
    return person("sam@acme.test")
