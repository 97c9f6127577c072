import type { FieldError } from '#lib/core';
import { classesOf, isUpstreamResource, profileOf } from '#lib/profiles';
import type { UpstreamConfig } from './config';
import { type Ask, isGraphql, isHttp } from './operation';

/** Fields of an ask that this target's profile cannot grant, and what it can. */
export function checkUpstream(target: UpstreamConfig, ask: Ask): FieldError[] {
  return [
    ...ask.resources.flatMap((resource, index) =>
      isUpstreamResource(resource) ? [] : [{ pointer: `/resources/${index}`, detail: 'Write TYPE/ID or TYPE/*.' }],
    ),
    ...checkPairs(target, ask),
    ...checkOperation(target, ask),
  ];
}

/** Each resource needs a verb of the ask that the profile has for it, and each verb a resource: what stands alone would be granted and mean nothing. */
function checkPairs(target: UpstreamConfig, ask: Ask): FieldError[] {
  const profile = profileOf(target.profile);
  const known = (resource: string, verb: string): boolean => {
    const classes = classesOf(profile, resource, verb);
    return classes.some((one) => one !== 'escalating' || ask.operation !== null);
  };
  const lost = [
    ...ask.resources.flatMap((resource, index) =>
      ask.verbs.some((verb) => known(resource, verb)) ? [] : [{ pointer: `/resources/${index}`, detail: NOT_GRANTED }],
    ),
    ...ask.verbs.flatMap((verb, index) =>
      ask.resources.some((resource) => known(resource, verb))
        ? []
        : [{ pointer: `/verbs/${index}`, detail: NOT_GRANTED }],
    ),
  ];
  return lost;
}

const NOT_GRANTED =
  'Nothing here can be granted by these names. GET /api/v1/targets lists the pairs; what mints credentials or members, or turns a protection off, is granted only as an exact operation.';

function checkOperation(target: UpstreamConfig, { operation, maxUses }: Ask): FieldError[] {
  if (operation === null) return [];
  const fits = target.kind === 'graphql' ? isGraphql(operation) : isHttp(operation);
  const shape =
    target.kind === 'graphql'
      ? 'Send the GraphQL operation as { query, variables }.'
      : 'Send the call as { method, path, contentType, body }.';
  return [
    ...(fits ? [] : [{ pointer: '/operation', detail: shape }]),
    ...(maxUses === null || maxUses === 1
      ? []
      : [{ pointer: '/maxUses', detail: 'An exact operation runs once. Leave maxUses out or send 1.' }]),
  ];
}
