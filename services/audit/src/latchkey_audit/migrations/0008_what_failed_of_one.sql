-- What was refused to one app or one user, or failed, is rare among all that they do: found without reading the rest.
CREATE INDEX event_client_refused ON event (tenant_id, client_id, at DESC, id DESC)
    WHERE result <> 'success' AND client_id IS NOT NULL;
CREATE INDEX event_user_refused ON event (tenant_id, user_id, at DESC, id DESC)
    WHERE result <> 'success' AND user_id IS NOT NULL;
