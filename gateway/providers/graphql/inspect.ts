import { type GraphQLSchema, getIntrospectionQuery } from 'graphql';
import { loadSchema, schemaText } from '#gateway/classify';
import { answerDangers, shownAnswer } from '#gateway/resolve';
import { DomainError, type Json, parseStrictJson, sha256Base64url } from '#lib/core';
import { printedGraphql } from '#lib/documents';
import { visible } from '#lib/text';
import type { Danger, Inspection } from '../provider';
import type { ProviderContext } from './context';
import { dataOf } from './read';

/** A provider's whole schema, without its descriptions. */
const MOST_BYTES = 32 * 1024 * 1024;
const SECONDS = 30;

/** The one safe call, and the schema, with the provider's own secret. */
export async function inspect(context: ProviderContext): Promise<Inspection> {
  const { dangers: refused, answered } = await test(context);
  if (refused.length > 0) return nothing(context, refused);
  const sdl = await introspect(context);
  if (sdl === null) return nothing(context, [NO_SCHEMA]);
  const schema = loadSchema(sdl);
  const hash = sha256Base64url(sdl);
  return {
    version: versionOf(context, schema),
    answered,
    dangers: [],
    warnings: warningsOf(context, schema, hash),
    schema: { hash, sdl },
    ...(context.schema === null ? {} : { schemaChanged: hash !== context.config.schemaHash }),
  };
}

const nothing = ({ profile }: ProviderContext, dangers: readonly Danger[]): Inspection => ({
  version: profile.title,
  dangers,
  warnings: [],
});

const NO_SCHEMA: Danger = {
  text: 'The provider does not tell its schema (introspection), and without it no operation can be classified.',
  mend: 'Use a secret, or an address, for which introspection is switched on.',
};

/**
 * Its answer is shown once introspection has worked as well: what describes its
 * schema and answers the profile's own query is no service that a stolen web
 * server would have us read (T56).
 */
async function test({ profile, upstream, config }: ProviderContext) {
  const query = printedGraphql(profile.test) ?? '{ __typename }';
  const answer = await upstream.call({ operation: { query, variables: {} } }, { seconds: SECONDS });
  const dangers = answerDangers(answer.status);
  return {
    dangers: dangers.length > 0 ? dangers : complaintOf(config, answer.body),
    answered: shownAnswer(answer.body),
  };
}

/** Many providers refuse a secret with status 200 and an error. Its words are shown where the answer may be (T56). */
function complaintOf({ privateNetwork }: ProviderContext['config'], body: string): Danger[] {
  const said = errorIn(body);
  if (said === null) return [];
  return [
    {
      text: `The provider answered the test with an error${privateNetwork ? '.' : `: ${visible(said.slice(0, 200))}`}`,
      mend: 'Check the address, the secret and where it is sent.',
    },
  ];
}

function errorIn(body: string): string | null {
  try {
    const { data, errors } = parseStrictJson(body) as { data?: Json; errors?: ReadonlyArray<{ message?: unknown }> };
    if (Array.isArray(errors) && errors.length > 0) return String(errors[0]?.message ?? 'no words');
    return data === undefined || data === null ? 'it is no GraphQL answer.' : null;
  } catch {
    return 'it is no GraphQL answer.';
  }
}

async function introspect({ upstream }: ProviderContext): Promise<string | null> {
  const query = printedGraphql(getIntrospectionQuery({ descriptions: false })) ?? '';
  const answer = await upstream.call(
    { operation: { query, variables: {} } },
    { maxBytes: MOST_BYTES, seconds: SECONDS },
  );
  try {
    return schemaText(dataOf(answer));
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

const namesOf = (type: ReturnType<GraphQLSchema['getQueryType']>): string[] => Object.keys(type?.getFields() ?? {});

const count = (many: number, one: string, more: string): string => `${many} ${many === 1 ? one : more}`;

function versionOf({ profile }: ProviderContext, schema: GraphQLSchema): string {
  const queries = count(namesOf(schema.getQueryType()).length, 'query', 'queries');
  const mutations = count(namesOf(schema.getMutationType()).length, 'mutation', 'mutations');
  return `${profile.title}, ${queries} and ${mutations}`;
}

function warningsOf(
  { profile, config, schema: known }: ProviderContext,
  schema: GraphQLSchema,
  hash: string,
): string[] {
  const there = [
    ...namesOf(schema.getQueryType()).map((name) => `query ${name}`),
    ...namesOf(schema.getMutationType()).map((name) => `mutation ${name}`),
  ];
  const named = [
    ...Object.keys(profile.query).map((name) => `query ${name}`),
    ...Object.keys(profile.mutation).map((name) => `mutation ${name}`),
  ];
  const unnamed = there.filter((name) => !named.includes(name)).length;
  const gone = named.filter((name) => !there.includes(name)).length;
  const opened = config.opens.filter((name) => !there.includes(name));
  return [
    ...(named.length === 0 ? [GENERIC] : []),
    ...(named.length > 0 && unnamed > 0
      ? [`The profile does not name ${count(unnamed, 'operation', 'operations')} of the provider: unknown is a write.`]
      : []),
    ...(gone > 0
      ? [`The profile names ${count(gone, 'operation', 'operations')} that the provider does not have.`]
      : []),
    ...(opened.length > 0 ? [`The provider does not have what is opened here: ${opened.join(', ')}.`] : []),
    ...(known !== null && hash !== config.schemaHash ? [CHANGED] : []),
  ];
}

const GENERIC = 'This profile knows nothing of the provider: nothing passes at rest but what you open here by name.';
const CHANGED =
  'The provider has another schema now than was signed. What is new in it does not exist here until an owner takes the schema anew.';
