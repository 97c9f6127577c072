-- A preview is shown to whoever signs. Sealed by the warden together with the
-- ask it was made for, so that neither can be changed in the row unnoticed (P2, P3).
ALTER TABLE "requests" ADD COLUMN "preview_seal" TEXT;
GRANT UPDATE (preview_seal) ON requests TO countersign_warden;
