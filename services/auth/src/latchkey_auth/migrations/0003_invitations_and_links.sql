-- What people are shown of their sessions. The id tells them apart and opens none; address and agent are those of the
-- sign-in.
ALTER TABLE session
    ADD COLUMN id           uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD COLUMN address      text,
    ADD COLUMN agent        text;
CREATE UNIQUE INDEX session_by_id ON session (id);

-- A link is good once: its row goes when it is used, withdrawn or replaced. Only the SHA-256 of a token is here.
CREATE TABLE invitation (
    id         uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    tenant     uuid NOT NULL REFERENCES tenant (id),
    email      text NOT NULL CHECK (email = lower(email)),
    role       uuid NOT NULL,
    invited_by uuid, -- the member whose own role bounds it; null for staff
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    UNIQUE (tenant, email)
);

CREATE TABLE password_link (
    app_user   uuid PRIMARY KEY REFERENCES app_user (id),
    token_hash bytea NOT NULL UNIQUE,
    tenant     uuid REFERENCES tenant (id), -- where whoever made it manages; null for staff
    made_by    uuid NOT NULL,
    expires_at timestamptz NOT NULL
);
