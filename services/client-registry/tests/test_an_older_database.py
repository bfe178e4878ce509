"""What is in a database from before there were reviews."""

from importlib.resources import files

import asyncpg

_OLD = """
    INSERT INTO client (id, tenant_id, name, client_type, proof, preset, redirect_uris, published)
    SELECT gen_random_uuid(), gen_random_uuid(), name, 'public', 'pkce', 'custom', '{}', name = 'published'
    FROM unnest(ARRAY['published', 'private']) AS name
"""


async def test_what_was_published_before_there_were_reviews_stays_published(make_database):
    connection = await asyncpg.connect(make_database())
    migrations = sorted(
        (one for one in files("latchkey_client_registry.migrations").iterdir() if one.name.endswith(".sql")),
        key=lambda one: one.name,
    )
    try:
        for one in migrations:
            if one.name.startswith("0004"):
                await connection.execute(_OLD)
            await connection.execute(one.read_text())
        rows = await connection.fetch("SELECT *, publishing_at = created_at AS as_made FROM client ORDER BY name")
    finally:
        await connection.close()
    shown = ("name", "publishing", "published", "ever_published", "as_made")
    assert [tuple(one[name] for name in shown) for one in rows] == [
        ("private", "none", False, False, None), ("published", "approved", True, True, True),
    ]  # fmt: skip
