#!/bin/sh
# Once, in a new data folder: a role and a database for each service with state. Both, and the password, stand in the
# service's DATABASE_URL, in the files database-<service>. Nobody else may connect. Where there is an owner-<service>,
# the role in that one owns the database, and the service's own may do what the migration then lets it.
set -eu
run() { psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 "$@"; }

# Makes the role of the address in a file, and leaves ROLE and DATABASE.
role() {
    url=$(cat "$1")
    login=${url#*://}
    login=${login%%@*}
    ROLE=${login%%:*} DATABASE=${url##*/}
    export ROLE DATABASE
    PASSWORD=${login#*:} run <<'SQL'
\getenv role ROLE
\getenv password PASSWORD
CREATE ROLE :"role" LOGIN PASSWORD :'password';
SQL
}

echo 'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC' | run
for file in "${SECRETS:-/run/secrets}"/database-*; do
    role "$file"
    SERVED=$ROLE
    export SERVED
    owner=${file%/*}/owner-${file##*/database-}
    if [ -e "$owner" ]; then role "$owner"; fi
    run <<'SQL'
\getenv owner ROLE
\getenv served SERVED
\getenv database DATABASE
CREATE DATABASE :"database" OWNER :"owner";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"served";
SQL
done
