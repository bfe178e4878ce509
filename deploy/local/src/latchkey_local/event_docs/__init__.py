"""Pages about events that are made from their classes: docs/events.md, docs/asyncapi.json, and golden samples."""
