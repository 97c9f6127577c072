-- What the warden makes of the gateway's keys, for the console: { file, copies }.
-- Web reads it with the rest of the row, and believes nothing by it.
ALTER TABLE "warden_status" ADD COLUMN "gateway" JSONB;
