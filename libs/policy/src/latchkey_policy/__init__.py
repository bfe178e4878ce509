"""The permission algebra: permission sets, scope words, portfolios."""
