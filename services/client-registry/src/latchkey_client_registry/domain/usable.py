"""In which tenants a client may be used."""

from collections.abc import Collection, Sequence


def usable_in(
    tenants: Sequence[str], *, maker: str, published: bool, labs: Collection[str], blocked: Collection[str]
) -> tuple[str, ...]:
    """A private client: its maker's tenant; a published one: any. Labs must be on, and the client not blocked."""
    return tuple(
        tenant
        for tenant in tenants
        if tenant in labs and tenant not in blocked and may_be_used(tenant, maker=maker, published=published)
    )


def may_be_used(tenant: str, *, maker: str, published: bool) -> bool:
    """Whether the client exists at all for a tenant, whatever is switched on or blocked there."""
    return published or tenant == maker
