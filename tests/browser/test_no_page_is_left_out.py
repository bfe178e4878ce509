"""The walks of `test_every_page` go wherever there is a page; no browser is needed to tell."""

from places import NO_PAGES, page_routes, route_of, walked


def test_each_route_that_has_a_page_is_walked():
    routes = page_routes()
    visited = {route_of(path, routes) for path in walked()}
    assert {path for paths in routes.values() for path in paths} - visited == NO_PAGES.keys()
