-- A role and a schema for each service, so that no service can read or write what belongs to another.
-- Run it once as a superuser in the database of Countersign, before the first start; running it again changes nothing:
--
--   psql -v ON_ERROR_STOP=1 -d countersign -f infra/postgres-roles.sql
--
-- Then give each role a password (\password countersign_intake), and each process the URL of its own role:
-- COUNTERSIGN__STORAGE__DATABASE=postgres://countersign_intake:…@host/countersign countersign serve intake
-- Another prefix than countersign_ is taken from -v prefix=….

\if :{?prefix}
\else
  \set prefix countersign_
\endif
SELECT set_config('countersign.prefix', :'prefix', false) \gset ignored_

DO $roles$
DECLARE
  service text;
  role text;
BEGIN
  -- Nobody works in the schema that everybody may use.
  EXECUTE 'REVOKE ALL ON SCHEMA public FROM PUBLIC';
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  FOREACH service IN ARRAY ARRAY['intake', 'rollout', 'generation', 'review', 'delivery', 'audit', 'gateway'] LOOP
    role := current_setting('countersign.prefix') || service;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', role);
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
    EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', service, role);
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', service);
    EXECUTE format('ALTER ROLE %I IN DATABASE %I SET search_path = %I', role, current_database(), service);
  END LOOP;
END
$roles$;
