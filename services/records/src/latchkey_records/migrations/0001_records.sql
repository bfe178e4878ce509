-- A table for each data model. The tenant leads every key, so no row can point into another tenant.
CREATE TABLE company (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    name        text NOT NULL,
    domain      text,
    owner_id    uuid,                 -- a user; decides who has the company in a portfolio of their own
    phase       text,
    health      text,
    arr         numeric,
    city        text,
    description text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX company_by_owner ON company (tenant_id, owner_id, id);

-- Without a company, a record is seen by those only who see all companies.
CREATE TABLE enduser (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    company_id uuid,
    name       text NOT NULL,
    email      text,
    title      text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, company_id) REFERENCES company (tenant_id, id)
);
CREATE INDEX enduser_by_company ON enduser (tenant_id, company_id, id);

CREATE TABLE conversation (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    company_id uuid,
    subject    text NOT NULL,
    channel    text,
    body       text,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, company_id) REFERENCES company (tenant_id, id)
);
CREATE INDEX conversation_by_company ON conversation (tenant_id, company_id, id);

CREATE TABLE task (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    company_id  uuid,
    title       text NOT NULL,
    done        boolean NOT NULL DEFAULT false,
    due         date,
    assignee_id uuid,                 -- a user
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, company_id) REFERENCES company (tenant_id, id)
);
CREATE INDEX task_by_company ON task (tenant_id, company_id, id);
CREATE INDEX task_open ON task (tenant_id, company_id) WHERE NOT done;

CREATE TABLE asset (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    company_id uuid,
    name       text NOT NULL,
    kind       text,
    serial     text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, company_id) REFERENCES company (tenant_id, id)
);
CREATE INDEX asset_by_company ON asset (tenant_id, company_id, id);
