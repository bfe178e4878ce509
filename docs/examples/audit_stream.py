"""New entries of your audit log: python audit_stream.py <file.creds> <url> <durable>   (pip install nats-py[nkeys])."""

import asyncio
import json
import sys

import nats


async def main(credentials: str, url: str, durable: str) -> None:
    client = await nats.connect(url, user_credentials=credentials, max_reconnect_attempts=-1)
    entries = await client.jetstream().pull_subscribe_bind(durable, stream="AUDIT")
    while True:
        try:
            for message in await entries.fetch(100, timeout=30):
                event = json.loads(message.data)
                print(message.headers["Lk-Position"], event["time"], event["type"], flush=True)  # your work here
                await message.ack()  # what is not acknowledged comes again
        except TimeoutError:
            continue  # nothing new in 30 seconds


asyncio.run(main(*sys.argv[1:]))
