"""Requests between services, over HTTP to the owner's internal port: few, narrow, typed."""

from latchkey_contracts.requests.base import Ask, Done

__all__ = ["Ask", "Done"]
