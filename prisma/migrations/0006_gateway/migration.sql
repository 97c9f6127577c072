-- Targets behind the gateway, and the schemas their operations are judged by.
ALTER TABLE targets DROP CONSTRAINT targets_kind_check,
                    ADD CONSTRAINT targets_kind_check CHECK (kind IN ('postgres','token','graphql','http'));

-- By its own hash, which an owner signed: a changed one is not the one that was signed.
CREATE TABLE "target_schemas" (
    "hash" TEXT NOT NULL,
    "sdl" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "target_schemas_pkey" PRIMARY KEY ("hash")
);
REVOKE ALL ON target_schemas FROM PUBLIC;
GRANT SELECT, INSERT ON target_schemas TO countersign_warden;

-- A call that is held open files its own request: the warden speaks for the agent
-- that is on the line. A held call survives nothing, so its request does neither.
ALTER TABLE "requests" ADD COLUMN "held" BOOLEAN NOT NULL DEFAULT false;
GRANT INSERT ON requests TO countersign_warden;

-- Saying no is easy (P9): a session freezes everything, a key thaws it. The
-- warden believes the row's being there, and its end only from the chain.
CREATE TABLE "freezes" (
    "id" TEXT NOT NULL,
    "human_id" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "begun_at" TIMESTAMPTZ(3) NOT NULL,
    "thawed_at" TIMESTAMPTZ(3),
    CONSTRAINT "freezes_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX one_freeze ON freezes ((true)) WHERE thawed_at IS NULL;
CREATE TRIGGER tell AFTER INSERT OR UPDATE ON freezes FOR EACH ROW EXECUTE FUNCTION tell('id');
REVOKE ALL ON freezes FROM PUBLIC;
GRANT SELECT, INSERT ON freezes TO countersign_web;
GRANT SELECT ON freezes TO countersign_warden;
GRANT UPDATE (thawed_at) ON freezes TO countersign_warden;
