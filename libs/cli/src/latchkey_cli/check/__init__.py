"""`latchkey check`: reads the databases, the feed and the logs itself, and proves that they agree.

It has its own SQL and its own idea of who is dead: of the services it knows the contracts and the tables, no more. It
only reads. Services may go on meanwhile; each rule says in a sentence why what is under way cannot mislead it.
"""
