-- Codes are compared as bytes: cheaper, and all of one kind (token.*) lie together in the index.
ALTER TABLE event
    ALTER COLUMN action TYPE text COLLATE "C",
    ALTER COLUMN result TYPE text COLLATE "C",
    ALTER COLUMN address TYPE text COLLATE "C";

-- What is written newly waits in a list before it is sorted into the index; every search reads that list through.
DROP INDEX event_words;
CREATE INDEX event_words ON event USING gin (words) WITH (gin_pending_list_limit = 512);
