-- Customers of the SaaS. The name is what the tenant picker sends; the title is what people read.
CREATE TABLE tenant (
    id         uuid PRIMARY KEY,
    name       text NOT NULL UNIQUE,
    title      text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE app_user (
    id            uuid PRIMARY KEY,
    email         text NOT NULL UNIQUE CHECK (email = lower(email)),
    name          text NOT NULL,
    password_hash text NOT NULL, -- argon2id in its own notation, parameters and salt included
    staff         boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE membership (
    tenant     uuid NOT NULL REFERENCES tenant (id),
    app_user   uuid NOT NULL REFERENCES app_user (id),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (app_user, tenant)
);

-- The cookie holds the id; only its SHA-256 is here. It has 256 random bits, so one hash suffices.
CREATE TABLE session (
    id_hash     bytea PRIMARY KEY,
    app_user    uuid NOT NULL REFERENCES app_user (id),
    csrf_secret bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX session_of_user ON session (app_user);
