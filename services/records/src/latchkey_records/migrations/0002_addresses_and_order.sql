-- The postal address of a company, which is nested in JSON: address.city.
ALTER TABLE company
    ADD COLUMN address_street  text,
    ADD COLUMN address_city    text,
    ADD COLUMN address_country text;

-- For lists in the order of names, a page at a time.
CREATE INDEX company_by_name ON company (tenant_id, name COLLATE "C", id);
