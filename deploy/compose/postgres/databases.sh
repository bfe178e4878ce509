#!/bin/sh
# Once, in a new data folder: a role and a database for each service with state. Both, and the password, stand in the
# service's DATABASE_URL, in the files database-<service>. Nobody else may connect.
set -eu
echo 'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC' | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1
for file in "${SECRETS:-/run/secrets}"/database-*; do
    url=$(cat "$file")
    login=${url#*://}
    login=${login%%@*}
    ROLE=${login%%:*} PASSWORD=${login#*:} DATABASE=${url##*/} psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 <<'SQL'
\getenv role ROLE
\getenv password PASSWORD
\getenv database DATABASE
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"database" OWNER :"role";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
SQL
done
