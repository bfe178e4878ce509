-- Checkpoints in the order in which they were made, for the file that they are copied to.
CREATE INDEX checkpoint_time ON checkpoint (at, tenant_id);
