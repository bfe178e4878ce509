-- When somebody last authenticated with a secret: noted once a minute at most, beside the requests.
CREATE TABLE secret_use (
    hash    bytea PRIMARY KEY,             -- SHA-256, as the gate has it
    used_at timestamptz NOT NULL
) WITH (fillfactor = 50);
