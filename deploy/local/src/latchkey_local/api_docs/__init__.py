"""openapi.json, made from the routes, handlers and structs of the services."""
