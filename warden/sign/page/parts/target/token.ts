import { check, field, words } from '../form';
import type { Fields, Shared } from './fields';

/** The form for a service that checks the warden's tokens itself. */
export function token(shared: Shared): Fields {
  const audience = field({
    label: 'Audience',
    type: 'url',
    hint: 'The address your service calls itself: https://deploy.example',
  });
  const resources = field({ label: 'Resources', hint: 'deploy/api or deploy/*, separated by spaces.' });
  const verbs = field({ label: 'Verbs', hint: 'read deploy rollback' });
  const destructive = field({ label: 'Of these, destructive', hint: 'They ask for the resource’s name to be typed.' });
  const introspected = check('The service asks Countersign on every call, so that revoking works at once', true);
  return {
    elements: [
      ...shared.first,
      audience.element,
      resources.element,
      verbs.element,
      destructive.element,
      introspected.element,
      ...shared.last,
    ],
    typed: () => ({
      kind: 'token',
      ...shared.typed(),
      audience: audience.input.value,
      resources: words(resources.input.value),
      verbs: words(verbs.input.value),
      destructiveVerbs: words(destructive.input.value),
      introspected: introspected.input.checked,
    }),
  };
}
