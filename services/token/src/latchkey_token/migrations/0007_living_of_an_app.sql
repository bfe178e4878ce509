-- A page of an app's living connections, however many of it are dead. As every index, without what a rotation changes.
CREATE INDEX connection_living_of_app ON connection (tenant_id, client_id, id) WHERE revoked_at IS NULL;
