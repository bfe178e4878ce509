-- Numbers under which events came that were here already: after a restore a source numbers all that it has anew.
CREATE TABLE renumbered (
    source text NOT NULL,
    epoch  text NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (source, epoch, number)
);
