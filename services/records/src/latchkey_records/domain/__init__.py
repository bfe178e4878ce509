"""Rules of the data models: what there is, what may be asked, what is shown. Pure."""
