-- Which attempt to authorize it comes from (SHA-256): a form that is sent twice leads to one connection.
-- Null for what nobody was asked for. No rotation changes it.
ALTER TABLE connection ADD COLUMN attempt bytea;
CREATE UNIQUE INDEX connection_attempt ON connection (attempt) WHERE attempt IS NOT NULL;
