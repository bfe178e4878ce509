ALTER TABLE client
    ADD COLUMN dynamic   boolean NOT NULL DEFAULT false,  -- staff: no ceiling, users pick from their roles
    ADD COLUMN narrowing boolean NOT NULL DEFAULT false,  -- its admin: users may leave out some of what it asks for
    ADD CONSTRAINT dynamic_has_no_tokens_of_its_own CHECK (NOT (dynamic AND client_credentials));
