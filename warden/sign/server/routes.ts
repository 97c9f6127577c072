import { z } from 'zod';
import type { Json } from '#lib/core';
import { Assertion, Registration } from '#lib/statement';
import type { SignWarden } from '../../context';
import { beginRecovery, completeRecovery, finishRecovery, stopRecovery } from '../recovery/recover';
import { beginEnroll, finishEnroll } from '../registration/enroll';
import { beginInvite, finishInvite } from '../registration/invite';
import { KeyLabel, PersonName } from '../registration/registration';
import { beginSetup, finishSetup } from '../registration/setup';
import type { Setup } from '../registration/setup-code';
import { rekey, show } from '../signing/offers';
import { sign } from '../signing/sign';
import { draftTarget, inspectTarget, TypedTarget } from '../target/add';
import { draftRenewal } from '../target/renew';
import { parseBody } from './body';

interface Context {
  readonly warden: SignWarden;
  readonly setup: Setup;
}

type Route = (context: Context, body: Json) => Promise<unknown>;

const Secret = z
  .string()
  .min(16)
  .max(200)
  .regex(/^[A-Za-z0-9_-]+$/);
const RecoveryCode = z.string().min(25).max(60);
const DraftId = z.string().regex(/^drf_[0-9a-z]{20}$/);
/** The bytes of a SHA-256. */
const Challenge = z.array(z.int().min(0).max(255)).length(32);
const KeyId = z.string().regex(/^key_[0-9a-z]{20}$/);
const Registering = { draft: DraftId, registration: Registration, label: KeyLabel };

/** Nothing reaches a handler unparsed. */
const route =
  <T>(schema: z.ZodType<T>, handle: (context: Context, body: T) => Promise<unknown>): Route =>
  (context, body) =>
    handle(context, parseBody(schema, body));

/** Everything this origin can be asked to do. None of it changes anything that counts but /api/sign, the first set-up and a recovery code. */
export const ROUTES: ReadonlyMap<string, Route> = new Map([
  [
    '/api/setup/begin',
    route(z.strictObject({ code: Secret, name: PersonName, email: z.email().max(200) }), ({ warden, setup }, body) =>
      beginSetup(warden, setup, body),
    ),
  ],
  [
    '/api/setup/finish',
    route(
      z.strictObject({ code: Secret, ...Registering, acceptsClaimed: z.boolean().optional() }),
      ({ warden, setup }, body) => finishSetup(warden, setup, body),
    ),
  ],
  ['/api/invite/begin', route(z.strictObject({ code: Secret }), ({ warden }, body) => beginInvite(warden, body))],
  [
    '/api/invite/finish',
    route(z.strictObject({ code: Secret, ...Registering }), ({ warden }, body) => finishInvite(warden, body)),
  ],
  ['/api/enroll/begin', route(z.strictObject({ ticket: Secret }), ({ warden }, body) => beginEnroll(warden, body))],
  [
    '/api/enroll/finish',
    route(z.strictObject({ ticket: Secret, ...Registering }), ({ warden }, body) => finishEnroll(warden, body)),
  ],
  [
    '/api/recover/begin',
    route(z.strictObject({ code: RecoveryCode }), ({ warden }, body) => beginRecovery(warden, body)),
  ],
  [
    '/api/recover/finish',
    route(z.strictObject({ code: RecoveryCode, ...Registering }), ({ warden }, body) => finishRecovery(warden, body)),
  ],
  [
    '/api/recover/complete',
    route(z.strictObject({ code: RecoveryCode }), ({ warden }, body) => completeRecovery(warden, body)),
  ],
  ['/api/recover/stop', route(z.strictObject({ ticket: Secret }), ({ warden }, body) => stopRecovery(warden, body))],
  ['/api/ticket', route(z.strictObject({ ticket: Secret }), ({ warden }, { ticket }) => show(warden, ticket))],
  [
    '/api/rekey',
    route(z.strictObject({ draft: DraftId, keyId: KeyId, challenge: Challenge }), ({ warden }, body) =>
      rekey(warden, body),
    ),
  ],
  [
    '/api/target/inspect',
    route(z.strictObject({ ticket: Secret, target: TypedTarget }), ({ warden }, body) => inspectTarget(warden, body)),
  ],
  [
    '/api/target/draft',
    route(
      // A first agent's name, where the page offered one.
      z.strictObject({ ticket: Secret, target: TypedTarget, agent: z.string().max(60).nullable() }),
      ({ warden }, body) => draftTarget(warden, body),
    ),
  ],
  [
    '/api/renew/draft',
    route(z.strictObject({ ticket: Secret, secret: z.string().max(4_000) }), ({ warden }, body) =>
      draftRenewal(warden, body),
    ),
  ],
  [
    '/api/sign',
    route(z.strictObject({ draft: DraftId, assertion: Assertion }), ({ warden }, body) => sign(warden, body)),
  ],
]);
