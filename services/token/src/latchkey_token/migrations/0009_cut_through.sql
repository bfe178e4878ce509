-- The app through which the person cut them, if it was one; told of when the dead are counted.
ALTER TABLE kill ADD COLUMN through uuid;
