-- The gateway is a process of its own, with a role of its own (countersign_gateway).
-- It believes what the warden signed, and leaves what it found, signed, in rows.

-- Providers' secrets, sealed to the gateway's key: the warden writes them and cannot read them back.
CREATE TABLE "provider_secrets" (
    "target_id" TEXT NOT NULL,
    "ciphertext" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "provider_secrets_pkey" PRIMARY KEY ("target_id")
);

-- What the warden signed and counts now: targets behind the gateway, agents, resting reads.
CREATE TABLE "records" (
    "kind" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    CONSTRAINT "records_pkey" PRIMARY KEY ("kind", "id")
);

-- One row: the newest head.
CREATE TABLE "heads" (
    "id" INTEGER NOT NULL CHECK ("id" = 1),
    "seq" BIGINT NOT NULL,
    "body" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    CONSTRAINT "heads_pkey" PRIMARY KEY ("id")
);

-- Grants that ended before their credential's `exp`. The head counts and digests them.
CREATE TABLE "ended_grants" (
    "grant_id" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "ended_grants_pkey" PRIMARY KEY ("grant_id")
);

-- Copies of the gateway that run, each with the key it signs results with, certified by the gateway key.
CREATE TABLE "gateway_instances" (
    "id" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "nonce" TEXT NOT NULL,
    "alarms" JSONB NOT NULL DEFAULT '[]',
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "gateway_instances_pkey" PRIMARY KEY ("id")
);

-- A call for an approved operation is on the line at this copy: the warden is to order it.
CREATE TABLE "orders_wanted" (
    "id" TEXT NOT NULL,
    "grant_id" TEXT NOT NULL,
    "operation_digest" TEXT NOT NULL,
    "instance_id" TEXT NOT NULL,
    -- Who is on the line.
    "agent_id" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "key_thumbprint" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "orders_wanted_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "orders" (
    "id" TEXT NOT NULL,
    "wanted_id" TEXT,
    "grant_id" TEXT NOT NULL,
    "instance_id" TEXT NOT NULL,
    "runs" BOOLEAN NOT NULL,
    "body" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "orders_wanted_id_key" ON "orders" ("wanted_id");
-- An approved operation is ordered once, whatever else goes wrong.
CREATE UNIQUE INDEX one_order ON orders (grant_id) WHERE runs;
CREATE TABLE "order_results" (
    "order_id" TEXT NOT NULL,
    "grant_id" TEXT NOT NULL,
    "instance_id" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "order_results_pkey" PRIMARY KEY ("order_id")
);

-- One row a use. Two copies that count at once cannot both be the n-th; a proof is used once.
CREATE TABLE "grant_uses" (
    "id" TEXT NOT NULL,
    "grant_id" TEXT NOT NULL,
    -- Null where the grant is not counted.
    "n" INTEGER CHECK ("n" >= 1),
    "jti" TEXT,
    "instance_id" TEXT NOT NULL,
    "used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "grant_uses_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "grant_uses_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "grants" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "grant_uses_grant_id_n_key" ON "grant_uses" ("grant_id", "n");
CREATE UNIQUE INDEX "grant_uses_jti_key" ON "grant_uses" ("jti");

-- What a copy of the gateway found out, signed with the gateway key.
CREATE TABLE "looks" (
    "id" TEXT NOT NULL,
    -- request | probe | target
    "kind" TEXT NOT NULL CHECK ("kind" IN ('request', 'probe', 'target')),
    -- req_…, prb_… or tgt_…
    "subject_id" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "looks_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "looks_kind_subject_id_idx" ON "looks" ("kind", "subject_id");
-- A target that is being added: the gateway is to try what was typed.
CREATE TABLE "probes" (
    "id" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "probes_pkey" PRIMARY KEY ("id")
);

-- A held call: the same agent's same call finds it again, at any copy.
ALTER TABLE "requests" ADD COLUMN "held_digest" TEXT;
ALTER TABLE requests ADD CHECK (held = (held_digest IS NOT NULL));
CREATE INDEX "requests_agent_id_held_digest_idx" ON "requests" ("agent_id", "held_digest");

-- Who files what. The gateway's role files for a call that is held, at a provider,
-- and no more than people can read (T17); web's role files for nobody's call.
CREATE FUNCTION filed_by() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  IF current_user = 'countersign_web' AND NEW.held THEN
    RAISE EXCEPTION 'web holds no calls' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF current_user <> 'countersign_gateway' THEN RETURN NEW; END IF;
  IF NOT NEW.held OR NEW.state <> 'preparing'
    OR NOT EXISTS (SELECT FROM targets WHERE id = NEW.target_id AND kind IN ('graphql', 'http')) THEN
    RAISE EXCEPTION 'the gateway files held calls at providers only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- The limits below count by it.
  NEW.created_at := now();
  PERFORM pg_advisory_xact_lock(hashtextextended('held ' || NEW.agent_id, 0));
  IF (SELECT count(*) FROM requests WHERE agent_id = NEW.agent_id AND held AND created_at > now() - interval '1 minute') >= 10 THEN
    RAISE EXCEPTION 'held_calls_of_agent' USING ERRCODE = 'program_limit_exceeded';
  END IF;
  -- Filings of different agents at once count one another as well.
  PERFORM pg_advisory_xact_lock(hashtextextended('held by anybody', 0));
  IF (SELECT count(*) FROM requests WHERE held AND created_at > now() - interval '1 minute') >= 300 THEN
    RAISE EXCEPTION 'held_calls_of_all' USING ERRCODE = 'program_limit_exceeded';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER filed_by BEFORE INSERT ON requests FOR EACH ROW EXECUTE FUNCTION filed_by();

-- No act without its record (P4): what the gateway files is on record when it commits.
CREATE FUNCTION filed_on_record() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  IF current_user = 'countersign_gateway'
    AND NOT EXISTS (SELECT FROM audit_events WHERE request_id = NEW.id AND kind = 'request.filed') THEN
    RAISE EXCEPTION 'request % is not on record', NEW.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER filed_on_record AFTER INSERT ON requests DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION filed_on_record();

-- What the gateway records, an agent did, through it, now: it puts nothing into a person's mouth, and no alarm out.
CREATE FUNCTION recorded_by() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  said jsonb := NEW.body::jsonb;
BEGIN
  IF current_user = 'countersign_gateway' AND (NEW.kind NOT IN ('request.filed', 'gateway.read', 'gateway.refused', 'grant.used')
    OR NEW.actor IS DISTINCT FROM NEW.agent_id OR said->>'actor' IS DISTINCT FROM NEW.actor OR said->>'kind' IS DISTINCT FROM NEW.kind) THEN
    RAISE EXCEPTION 'the gateway records what agents do through it' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER recorded_by BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION recorded_by();

-- A use is within what its grant's row allows as well as within its token, while the grant lives.
CREATE FUNCTION use_allowed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
  of record;
BEGIN
  SELECT max_uses, state, expires_at INTO of FROM grants WHERE id = NEW.grant_id;
  IF NOT FOUND OR of.state <> 'active' OR of.expires_at IS NULL OR of.expires_at <= clock_timestamp() THEN
    RAISE EXCEPTION 'grant % has ended', NEW.grant_id USING ERRCODE = 'check_violation';
  END IF;
  IF (of.max_uses IS NULL) <> (NEW.n IS NULL) OR NEW.n > of.max_uses THEN
    RAISE EXCEPTION 'the uses of grant % are spent', NEW.grant_id USING ERRCODE = 'check_violation';
  END IF;
  -- Commits with a notice wait for one another, so only the last uses of a grant are told: it is to end at once.
  IF NEW.n > of.max_uses - 20 THEN
    PERFORM pg_notify('countersign', 'grant_uses ' || NEW.grant_id);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER use_allowed BEFORE INSERT ON grant_uses FOR EACH ROW EXECUTE FUNCTION use_allowed();

-- Written once.
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON grant_uses FOR EACH STATEMENT EXECUTE FUNCTION written_once();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION written_once();
CREATE TRIGGER written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON order_results FOR EACH STATEMENT EXECUTE FUNCTION written_once();

-- A changed row is the message.
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON heads FOR EACH ROW EXECUTE FUNCTION tell('seq');
CREATE TRIGGER tell AFTER INSERT ON gateway_instances FOR EACH ROW EXECUTE FUNCTION tell('id');
CREATE TRIGGER tell AFTER INSERT ON orders_wanted FOR EACH ROW EXECUTE FUNCTION tell('id');
CREATE TRIGGER tell AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION tell('id');
CREATE TRIGGER tell AFTER INSERT ON order_results FOR EACH ROW EXECUTE FUNCTION tell('order_id');
CREATE TRIGGER tell AFTER INSERT ON looks FOR EACH ROW EXECUTE FUNCTION tell('id');
CREATE TRIGGER tell AFTER INSERT ON probes FOR EACH ROW EXECUTE FUNCTION tell('id');

REVOKE ALL ON provider_secrets, records, heads, ended_grants, gateway_instances, orders_wanted, orders, order_results,
  grant_uses, looks, probes FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO countersign_gateway;
GRANT USAGE ON SEQUENCE audit_events_seq_seq TO countersign_gateway;

-- Gateway: reads what it is to believe and what forbids; leaves uses, wishes, results, looks, held requests.
-- No UPDATE but of its own pulse: nothing it writes moves a grant, a request or an agent.
GRANT SELECT ON provider_secrets, records, heads, ended_grants, gateway_instances, orders_wanted, orders, order_results,
  grant_uses, looks, probes, target_schemas, freezes TO countersign_gateway;
GRANT SELECT (id, token_hash, public_jwk, state) ON agents TO countersign_gateway;
GRANT SELECT (id, name, kind, config, state) ON targets TO countersign_gateway;
GRANT SELECT (id, agent_id, target_id, request_id, kind, state, max_uses, ready_at, collect_by, expires_at, end_reason, version)
  ON grants TO countersign_gateway;
GRANT SELECT (id, agent_id, target_id, resources, verbs, ttl_seconds, max_uses, reason, ticket_url, operation, state, state_reason,
  held, held_digest, idempotency_key, idempotency_hash, created_at, decide_by, decided_at, decided_by, version)
  ON requests TO countersign_gateway;
GRANT SELECT (request_id, kind) ON audit_events TO countersign_gateway;
GRANT INSERT ON grant_uses, orders_wanted, order_results, looks, gateway_instances, target_schemas, requests, audit_events
  TO countersign_gateway;
GRANT UPDATE (nonce, seen_at, alarms) ON gateway_instances TO countersign_gateway;

GRANT SELECT ON provider_secrets, records, heads, ended_grants, gateway_instances, orders_wanted, orders, order_results,
  grant_uses, looks, probes TO countersign_warden;
GRANT INSERT ON provider_secrets, records, heads, ended_grants, orders, probes TO countersign_warden;
GRANT UPDATE ON provider_secrets, records, heads TO countersign_warden;
GRANT DELETE ON provider_secrets, records, ended_grants, gateway_instances, orders_wanted, looks, probes TO countersign_warden;
-- Held calls are the gateway's to file; schemas are its to bring.
REVOKE INSERT ON requests FROM countersign_warden;
REVOKE INSERT ON target_schemas FROM countersign_warden;

-- Web: shows which copies run.
GRANT SELECT (id, alarms, started_at, seen_at) ON gateway_instances TO countersign_web;
