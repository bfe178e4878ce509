"""How events travel: outbox → relay → the stream of NATS → inbox, at least once, and each counted once.

==================  ===================================================================================
``outbox``          an event becomes a row, in the transaction of the change that it tells of
``sparing``         tells of what may come in floods: the first at once, then how often
``relay``           sends what is in the outbox; of several instances one leads. Its steps:
``numbering``       numbers without gaps · ``publishing`` a batch to the stream · ``resend`` after a stream was lost
``inbox``           each event takes effect once (``effects``); one that cannot is parked (``dead_letters``)
``reading``         an event is what its subject says, told by who may
``inbox_together``  the same, many events a transaction. Both: ``pulling`` reads · ``settling`` says what becomes of it
``receipts``        consumers confirm how far they have everything · ``purging`` forgets what all have confirmed ·
                    ``asking`` sends again what one of them lacks
``bus``             the connection to NATS
``stream``          the stream and its consumers, made by whoever deploys (``python -m latchkey_kit.messaging.stream``)
==================  ===================================================================================
"""
