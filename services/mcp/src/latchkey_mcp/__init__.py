"""The reference MCP server."""
