ALTER TABLE client
    ADD COLUMN updated_by uuid,                            -- the person who changed it last; null: staff's command, or nobody
    ADD COLUMN logo       text,                            -- SHA-256 of its picture in hexadecimal
    -- Other tenants may use it while it is published. Staff decide, when its maker asks.
    ADD COLUMN publishing text NOT NULL DEFAULT 'none'
        CHECK (publishing IN ('none', 'pending', 'approved', 'rejected')),
    ADD COLUMN publishing_at     timestamptz,              -- since when it stands so
    ADD COLUMN publishing_by     uuid,                     -- who asked
    ADD COLUMN publishing_note   text NOT NULL DEFAULT '', -- what its maker wrote to staff
    ADD COLUMN publishing_reason text NOT NULL DEFAULT '', -- what staff wrote to its maker
    ADD COLUMN ever_published    boolean NOT NULL DEFAULT false;
UPDATE client SET publishing = 'approved', publishing_at = created_at, ever_published = true WHERE published;
CREATE INDEX client_pending ON client (publishing_at, id) WHERE publishing = 'pending';

CREATE TABLE client_logo (
    client_id uuid PRIMARY KEY REFERENCES client,
    png       bytea NOT NULL
);

-- Which client a form makes, so that sending it twice makes one.
CREATE TABLE client_once (
    tenant_id uuid NOT NULL,
    once      text NOT NULL,
    client_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, once)
);
