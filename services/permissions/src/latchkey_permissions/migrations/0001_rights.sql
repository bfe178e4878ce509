-- The data models of every resource server. `definition` is the JSON of latchkey_policy.catalogue.Model.
CREATE TABLE data_model (
    name            text PRIMARY KEY,
    route           text NOT NULL UNIQUE,
    resource_server text NOT NULL,
    definition      bytea NOT NULL,
    revision        bigint NOT NULL  -- of the catalogue, when it was registered like this
);

-- One row: moves with every registration, so that each instance knows when to read the models again.
CREATE TABLE catalogue (
    single   boolean PRIMARY KEY DEFAULT true CHECK (single),
    revision bigint NOT NULL DEFAULT 0
);
INSERT INTO catalogue DEFAULT VALUES;

-- `permissions` is a permission set in the canonical JSON of latchkey_policy, here and below: equal sets, equal text.
CREATE TABLE role (
    id          uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL,
    name        text NOT NULL,
    permissions text NOT NULL,
    portfolio   text NOT NULL,
    app_center  boolean NOT NULL,
    settings    boolean NOT NULL,
    audit       boolean NOT NULL,
    revision    bigint NOT NULL,
    UNIQUE (tenant_id, name),
    UNIQUE (tenant_id, id)
);

-- Which role a user has in a tenant. The role is always one of that tenant's.
CREATE TABLE assignment (
    tenant_id uuid NOT NULL,
    user_id   uuid NOT NULL,
    role_id   uuid NOT NULL,
    revision  bigint NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, role_id) REFERENCES role (tenant_id, id)
);
CREATE INDEX assignment_by_role ON assignment (tenant_id, role_id);

-- The most that a client may ever do. `tenant_id` is the tenant that made the client.
CREATE TABLE ceiling (
    client_id   uuid PRIMARY KEY,
    tenant_id   uuid NOT NULL,
    permissions text NOT NULL,
    revision    bigint NOT NULL
);

-- What users granted, once per tenant and content. Rows are added and never changed.
CREATE TABLE grant_document (
    tenant_id  uuid NOT NULL,
    digest     bytea NOT NULL CHECK (digest = sha256(body)),
    body       bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, digest)
);

-- Floors that the token service has not confirmed yet, written in the transaction of the change.
CREATE TABLE pending_floor (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text NOT NULL,
    key      text NOT NULL,
    revision bigint NOT NULL
);
