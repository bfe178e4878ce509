"""Users, tenants, sign-in, sessions, the authorization endpoint and consent."""
