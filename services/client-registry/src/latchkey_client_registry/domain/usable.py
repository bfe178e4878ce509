"""In which tenants a client may be used."""

from collections.abc import Collection, Sequence


def usable_in(tenants: Sequence[str], *, maker: str, published: bool, labs: Collection[str]) -> tuple[str, ...]:
    """A private client: its maker's tenant; a published one: any. Labs must be on in both cases."""
    return tuple(tenant for tenant in tenants if tenant in labs and (published or tenant == maker))
