import { expect, it } from 'vitest';
import { agentForm } from './agent-form';

function filled(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries({ name: 'bot', description: '', publicJwk: '', ...fields }))
    form.set(name, value);
  return form;
}

it('keeps a private key in the browser', () => {
  expect(agentForm(filled({ publicJwk: '{"kty":"EC","d":"secret"}' }))).toHaveProperty('wrong');
});

it('says so when what was pasted is no key', () => {
  for (const publicJwk of ['hello', '"text"', 'null', '7'])
    expect(agentForm(filled({ publicJwk }))).toHaveProperty('wrong');
});

it('leaves an empty key as it is, and removes one only when asked to', () => {
  const typed = { name: 'bot', description: '' };
  expect(agentForm(filled({}))).toEqual({ typed });
  expect(agentForm(filled({ removeKey: 'on' }))).toEqual({ typed: { ...typed, publicJwk: null } });
  expect(agentForm(filled({ publicJwk: '{"kty":"EC"}' }))).toMatchObject({ typed: { publicJwk: { kty: 'EC' } } });
});

it('sends what the form has, and a number of days as a number', () => {
  const form = new FormData();
  form.set('days', '30');
  expect(agentForm(form)).toEqual({ typed: { days: 30 } });
});
