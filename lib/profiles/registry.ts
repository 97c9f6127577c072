import { canonicalText, type Json, sha256Base64url } from '#lib/core';
import { genericGraphql } from './generic/graphql';
import { genericHttp } from './generic/http';
import { githubRest } from './github-rest/profile';
import { railway } from './railway/profile';
import type { GraphqlProfile, HttpProfile, Profile } from './types';

export const GRAPHQL_PROFILES = ['railway', 'generic-graphql'] as const;
export const HTTP_PROFILES = ['github-rest', 'generic-http'] as const;
export type GraphqlProfileName = (typeof GRAPHQL_PROFILES)[number];
export type HttpProfileName = (typeof HTTP_PROFILES)[number];
export type ProfileName = GraphqlProfileName | HttpProfileName;

const GRAPHQL: Readonly<Record<GraphqlProfileName, GraphqlProfile>> = {
  railway,
  'generic-graphql': genericGraphql,
};
const HTTP: Readonly<Record<HttpProfileName, HttpProfile>> = { 'github-rest': githubRest, 'generic-http': genericHttp };

export const graphqlProfile = (name: GraphqlProfileName): GraphqlProfile => GRAPHQL[name];
export const httpProfile = (name: HttpProfileName): HttpProfile => HTTP[name];
export const profileOf = (name: ProfileName): Profile => ({ ...GRAPHQL, ...HTTP })[name];

const hashes = new Map<ProfileName, string>();

/** SHA-256 of a profile's canonical JSON, base64url. The policy hash of every statement takes it in: other rules, another approval. */
export function profileHash(name: ProfileName): string {
  const known = hashes.get(name) ?? sha256Base64url(canonicalText(plain(profileOf(name))));
  hashes.set(name, known);
  return known;
}

const plain = (profile: Profile): Json =>
  JSON.parse(
    JSON.stringify(profile, (_key, value: unknown) =>
      value instanceof RegExp ? String(value) : value instanceof Set ? [...value].sort() : value,
    ),
  ) as Json;
