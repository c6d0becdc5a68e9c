-- The two roles, the database and the rights between them: the one definition for embedded servers,
-- docker compose (postgres:18 runs it at first start) and a Postgres of your own:
--   OWNER_PASSWORD=… APP_PASSWORD=… psql -f config/embedded/roles.sql postgresql://superuser@host/postgres
-- It may be run again. Without OWNER_PASSWORD the roles are left alone, so that the owner (CREATEDB) can
-- prepare one more database with it. OWNER_ROLE, APP_ROLE and DATABASE_NAME rename owner, app, living_maps.
\set ON_ERROR_STOP on
\set QUIET on
\getenv owner OWNER_ROLE
\getenv app APP_ROLE
\getenv database DATABASE_NAME
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
\if :{?owner} \else \set owner owner \endif
\if :{?app} \else \set app app \endif
\if :{?database} \else \set database living_maps \endif

\if :{?owner_password}
SELECT format('CREATE ROLE %I', name) FROM unnest(ARRAY[:'owner', :'app']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
-- The owner migrates. Row level security is forced, so that it binds the owner too.
ALTER ROLE :"owner" LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE CREATEDB PASSWORD :'owner_password';
-- The service and its workers: rows only, no definitions.
ALTER ROLE :"app" LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'app_password';
\endif

SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO :"app";

\connect :"database"
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO :"owner";
GRANT USAGE ON SCHEMA public TO :"app";
-- What a table grants beyond or below this, its migration says.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO :"app";
