-- A number that is drawn anew with every registration: after a restore the same revision may come back with other
-- models, and an instance that ran on must not take its copy for theirs.
ALTER TABLE catalogue ADD COLUMN stamp uuid NOT NULL DEFAULT gen_random_uuid();

-- Whether users pick from their whole role, without a ceiling.
ALTER TABLE ceiling ADD COLUMN dynamic boolean NOT NULL DEFAULT false;

-- No role: none yet, or none any more. The revision counts changes of role, teams and list alike.
-- `leaving_at` is when somebody was last allowed to leave the tenant: they do not count as staying.
ALTER TABLE assignment ALTER COLUMN role_id DROP NOT NULL, ADD COLUMN leaving_at timestamptz;

-- Who is in a team with somebody sees that one's companies, where the portfolio is `team`.
CREATE TABLE team (
    id        uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    name      text NOT NULL,
    UNIQUE (tenant_id, name),
    UNIQUE (tenant_id, id)
);
CREATE TABLE team_member (
    tenant_id uuid NOT NULL,
    team_id   uuid NOT NULL,
    user_id   uuid NOT NULL,
    PRIMARY KEY (tenant_id, team_id, user_id),
    FOREIGN KEY (tenant_id, team_id) REFERENCES team (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX team_member_by_user ON team_member (tenant_id, user_id);

-- The companies that a user sees, where the portfolio is `listed`.
CREATE TABLE listed_company (
    tenant_id  uuid NOT NULL,
    user_id    uuid NOT NULL,
    company_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, user_id, company_id)
);
