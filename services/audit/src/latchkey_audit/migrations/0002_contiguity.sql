-- How far the events of a source are all there: every number of this epoch up to this one. It only ever grows.
CREATE TABLE contiguity (
    source  text NOT NULL,
    epoch   text NOT NULL,
    through bigint NOT NULL,
    PRIMARY KEY (source, epoch)
);
